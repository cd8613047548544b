"""What an effect is worth after all costs."""
