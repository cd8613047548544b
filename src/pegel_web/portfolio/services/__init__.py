"""Changing the portfolio."""
