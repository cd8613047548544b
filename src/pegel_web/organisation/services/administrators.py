"""An organisation always keeps somebody who can assign roles: otherwise nobody could ever be let in again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from django.db.models import Q

from pegel_web.core.errors import ConflictError
from pegel_web.organisation.models import RoleAssignment, UnitPeriod
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.roles import roles

ASSIGN = "organisation.role.assign"
#: How a password begins with which nobody can sign in.
_UNUSABLE = "!"


@contextmanager
def keep_an_administrator(today: date) -> Iterator[None]:
    """Refuse what is done inside where, from some day on, nobody would be left who may assign every role.

    Take a turn first.

    Raises
    ------
    ConflictError: ``last_administrator`` with the day (``on``).
    """
    before = first_gap(_watches(), today)
    yield
    after = first_gap(_watches(), today)
    if after is not None and (before is None or after < before):
        raise ConflictError("last_administrator", on=after)


def first_gap(watches: Sequence[tuple[date, date | None]], since: date) -> date | None:
    """Return the first day from ``since`` on that no interval ``[from, until)`` holds; None: there is none.

    >>> jan, feb, mar = (date(2026, month, 1) for month in (1, 2, 3))
    >>> first_gap([(jan, feb), (feb, mar)], jan), first_gap([(jan, feb), (jan, None)], jan)
    (datetime.date(2026, 3, 1), None)
    """
    day = since
    while holding := [until for begun, until in watches if begun <= day and (until is None or until > day)]:
        ends = [until for until in holding if until is not None]
        if len(ends) < len(holding):
            return None
        day = max(ends)
    return day


def _watches() -> list[tuple[date, date | None]]:
    """Return from when until when somebody can sign in and assign every role."""
    carrying = [role.name for role in roles().values() if ASSIGN in role.permissions]
    tops = list(UnitPeriod.objects.filter(parent=None).values_list("unit_id", "valid_from", "valid_until"))
    can_sign_in = ~Q(("person__user__password__startswith", _UNUSABLE)) | Q(person__user__last_login__isnull=False)
    found = RoleAssignment.objects.everything(because="somebody must remain who may assign roles").filter(
        can_sign_in,
        role__in=carrying,
        unit_id__in=[unit for unit, _, _ in tops],
        person__kind=PersonKind.PERSON,
        person__erased_at=None,
        person__user__is_active=True,
    )
    watches = []
    for unit, begun, until in found.values_list("unit_id", "valid_from", "valid_until"):
        for top, top_begun, top_until in tops:
            ends = [end for end in (until, top_until) if end is not None]
            watch = (max(begun, top_begun), min(ends, default=None))
            if top == unit and (watch[1] is None or watch[0] < watch[1]):
                watches.append(watch)
    return watches
