"""One adopter or a few, compared with a weighted mixture of the others."""
