"""Scheduled pick-up: exports that a tool drops into a folder are imported as if somebody had uploaded them."""
