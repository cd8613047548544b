"""Who uses AI tools, and since when: telemetry of the tools, licences, declared dates and rosters as tidy tables.

These are no event logs: nothing here is registered as an import format. Each reader takes files and the lake's keyed
pseudonyms, and returns a table in which no person can be recognised; logins and e-mail addresses end here.
"""

from pegel.sources.usage.anthropic import read_anthropic
from pegel.sources.usage.claude_code import read_claude_code
from pegel.sources.usage.copilot import read_copilot
from pegel.sources.usage.cursor import read_cursor
from pegel.sources.usage.declared import read_declared
from pegel.sources.usage.licences import read_copilot_seats, read_licences
from pegel.sources.usage.litellm import read_litellm
from pegel.sources.usage.openai import read_openai
from pegel.sources.usage.plain_table import read_usage_table
from pegel.sources.usage.roster import read_roster
from pegel.sources.usage.tidy import DECLARED, LICENCES, REJECTS, ROSTER, USAGE, TableRead, UsageRead

__all__ = [
    "DECLARED",
    "LICENCES",
    "REJECTS",
    "ROSTER",
    "USAGE",
    "TableRead",
    "UsageRead",
    "read_anthropic",
    "read_claude_code",
    "read_copilot",
    "read_copilot_seats",
    "read_cursor",
    "read_declared",
    "read_licences",
    "read_litellm",
    "read_openai",
    "read_roster",
    "read_usage_table",
]
