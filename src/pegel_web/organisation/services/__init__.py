"""Changing the organisation: one call per step, the actor first, one transaction each."""
