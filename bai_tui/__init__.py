"""bai-tui: a full-screen terminal program for Backend.AI clusters."""

__version__ = "0.1.0"
