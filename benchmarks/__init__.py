"""Costs shown side by side with a peer or a limit, as ratios. Not part of the tests."""
