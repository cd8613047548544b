"""What forecasts rest on: the days of the reference window and what was finished on each, to be kept and read again.

With it a page answers "when will so many items be done" itself, without the lake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from pydantic import TypeAdapter

from pegel.eventlog.calendar import Calendar
from pegel.eventlog.schema import to_us
from pegel.prediction.forecast import DEFINITION
from pegel.prediction.rules import Rules
from pegel.prediction.supply import Supply, supply
from pegel_web.flow.computing.computed import Computed, Reading

_CALENDAR: Final[TypeAdapter[Calendar | None]] = TypeAdapter(Calendar | None)


def daily_supply(reading: Reading) -> Iterator[Computed]:
    """Yield what was finished on each day of the reference window."""
    found = supply(reading.log, reading.windows, window_days=Rules().window_days)
    yield Computed(
        kind="supply",
        policy=reading.policy,
        period="",
        preferred=reading.preferred,
        payload={
            "people": reading.people,
            "as_of_us": to_us(reading.as_of),
            "days": found.days.tolist(),
            "counts": found.counts[:, 0].tolist(),
            "first_day": found.first_day,
            "until_day": found.until_day,
            "next_day": found.next_day,
            "calendar": _CALENDAR.dump_python(found.calendar, mode="json"),
        },
        definitions=(DEFINITION,),
        as_of=reading.as_of,
    )


def supply_of(payload: Mapping[str, Any]) -> Supply:
    """Return the supply that was kept."""
    return Supply(
        streams=(None,),
        days=np.array(payload["days"], dtype=np.int64),
        counts=np.array(payload["counts"], dtype=np.int64).reshape(-1, 1),
        first_day=payload["first_day"],
        until_day=payload["until_day"],
        next_day=payload["next_day"],
        calendar=_CALENDAR.validate_python(payload["calendar"]),
    )
