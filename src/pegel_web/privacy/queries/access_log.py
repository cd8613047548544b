"""Reading the access log: whoever watches over it sees what was looked at, by which role, about which unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

from django.db.models import QuerySet

from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.known_people import people_by_id
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.privacy.contracts import AccessCount, AccessLine, AccessReport
from pegel_web.privacy.models import Access
from pegel_web.privacy.queries.retention import days_kept

MOST_LINES: Final = 5_000
_USUAL_DAYS: Final = 30


def access_log(
    *,
    actor: Actor,
    what: str = "",
    unit: UUID | None = None,
    role: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> AccessReport:
    """Return who looked at what in a period (half open; by default the last 30 days). People are pseudonyms, always.

    Whoever shows this to a person notes the look first: ``services.read_access_log`` does both.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require("privacy.access_log.view")
    until = until or actor.at + timedelta(microseconds=1)
    since = since or until - timedelta(days=_USUAL_DAYS)
    found = cast("QuerySet[Access]", Access.objects.visible_to(actor)).filter(at__gte=since, at__lt=until)
    if what:
        found = found.filter(what=what)
    if unit is not None:
        found = found.filter(unit_id=unit)
    rows = list(found.order_by().values_list("what", "unit_id", "roles", "person_id"))
    if role:
        rows = [row for row in rows if role in row[2].split()]
        found = found.filter(roles__contains=role)
    names = unit_names({row[1] for row in rows}, structure_on(actor.at.date()))
    newest = found.order_by("-at", "-id")[:MOST_LINES]
    shown = [one for one in newest if not role or role in one.roles.split()]
    people = people_by_id({one.person_id for one in shown})
    return AccessReport(
        since=since,
        until=until,
        lines=tuple(
            AccessLine(
                at=one.at,
                who=people[one.person_id].pseudonym
                if one.person_id in people and not people[one.person_id].forgotten
                else "",
                roles=tuple(one.roles.split()),
                what=one.what,
                unit_id=one.unit_id,
                unit_name="" if one.unit_id is None else names.get(one.unit_id, ""),
                through=one.through,
            )
            for one in shown
        ),
        total=len(rows),
        people=len({row[3] for row in rows}),
        by_what=_counts(rows, lambda row: [row[0]]),
        by_unit=_counts(rows, lambda row: ["" if row[1] is None else names.get(row[1], "")]),
        by_role=_counts(rows, lambda row: row[2].split() or [""]),
        kept_days=days_kept("access_log"),
    )


Row = tuple[str, UUID | None, str, UUID]


def _counts(rows: Iterable[Row], keys: Callable[[Row], Iterable[str]]) -> tuple[AccessCount, ...]:
    looks: dict[str, int] = defaultdict(int)
    people: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        for key in keys(row):
            looks[key] += 1
            people[key].add(row[3])
    ordered = sorted(looks, key=lambda key: (-looks[key], key))
    return tuple(AccessCount(key=key, looks=looks[key], people=len(people[key])) for key in ordered)
