"""A selection as it stands in an address; the state of the page, so that it can be sent as a link."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict

from pegel.errors import InputError
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.reports import Selection

#: Types that one address may name: more are a slip, or an attack.
MOST_TYPES = 200


def selection_of(asked: QueryDict, prefix: str = "") -> Selection:
    """Return what an address selects. ``prefix``: in front of its names, where an address holds two selections.

    Raises
    ------
    InputError: ``selection_day_unreadable``, ``selection_types_too_many``.
    """
    types = tuple(sorted(set(asked.getlist(f"{prefix}type"))))
    if len(types) > MOST_TYPES:
        raise InputError("selection_types_too_many", most=MOST_TYPES)
    return Selection(
        period=asked.get(f"{prefix}period") or DEFAULT,
        from_day=_day(asked, f"{prefix}from_day"),
        until_day=_day(asked, f"{prefix}until_day"),
        types=types,
        calendar=asked.get(f"{prefix}calendar") or None,
        policy=asked.get(f"{prefix}policy") or None,
        as_of=_day(asked, f"{prefix}as_of"),
    )


def address_of(selection: Selection, prefix: str = "") -> str:
    """Return a selection as the part of an address that ``selection_of`` reads."""
    single = {
        "period": None if selection.from_day or selection.until_day else selection.period,
        "from_day": selection.from_day,
        "until_day": selection.until_day,
        "calendar": selection.calendar,
        "policy": selection.policy,
        "as_of": selection.as_of,
    }
    pairs = [(f"{prefix}{name}", str(value)) for name, value in single.items() if value is not None]
    return urlencode([*pairs, *((f"{prefix}type", one) for one in selection.types)], errors="replace")


def _day(asked: QueryDict, name: str) -> date | None:
    text = asked.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError("selection_day_unreadable", text=text[:40]) from None
