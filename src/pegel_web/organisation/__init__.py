"""Units, people, roles, delegation, decisions, and how people sign in."""
