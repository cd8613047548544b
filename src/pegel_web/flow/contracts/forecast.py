"""When so many items will be done, and how many by a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pegel_web.flow.contracts.figures import Status
from pegel_web.flow.contracts.streams import Freshness, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastLine:
    """With ``confidence`` (a share) the asked items are done by ``day``, ``days`` days of work from the data's end, and
    at least ``items`` by the asked day. None: not asked, or not claimed; ``answer`` says why.
    """

    confidence: float
    day: date | None
    days: int | None
    items: int | None
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsForecast:
    """The answer of simulated futures.

    ``items``: asked number; None: only the day was asked. ``until``: asked day. ``split_rate``: items that one item
    becomes. ``probability``: that the items are done by the day; None: not both were asked. ``status`` other than
    ``value``: ``sentences`` say why. ``basis``: the window with its counts, ``runs`` futures, ``seed``. ``backtest``:
    how often the standing forecast of this stream would have held. ``first_day``, ``last_day``: between which a day can
    be asked for; None: nothing has been computed yet.
    """

    stream: Stream
    definition: str
    status: Status
    sentences: tuple[str, ...]
    items: int | None
    until: date | None
    split_rate: float
    probability: float | None
    lines: tuple[ForecastLine, ...]
    basis: str
    backtest: str
    assumptions: tuple[str, ...]
    policy: str
    runs: int
    seed: int
    first_day: date | None
    last_day: date | None
    freshness: Freshness | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnForecast:
    """A forecast with its drawing as a Vega-Lite specification; None: there is nothing to draw."""

    found: ItemsForecast
    specification: Mapping[str, Any] | None
    sentence: str
