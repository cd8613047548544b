"""A plain table of usage: one row per person (or team) and day, in CSV or a workbook.

The route for every tool without a reader of its own. A row says that somebody used the tool on that day, unless a
column ``active`` says otherwise. Days are those of the zone that is given, UTC by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pegel.lake.pseudonyms import Pseudonyms
from pegel.sources.formats import ReadOptions
from pegel.sources.usage.dated_table import dated_rows, said_yes
from pegel.sources.usage.people import People
from pegel.sources.usage.tidy import Fact, UsageBuilder, UsageRead
from pegel.sources.usage.values import Figures, currency_of, folded

#: Role → headers that mean it, in lower case, signs read as blanks.
HEADERS: Final = {
    "person": (
        "person", "user", "member", "login", "email", "e mail", "mail", "name", "benutzer", "nutzer", "mitarbeiter",
    ),
    "team": ("team", "unit", "group", "stream", "department", "gruppe", "abteilung", "einheit", "bereich", "wertstrom"),
    "day": ("day", "date", "on", "tag", "datum", "am"),
    "active": ("active", "is active", "used", "aktiv", "genutzt"),
    "interactions": ("interactions", "requests", "prompts", "uses", "anfragen", "interaktionen", "nutzungen"),
    "accepted": ("accepted", "acceptances", "übernommen", "angenommen"),
    "tokens_in": ("tokens in", "input tokens", "prompt tokens"),
    "tokens_out": ("tokens out", "output tokens", "completion tokens"),
    "cost": ("cost", "cost amount", "spend", "amount", "kosten", "betrag"),
    "currency": ("currency", "cost currency", "währung"),
}  # fmt: skip
_COUNTS: Final = ("interactions", "accepted", "tokens_in", "tokens_out")


def read_usage_table(
    path: Path | str,
    *,
    tool: str,
    pseudonyms: Pseudonyms,
    known_as: Mapping[str, str] | None = None,
    options: ReadOptions | None = None,
) -> UsageRead:
    """Read a table of usage of the tool that is named.

    Raises
    ------
    NotFoundError, InputError, AmbiguousInputError: those of ``open_table``; ``columns_missing``, ``ambiguous_dates``.
    """
    builder = UsageBuilder(tool, People(pseudonyms, known_as))
    rows = dated_rows(path, builder, headers=HEADERS, dates=("day",), required=("day",), options=options)
    for row, texts, days in rows:
        day = days["day"]
        if day is None:
            builder.reject(row, "time_missing")
            continue
        figures = Figures()
        counts = {name: figures.count(texts.get(name)) for name in _COUNTS}
        active = said_yes(texts["active"]) if "active" in texts else True
        if active is None and all(count is None for count in counts.values()):
            builder.reject(row, "use_not_said")
            continue
        cost = figures.written_amount(texts.get("cost", ""))
        currency = currency_of(texts.get("currency"))
        if cost is not None and currency is None:
            builder.warnings["currency_unclear"] += 1
            cost = None
        builder.warnings["value_unusable"] += figures.unusable
        person, team = folded(texts.get("person")), texts.get("team") or None
        builder.add(
            row,
            (person, team, day),
            Fact(
                day,
                person,
                team,
                active=any(counts.values()) if active is None else active,
                **counts,
                cost=cost,
                currency=currency if cost is not None else None,
            ),
        )
    return builder.take()
