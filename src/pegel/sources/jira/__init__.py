"""Jira: search results with changelog (REST), and the CSV export."""
