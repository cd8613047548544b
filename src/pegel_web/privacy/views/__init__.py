"""Pages of privacy and the audit."""
