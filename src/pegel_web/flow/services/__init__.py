"""Changing value streams, and having them computed."""
