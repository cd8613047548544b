"""What the portfolio answers."""
