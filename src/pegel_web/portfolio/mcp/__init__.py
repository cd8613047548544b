"""The portfolio, for agents and the command line."""

from pegel_web.portfolio.mcp import gates, scoring, use_cases

__all__ = ["gates", "scoring", "use_cases"]
