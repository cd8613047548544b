"""What of a stream is looked at: a period, some of its items, a clock, a calendar, a day in the past."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pegel_web.flow.contracts.reports import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionChoices:
    """What a selection can be made of. ``types``: their codes are the types themselves, "" is for items without one."""

    periods: tuple[Choice, ...]
    types: tuple[Choice, ...]
    policies: tuple[Choice, ...]
    calendars: tuple[Choice, ...]
    latest: date | None
