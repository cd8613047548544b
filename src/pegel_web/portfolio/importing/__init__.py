"""From an inventory of use cases to what would change, and then to what did."""
