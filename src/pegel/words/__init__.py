"""Sentences and labels for people (German and English), keyed by codes."""
