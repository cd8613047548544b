"""What queries and services answer with, by subject: frozen values that pages, REST, MCP and CSV share."""
