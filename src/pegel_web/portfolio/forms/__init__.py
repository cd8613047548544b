"""What people enter about use cases."""
