"""Settings: everything that can be chosen, and the key of every action, in one list."""
