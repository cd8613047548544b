"""LiteLLM gateway: spend logs, one record per request, as answers of ``/spend/logs`` or as a table of the database.

The generic route for everything that is no coding assistant: applications call models through the gateway, with keys
that belong to people and teams, and with tags that name the use case. Requests add up to days. Failed requests are
ignored. Cost is in US dollars, as LiteLLM computes it from list prices.

Taken: who owns the key (or, where chosen, the end user that an application names), team, day, tokens, spend. Not
taken: prompts and answers, network addresses, keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Literal

from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.formats import ReadOptions
from pegel.sources.json_values import mapping, member
from pegel.sources.reading import container_of, read_head
from pegel.sources.tabular import open_table
from pegel.sources.usage.json_rows import JsonRow, json_rows
from pegel.sources.usage.people import People
from pegel.sources.usage.tidy import Fact, UsageBuilder, UsageRead
from pegel.sources.usage.values import Figures, day_of, folded

TOOL: Final = "litellm"
Person = Literal["user", "end_user"]
_ARRAYS: Final = frozenset({"data"})
_COLUMNS: Final = (
    "request_id",
    "startTime",
    "user",
    "end_user",
    "team_id",
    "team_alias",
    "spend",
    "prompt_tokens",
    "completion_tokens",
    "status",
    "metadata",
    "request_tags",
)
#: The proxy's own administrator: nobody in particular.
_NOBODY: Final = "default_user_id"
_CURRENCY: Final = "USD"
_LONGEST_JSON: Final = 1 << 20


def read_litellm(
    paths: Path | str | Sequence[Path | str],
    *,
    pseudonyms: Pseudonyms,
    known_as: Mapping[str, str] | None = None,
    person: Person = "user",
    tag: str | None = None,
    options: ReadOptions | None = None,
) -> UsageRead:
    """Read spend logs.

    Parameters
    ----------
    person: whose activity it is: the owner of the key, or the end user. tag: read only requests with this tag, which
        names a use case; others are ignored.

    Raises
    ------
    NotFoundError: ``file_not_found``. InputError: ``file_empty``, ``no_table``, ``columns_missing``, ``json_*``,
    ``archive_*``.
    """
    builder = UsageBuilder(TOOL, People(pseudonyms, known_as))
    days = _Days()
    for path in [paths] if isinstance(paths, Path | str) else paths:
        builder.begin(Path(path).name)
        for found in _rows(Path(path), options or ReadOptions()):
            row = builder.next_row()
            if found.reason:
                builder.reject(row, found.reason)
            else:
                _add(builder, days, row, found.value, person, tag)
    days.hand_over(builder)
    return builder.take()


def _rows(path: Path, options: ReadOptions) -> Iterator[JsonRow]:
    """Yield the records of a file; the rows of a table become records too."""
    start = read_head(path, encoding=options.encoding).text.lstrip("\ufeff \t\r\n")[:1]
    if container_of(path) != "workbook" and start in ("{", "["):
        yield from (found for found in json_rows(path, arrays=_ARRAYS, encoding=options.encoding) if not found.page)
        return
    table = open_table(path, options)
    wanted = [name for name in _COLUMNS if name in table.columns]
    for part in table.parts(wanted):
        broken = {row: JsonRow(None, reason=reason) for row, reason, _ in part.rejects.iter_rows()}
        good = {
            row: JsonRow({name: cell for name, cell in zip(wanted, cells, strict=True) if cell != ""})
            for row, *cells in part.frame.select("row", *wanted).iter_rows()
        }
        yield from (found for _, found in sorted({**broken, **good}.items()))


class _Days:
    """Sums of requests by person, team and day; of a request only the digest of its id is kept."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._sums: dict[tuple[str | None, str | None, date], list[Any]] = {}

    def is_new(self, request: str | None) -> bool:
        """Tell whether a request was not added before."""
        if request is None:
            return True
        known = len(self._seen)
        self._seen.add(int.from_bytes(blake2b(request.encode("utf-8", "surrogatepass"), digest_size=8).digest()))
        return len(self._seen) > known

    def add(self, row: int, person: str | None, team: str | None, day: date, figures: Sequence[Any]) -> bool:
        """Add a request; True where it is the first of its person, team and day."""
        sums = self._sums.get((person, team, day))
        if sums is None:
            self._sums[person, team, day] = [row, 1, *figures]
            return True
        sums[1] += 1
        for place, value in enumerate(figures, start=2):
            if value is not None:
                sums[place] = value if sums[place] is None else sums[place] + value
        return False

    def hand_over(self, builder: UsageBuilder) -> None:
        """Give the sums to the builder."""
        for (person, team, day), (row, requests, tokens_in, tokens_out, cost) in self._sums.items():
            builder.add(
                row,
                (person, team, day),
                Fact(
                    day,
                    person,
                    team,
                    active=True,
                    interactions=requests,
                    tokens_in=tokens_in,
                    tokens_out=tokens_out,
                    cost=cost,
                    currency=None if cost is None else _CURRENCY,
                ),
            )


def _add(
    builder: UsageBuilder, days: _Days, row: int, value: Mapping[str, Any], who: Person, wanted: str | None
) -> None:
    day = day_of(value.get("startTime"))
    if day is None:
        builder.reject(row, "unreadable_time", value.get("startTime"))
        return
    if not days.is_new(member(value, "request_id")):
        builder.duplicate += 1
        return
    more = mapping(_parsed(value.get("metadata")))
    if "failure" in (value.get("status"), more.get("status")):
        builder.ignored["request_failed"] += 1
        return
    if wanted is not None and wanted not in _tags(value):
        builder.ignored["other_tag"] += 1
        return
    person = folded(member(value, who) or (member(more, "user_api_key_user_id") if who == "user" else None))
    person = None if person == _NOBODY else person
    team = member(value, "team_alias") or member(more, "user_api_key_team_alias") or member(value, "team_id")
    if person is None and team is None:
        builder.reject(row, "nobody_named")
        return
    if not all(builder.usable(row, name) for name in (person, team) if name is not None):
        return
    figures = Figures()
    tokens_in, tokens_out = figures.count(value.get("prompt_tokens")), figures.count(value.get("completion_tokens"))
    cost: Decimal | None = figures.amount(value.get("spend"))
    builder.warnings["value_unusable"] += figures.unusable
    builder.merged += not days.add(row, person, team, day, (tokens_in, tokens_out, cost))


def _tags(value: Mapping[str, Any]) -> list[str]:
    tags = _parsed(value.get("request_tags"))
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _parsed(value: object) -> object:
    """Return a value that a table holds as JSON text; None where it cannot be read."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if len(value) <= _LONGEST_JSON else None
    except (ValueError, RecursionError):
        return None
