"""Resolvers of the root type `Queries`, named like its fields.

Each takes the `Request` and the field's arguments by name (None when not given).
"""
