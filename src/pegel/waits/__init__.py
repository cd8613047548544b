"""Why work waits, where the delay lies, and where to start."""
