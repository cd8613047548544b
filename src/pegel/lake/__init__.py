"""The event log on disk (Delta on Parquet) and the engine that reads it."""
