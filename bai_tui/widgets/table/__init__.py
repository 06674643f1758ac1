"""A table of many live rows: the widget, its columns, and pure exports of what it shows."""
