"""From a plan to a verdict."""
