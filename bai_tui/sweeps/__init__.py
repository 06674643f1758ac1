"""Parameter studies: one batch session for every combination of range expressions.

`spec` says what to run, `case` what became of each combination, `journal` keeps it on disk so that
a closed program can go on, `runner` does it, `manager` holds them all. No Textual in here.
"""
