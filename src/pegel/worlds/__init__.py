"""Invented organisations with known truth, for tests and demonstrations."""
