"""The portfolio, for agents and the command line."""

from pegel_web.portfolio.mcp import case_templates, gates, progress, scoring, use_cases

__all__ = ["case_templates", "gates", "progress", "scoring", "use_cases"]
