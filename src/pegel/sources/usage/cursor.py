"""Cursor: answers of the Admin API ``/teams/daily-usage-data``: one record per member and day.

Members without activity are listed too. The daily figures hold requests and accepted proposals, no tokens and **no
dollars**: cost stays unknown, not zero. Automatic reviews (``bugbotUsages``) are not what a person asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.json_values import mapping, member
from pegel.sources.usage.json_rows import json_files
from pegel.sources.usage.people import People
from pegel.sources.usage.tidy import Fact, UsageBuilder, UsageRead
from pegel.sources.usage.values import Figures, day_of, folded, id_of, total

TOOL: Final = "cursor"
_ARRAYS: Final = frozenset({"data"})
_ASKED: Final = ("composerRequests", "chatRequests", "agentRequests", "cmdkUsages")
_TAKEN: Final = ("totalAccepts", "totalTabsAccepted")


def read_cursor(
    paths: Path | str | Sequence[Path | str],
    *,
    pseudonyms: Pseudonyms,
    known_as: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> UsageRead:
    """Read saved answers, pages and periods in any order.

    Raises
    ------
    NotFoundError: ``file_not_found``. InputError: ``file_empty``, ``json_*``, ``archive_*``.
    """
    builder = UsageBuilder(TOOL, People(pseudonyms, known_as))
    more = False
    for file, found in json_files(paths, arrays=_ARRAYS, encoding=encoding):
        builder.begin(file)
        if found.page:
            more = mapping(found.value.get("pagination")).get("hasNextPage") is True
            continue
        row = builder.next_row()
        if found.reason:
            builder.reject(row, found.reason)
        else:
            _add(builder, row, found.value)
    builder.warnings["further_pages_missing"] += more
    return builder.take()


def _add(builder: UsageBuilder, row: int, value: Mapping[str, Any]) -> None:
    told = value.get("day", value.get("date"))
    day = day_of(told)
    if day is None:
        builder.reject(row, "unreadable_time", told)
        return
    figures = Figures()
    asked = [figures.count(value.get(name)) for name in _ASKED]
    taken = [figures.count(value.get(name)) for name in _TAKEN]
    builder.warnings["value_unusable"] += figures.unusable
    said = value.get("isActive")
    if not isinstance(said, bool) and all(count is None for count in (*asked, *taken)):
        builder.reject(row, "use_not_said")
        return
    person = folded(member(value, "email") or id_of(value.get("userId")))
    builder.add(
        row,
        (person, day),
        Fact(
            day,
            person=person,
            active=said is True or any((*asked, *taken)),
            interactions=total(asked),
            accepted=total(taken),
        ),
    )
