"""Times of which some are not over."""
