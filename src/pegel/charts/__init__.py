"""Results in, Altair charts out."""
