"""What the pages of value streams are made of: contracts in, components out."""
