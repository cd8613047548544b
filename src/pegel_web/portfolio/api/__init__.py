"""The portfolio, for programs."""
