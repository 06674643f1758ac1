"""Connections: the clusters known by name, testing them, switching between them."""
