"""The pages of value streams."""
