"""Counts and rare events."""
