"""The terminal: an engine, an encoder of keys, a link to a session, the widget of them all."""
