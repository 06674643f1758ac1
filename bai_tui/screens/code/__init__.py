"""Running code in a session: the notebook, batch mode."""
