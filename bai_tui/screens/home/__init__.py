"""Home: who and where am I, what do I use of what I may, what failed, what waits for me."""
