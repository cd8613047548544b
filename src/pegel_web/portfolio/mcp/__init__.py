"""The portfolio, for agents and the command line."""

from pegel_web.portfolio.mcp import gates, use_cases

__all__ = ["gates", "use_cases"]
