"""One module per function class of the manual; each accessor holds its session."""
