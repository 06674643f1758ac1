"""Local ports to the services of sessions, kept open for as long as they are wanted.

`proxy` is one of them, `manager` holds them all and remembers those to be opened again, `ssh` is
what an ssh client needs. No Textual in here.
"""
