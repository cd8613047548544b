"""What is valid on a day: one condition for every record that begins on one date and ends before another."""

from __future__ import annotations

from datetime import date

from django.db.models import Q


def valid_on(day: date, *, of: str = "") -> Q:
    """Return the condition that a record holds a day; ``of``: the way to it, such as ``memberships__``."""
    begun = Q(**{f"{of}valid_from__lte": day})
    return begun & (Q(**{f"{of}valid_until__isnull": True}) | Q(**{f"{of}valid_until__gt": day}))


def not_ended_by(day: date) -> Q:
    """Return the condition that a record holds a day, or will hold a later one."""
    return Q(valid_until__isnull=True) | Q(valid_until__gt=day)
