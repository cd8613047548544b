"""What the pages of the portfolio show."""
