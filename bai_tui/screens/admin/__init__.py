"""Administration: one generic view of resources, a small module of data for each of them."""
