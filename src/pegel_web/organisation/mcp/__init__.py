"""The organisation for agents and the command line, by subject."""

from pegel_web.organisation.mcp import decisions, delegations, frame, home, people, responsibilities, units

__all__ = ["decisions", "delegations", "frame", "home", "people", "responsibilities", "units"]
