"""What waiting costs, as people say it in a small file: ``costs.yaml`` in the lake, or a file of one's own.

File form (YAML)::

    currency: EUR
    per: working_day                     # of which days the cost of delay is said: day (24 hours) or working_day
    minutes_per_status_query: 15         # what one status ask takes away from work
    default: {cost_of_delay_per_item_day: 40}
    streams:
      Claims: {cost_of_delay_per_item_day: 120, labour_rate_per_hour: 85}

Nothing is assumed: what the file does not say is "not configured".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pegel.errors import InputError
from pegel.eventlog.setting_file import LONGEST_FILE, read_settings

_KEYS: Final = ("currency", "per", "minutes_per_status_query", "default", "streams")
_RATES: Final = ("cost_of_delay_per_item_day", "labour_rate_per_hour")
_UNITS: Final = {"day": "days", "working_day": "working_days"}
#: A longer file is something else (bytes of at most four for each character that is read).
LONGEST_COSTS: Final = 4 * LONGEST_FILE
#: Larger amounts are slips of the pen.
_LARGEST: Final = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a stream's waiting and work cost, in the currency of the file; None: nobody has said."""

    cost_of_delay_per_item_day: float | None = None
    labour_rate_per_hour: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Rates by stream. ``unit``: of the days that the cost of delay is for, "days" or "working_days"."""

    currency: str
    unit: str = "days"
    minutes_per_status_query: float | None = None
    default: Rates = Rates()
    streams: Mapping[str, Rates] = field(default_factory=dict)

    def of(self, stream: str) -> Rates:
        """Return the rates of a stream: its own, where it has none the default's."""
        own = self.streams.get(stream, Rates())
        return Rates(
            cost_of_delay_per_item_day=_either(own.cost_of_delay_per_item_day, self.default.cost_of_delay_per_item_day),
            labour_rate_per_hour=_either(own.labour_rate_per_hour, self.default.labour_rate_per_hour),
        )


def load_costs(text: str) -> Costs:
    """Read a costs file.

    Raises
    ------
    InputError: ``costs_unreadable``, or ``costs_invalid`` with the place and what is allowed there.

    >>> costs = load_costs("{currency: EUR, streams: {Claims: {cost_of_delay_per_item_day: 120}}}")
    >>> costs.of("Claims").cost_of_delay_per_item_day, costs.of("Claims").labour_rate_per_hour
    (120.0, None)
    """
    data = read_settings(text, unreadable="costs_unreadable")
    if not isinstance(data, dict):
        raise InputError("costs_invalid", place="", detail=", ".join(_KEYS))
    for key in data:
        if key not in _KEYS:
            raise InputError("costs_invalid", place=str(key)[:100], detail=", ".join(_KEYS))
    currency = data.get("currency")
    if not isinstance(currency, str) or not re.fullmatch("[A-Z]{3}", currency):
        raise InputError("costs_invalid", place="currency", detail="EUR, CHF, USD …")
    per = data.get("per", "day")
    if not isinstance(per, str) or per not in _UNITS:
        raise InputError("costs_invalid", place="per", detail=", ".join(_UNITS))
    streams = data.get("streams") or {}
    if not isinstance(streams, dict):
        raise InputError("costs_invalid", place="streams", detail="Claims: {cost_of_delay_per_item_day: 120}")
    return Costs(
        currency=currency,
        unit=_UNITS[per],
        minutes_per_status_query=_amount(data, "minutes_per_status_query", "minutes_per_status_query"),
        default=_rates(data.get("default") or {}, "default"),
        streams={str(name): _rates(body, f"streams.{str(name)[:100]}") for name, body in streams.items()},
    )


def _rates(body: object, place: str) -> Rates:
    if not isinstance(body, dict) or not set(body) <= set(_RATES):
        raise InputError("costs_invalid", place=place, detail=", ".join(_RATES))
    return Rates(**{name: _amount(body, name, f"{place}.{name}") for name in _RATES})


def _amount(body: Mapping[Any, Any], name: str, place: str) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError("costs_invalid", place=place, detail="0, 12.5, 120 …")
    if not 0 <= value <= _LARGEST:
        raise InputError("costs_invalid", place=place, detail=f"0 … {_LARGEST:.0e}")
    return float(value)


def _either(one: float | None, other: float | None) -> float | None:
    return other if one is None else one
