"""The endpoints, one module per path prefix; each has `add_routes(app)`."""
