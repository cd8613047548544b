"""Pegel reads the flow of real work and shows where it stalls."""
