"""GitHub: issues and pull requests with their timelines, as saved answers of the REST API and of the GraphQL API."""

from typing import Final

from pegel.sources.formats import Format
from pegel.sources.github.graphql import FORMAT as GRAPHQL
from pegel.sources.github.rest import FORMAT as REST

FORMATS: Final[tuple[Format, ...]] = (GRAPHQL, REST)
