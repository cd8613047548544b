"""Usage and cost reports that come in buckets of time with results inside: OpenAI and Anthropic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from pegel.sources.usage.json_rows import json_files
from pegel.sources.usage.tidy import UsageBuilder
from pegel.sources.usage.values import day_of, span_days

_ARRAYS: Final = frozenset({"data"})
_STARTS: Final = ("starting_at", "start_time")
_ENDS: Final = ("ending_at", "end_time")


class Result(NamedTuple):
    """One result: its row, its day, where its bucket begins and ends, and what it says."""

    row: int
    day: date
    bucket: tuple[str, str]
    value: Mapping[str, Any]


def results(
    builder: UsageBuilder, paths: Path | str | Sequence[Path | str], *, encoding: str | None = None
) -> Iterator[Result]:
    """Yield the results of saved reports, and give all other rows their fate; a row is one result."""
    more = False
    for file, found in json_files(paths, arrays=_ARRAYS, encoding=encoding):
        builder.begin(file)
        if found.page:
            more = found.value.get("has_more") is True
            continue
        if found.reason:
            builder.reject(builder.next_row(), found.reason)
            continue
        bucket = found.value
        start, end = (next((bucket[name] for name in names if name in bucket), None) for names in (_STARTS, _ENDS))
        day, days = day_of(start), span_days(start, end)
        inside = next((bucket[name] for name in ("results", "result") if name in bucket), None)
        if not isinstance(inside, list):
            builder.reject(builder.next_row(), "no_bucket")
            continue
        for value in inside:
            row = builder.next_row()
            if not isinstance(value, dict):
                builder.reject(row, "not_an_object")
            elif day is None:
                builder.reject(row, "unreadable_time", start)
            elif days is not None and days > 1:
                builder.reject(row, "several_days")
            else:
                yield Result(row, day, (repr(start), repr(end)), value)
    builder.warnings["further_pages_missing"] += more


class Groupings:
    """Notices when the same bucket is told by person and, again, by project: its figures would count twice."""

    def __init__(self) -> None:
        self._only: dict[tuple[str, str, str], set[str]] = {}

    def add(self, kind: str, bucket: tuple[str, str], *, person: str | None, team: str | None) -> None:
        """Note what a result names."""
        if (person is None) != (team is None):
            self._only.setdefault((kind, *bucket), set()).add("person" if team is None else "team")

    def told_twice(self) -> int:
        """Return how many buckets have results that name only a person, and others that name only a project."""
        return sum(len(only) == 2 for only in self._only.values())
