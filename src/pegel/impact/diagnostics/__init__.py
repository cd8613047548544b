"""What speaks against an estimate."""
