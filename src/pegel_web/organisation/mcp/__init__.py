"""The organisation for agents and the command line, by subject."""

from pegel_web.organisation.mcp import (
    coverage,
    decisions,
    delegations,
    frame,
    home,
    people,
    platforms,
    responsibilities,
    units,
)

__all__ = [
    "coverage",
    "decisions",
    "delegations",
    "frame",
    "home",
    "people",
    "platforms",
    "responsibilities",
    "units",
]
