"""The portfolio: every AI use case from idea to scaled use or a clean end."""
