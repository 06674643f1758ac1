"""Parameter studies: the list of them, the plan of a new one, the live grid of one."""
