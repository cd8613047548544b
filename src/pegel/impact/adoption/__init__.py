"""Who adopted when, and the panel made of that."""
