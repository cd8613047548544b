"""Azure Boards: saved answers of the REST API with their history, exported queries, and lists of revisions."""

from __future__ import annotations

from typing import Final

from pegel.sources.azure_boards import query_list, rest, revision_list
from pegel.sources.formats import Format

FORMATS: Final[tuple[Format, ...]] = (rest.FORMAT, revision_list.FORMAT, query_list.FORMAT)
