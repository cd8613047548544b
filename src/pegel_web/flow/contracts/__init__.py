"""What the interfaces get to see of value streams, one file per subject."""
