"""Random assignment, and looking at a running trial."""
