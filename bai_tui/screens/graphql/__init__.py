"""The GraphQL console."""
