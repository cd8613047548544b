"""What every request needs and no domain owns: who acts, what is allowed, what was done, what went wrong."""
