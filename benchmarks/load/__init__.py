"""The application under fifty people."""
