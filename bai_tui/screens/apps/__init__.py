"""Local ports to services of sessions: the list of them, and choosing a service."""
