"""The tidy tables of AI usage, and the builder that every reader of telemetry fills.

Every source row has one fate: *accepted* (its number stands in the table), *merged* (added to the row of the same
member, team and day), *duplicate* (says what another row says), *ignored* (understood, and not wanted), *rejected*
(broken, with its reason). Rows are numbered through all files of one reading, from 1.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import polars as pl

from pegel.eventlog.batch import name_defect
from pegel.sources.reading import BROKEN
from pegel.sources.usage.people import People
from pegel.sources.usage.values import MOST_COUNTED, harmless

#: One row per tool, member, team and day (and per currency, where a day was paid in several).
USAGE: Final[dict[str, pl.DataType]] = {
    "tool": pl.String(),
    "member": pl.String(),  # pseudonym; null: the source names no person
    "team": pl.String(),  # null: the source names none
    "day": pl.Date(),  # UTC day
    "active": pl.Boolean(),  # null: the source does not say
    "interactions": pl.Int64(),  # what a person asked of the tool; the tools count differently. null: not said
    "accepted": pl.Int64(),  # proposals that were taken over
    "tokens_in": pl.Int64(),
    "tokens_out": pl.Int64(),
    "cost_amount": pl.Float64(),  # in units of the currency, never in cents; null: not said
    "cost_currency": pl.String(),
    "row": pl.Int64(),
}
LICENCES: Final[dict[str, pl.DataType]] = {
    "unit": pl.String(),
    "granted": pl.Date(),
    "ended": pl.Date(),  # null: still granted
    "seats": pl.Int64(),  # null: not said
    "price": pl.Float64(),  # per seat and period
    "currency": pl.String(),
    "period": pl.String(),  # once | month | quarter | year
    "row": pl.Int64(),
}
DECLARED: Final[dict[str, pl.DataType]] = {
    "unit": pl.String(),
    "date": pl.Date(),  # null: declared that it has not adopted
    "role": pl.String(),  # role of whoever said so, never a name
    "row": pl.Int64(),
}
ROSTER: Final[dict[str, pl.DataType]] = {
    "member": pl.String(),  # pseudonym
    "unit": pl.String(),
    "joined": pl.Date(),  # null: from the beginning
    "left": pl.Date(),  # last day; null: still there
    "row": pl.Int64(),
}
REJECTS: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),
    "reason": pl.String(),  # worded in pegel.words
    "detail": pl.String(),  # signs of a date or number only, never a person's name
    "file": pl.String(),
}
_MAIL: Final = re.compile(r"[^\s@]@[^\s@]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRead:
    """What was read of a table: ``table``, and the fate of every row that is not in it."""

    table: pl.DataFrame
    rejects: pl.DataFrame
    rows: int
    merged: int = 0
    duplicate: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    #: Things to know that cost no row, by code.
    warnings: Counter[str] = field(default_factory=Counter)

    @property
    def accepted(self) -> int:
        """Return how many source rows stand in the table."""
        return int(self.table["row"].n_unique())


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRead(TableRead):
    """Usage of one tool; ``table`` has the columns of :data:`USAGE`, sorted by member, team and day."""

    tool: str

    @property
    def usage(self) -> pl.DataFrame:
        """Return the table."""
        return self.table


class Fact(NamedTuple):
    """What one source row says of a day. ``person`` is raw and never leaves the reader."""

    day: date
    person: str | None = None
    team: str | None = None
    active: bool | None = None
    interactions: int | None = None
    accepted: int | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: Decimal | None = None
    currency: str | None = None


class Fates:
    """Counts rows and keeps the rejected ones, through all files of one reading."""

    def __init__(self) -> None:
        self.rows = 0
        self.merged = 0
        self.duplicate = 0
        self.ignored: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self._file = ""
        self._rejects: list[tuple[int, str, str, str]] = []

    def begin(self, file: str) -> None:
        """Go on with another file."""
        self._file = file

    def next_row(self) -> int:
        """Count one source row and return its number."""
        self.rows += 1
        return self.rows

    def reject(self, row: int, reason: str, detail: object = "") -> None:
        """Keep a broken row with its reason."""
        self._rejects.append((row, reason, harmless(detail), self._file))

    def rejects(self) -> pl.DataFrame:
        """Return the rejected rows, in order."""
        return pl.DataFrame(sorted(self._rejects), schema=REJECTS, orient="row")


class UsageBuilder(Fates):
    """Collects facts; of several that tell the same part of the same day, the one that tells most counts.

    Figures of a day only grow until its report is final, so the largest is the latest. Parts of a day (by model, by
    terminal, by request) are told apart by their ``identity`` and add up.
    """

    def __init__(self, tool: str, people: People) -> None:
        super().__init__()
        self._tool = tool
        self._people = people
        self._facts: dict[Hashable, tuple[int, Fact]] = {}

    def add(self, row: int, identity: Hashable, fact: Fact) -> bool:
        """Add a fact; False where its row is rejected, ignored or a duplicate."""
        if fact.person is None and fact.team is None:
            return self._refuse(row, "nobody_named")
        if not all(self.usable(row, name) for name in (fact.person, fact.team) if name is not None):
            return False
        if identity not in self._facts:
            self._facts[identity] = (row, fact)
            return True
        before, known = self._facts[identity]
        if known == fact:
            self.duplicate += 1
            return False
        if _rank(fact) > _rank(known):
            self._facts[identity] = (row, fact)
            self.reject(before, "day_told_otherwise")
            return True
        return self._refuse(row, "day_told_otherwise")

    def usable(self, row: int, name: str) -> bool:
        """Tell whether a name can be used; else its row is rejected, or ignored as a bot's."""
        if reason := "broken_encoding" if BROKEN in name else name_defect(name):
            return self._refuse(row, reason)
        if name.strip().casefold().endswith("[bot]"):
            self.ignored["bot_user"] += 1
            return False
        return True

    def knows(self, identity: Hashable) -> bool:
        """Tell whether there is a fact of this identity."""
        return identity in self._facts

    def spread(self, teams: Mapping[Hashable, Sequence[str]]) -> None:
        """Give each fact the teams of its identity; in several teams it counts in each."""
        self._facts = {
            (identity, team): (row, fact._replace(team=team))
            for identity, (row, fact) in self._facts.items()
            for team in teams.get(identity) or (fact.team,)
        }

    def rename(self, name: Callable[[str], str]) -> None:
        """Call the people of all facts by other names."""
        for identity, (row, fact) in self._facts.items():
            if fact.person is not None:
                self._facts[identity] = (row, fact._replace(person=name(fact.person)))

    def take(self) -> UsageRead:
        """Return what was collected, with pseudonyms in place of people."""
        days: dict[tuple[str, str, date], list[tuple[int, Fact]]] = {}
        for row, fact in self._facts.values():
            member = "" if fact.person is None else self._people.of(fact.person)
            team = "" if fact.team is None else self._team(fact.team)
            days.setdefault((member, team, fact.day), []).append((row, fact))
        rows: list[tuple[Any, ...]] = []
        used: set[int] = set()
        for (member, team, day), parts in sorted(days.items(), key=lambda pair: pair[0]):
            first = min(row for row, _ in parts)
            used.add(first)
            rows += [
                (self._tool, member or None, team or None, day, *figures, first)
                for figures in self._day([fact for _, fact in parts])
            ]
        self.merged += len({row for row, _ in self._facts.values()} - used)
        return UsageRead(
            tool=self._tool,
            table=pl.DataFrame(rows, schema=USAGE, orient="row"),
            rejects=self.rejects(),
            rows=self.rows,
            merged=self.merged,
            duplicate=self.duplicate,
            ignored=+self.ignored,
            warnings=+self.warnings,
        )

    def _day(self, facts: list[Fact]) -> list[tuple[Any, ...]]:
        """Return the figures of one day: a row, and one more for each further currency with nothing but its cost."""
        said = [fact.active for fact in facts if fact.active is not None]
        active = any(said) if said else None
        counts = [
            self._sum([value for fact in facts if (value := getattr(fact, name)) is not None])
            for name in ("interactions", "accepted", "tokens_in", "tokens_out")
        ]
        costs: dict[str, Decimal] = {}
        for fact in facts:
            if fact.cost is not None and fact.currency is not None:
                costs[fact.currency] = costs.get(fact.currency, Decimal(0)) + fact.cost
        paid: list[tuple[float | None, str | None]] = [(float(costs[currency]), currency) for currency in sorted(costs)]
        first, *others = paid or [(None, None)]
        return [(active, *counts, *first), *((active, None, None, None, None, *other) for other in others)]

    def _sum(self, values: list[int]) -> int | None:
        total = sum(values)
        if total > MOST_COUNTED:
            self.warnings["value_unusable"] += 1
            return None
        return total if values else None

    def _team(self, name: str) -> str:
        """Return the name of a team; one that is an e-mail address names a person."""
        return self._people.of(name) if _MAIL.search(name) else name.strip()

    def _refuse(self, row: int, reason: str) -> bool:
        self.reject(row, reason)
        return False


def _rank(fact: Fact) -> tuple[Any, ...]:
    figures = (fact.interactions, fact.accepted, fact.tokens_in, fact.tokens_out, fact.cost)
    return (fact.active is True, *(-1 if value is None else value for value in figures), repr(fact))
