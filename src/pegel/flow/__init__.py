"""Flow metrics: one file per metric."""
