"""The way to the mail server of the installation."""
