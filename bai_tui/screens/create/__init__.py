"""Starting a session: what can be chosen, checking it, the form."""
