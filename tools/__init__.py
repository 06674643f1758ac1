"""Programs for those who work on bai-tui."""
