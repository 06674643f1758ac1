"""Compute sessions: the list, one session, starting one."""
