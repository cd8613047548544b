"""Commands of the application, joined to ``pegel`` by entry points."""
