"""What pages show, composed from contracts, by subject."""
