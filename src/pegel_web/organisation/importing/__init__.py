"""From a file with units, people, memberships, products, roles to what would change, and then to what did."""
