"""The organisation for programs, by subject."""
