"""ServiceNow: incidents with their history from the Table API, and the layout of the UCI incident log."""
