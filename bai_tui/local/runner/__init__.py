"""The program inside a session: one supervisor process that owns its shell and interpreter.

It runs on the standard library alone, starts fast, and ends everything below it when the control
channel to the cluster closes, however the cluster ended.
"""
