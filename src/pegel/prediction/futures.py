"""What simulated futures say: days, numbers and shares as tables; nothing is claimed that the data does not allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import polars as pl

from pegel.eventlog.schema import DAY_US
from pegel.prediction.rules import HIGHEST, LEVELS, Rules, highest_level, is_claimed
from pegel.prediction.simulation import NEVER, at_least, day_at, days_needed, items_finished
from pegel.prediction.supply import HORIZON, Supply, day_of

#: Points of the curve that are handed out at most.
_MOST_POINTS: Final = 150

WHEN: Final = {
    "stream": pl.String(),
    "level": pl.Int64(),
    "day_us": pl.Int64(),
    "days": pl.Int64(),
    "answer": pl.String(),
}
HOW_MANY: Final = {"stream": pl.String(), "level": pl.Int64(), "items": pl.Int64(), "answer": pl.String()}
JOINT: Final = {
    "level": pl.Int64(),
    **dict.fromkeys(("day_us", "slowest_day_us", "independent_day_us"), pl.Int64()),
}
CURVE: Final = {"day_us": pl.Int64(), "share": pl.Float64()}


def when(found: Supply, asked: Mapping[str, int], until_us: int | None, rules: Rules) -> dict[str, Any]:
    """Return ``when``, ``curve`` and, where there is one, ``joint`` and ``probability`` of a ``Forecast``."""
    rng = np.random.default_rng([rules.seed, 1])
    needed = np.stack([rules.split.totals(number, rng, rules.runs) for number in asked.values()], axis=1)
    each = days_needed(found, needed, seed=rules.seed, uncertain_rate=rules.uncertain_rate)
    joint = each.max(axis=1)
    coming = found.coming_days()
    rows = [_when_row(None, level, joint, coming, found) for level in LEVELS]
    out: dict[str, Any] = {"curve": _curve(joint, coming, found)}
    if len(found.streams) > 1:
        for column, name in enumerate(found.streams):
            rows += [_when_row(name, level, each[:, column], coming, found) for level in LEVELS]
        out["joint"] = _joint(each, joint, coming, found)
    out["when"] = pl.DataFrame(rows, schema=WHEN, orient="row")
    if until_us is not None:
        share = float((joint < days_until(found, until_us)).mean())
        out["probability"] = min(max(share, 1 - HIGHEST), highest_level(len(found.days)))
    return out


def _when_row(
    stream: str | None, level: int, days: np.ndarray, coming: np.ndarray, found: Supply
) -> tuple[str | None, int, int | None, int | None, str]:
    if not is_claimed(level, len(found.days)):
        return stream, level, None, None, "not_claimed"
    day = day_at(days, level / 100)
    if day is None or day >= len(coming):
        return stream, level, None, None, "beyond_horizon"
    return stream, level, _named(day, coming, found), day + 1, "value"


def _named(day: int, coming: np.ndarray, found: Supply) -> int:
    """Return the date of a day of work, as the beginning of that date in UTC, which is how dates are written."""
    return int(coming[day] if day >= 0 else found.until_day) * DAY_US


def _joint(each: np.ndarray, joint: np.ndarray, coming: np.ndarray, found: Supply) -> pl.DataFrame:
    """Compare the joint day with two common mistakes: the slowest stream's own day, and streams without ties."""
    runs = len(each)
    positions = np.arange(-1, HORIZON)
    product = np.ones(len(positions))
    for column in each.T:
        product *= np.searchsorted(np.sort(column), positions, side="right") / runs
    rows = []
    for level in LEVELS:
        if not is_claimed(level, len(found.days)):
            continue
        alone = [day_at(column, level / 100) for column in each.T]
        slowest = None if None in alone else max(day for day in alone if day is not None)
        independent = int(np.searchsorted(product, level / 100 - 1e-12)) - 1
        days = (day_at(joint, level / 100), slowest, None if independent >= NEVER else independent)
        named = (None if day is None or day >= len(coming) else _named(day, coming, found) for day in days)
        rows.append((level, *named))
    return pl.DataFrame(rows, schema=JOINT, orient="row")


def _curve(joint: np.ndarray, coming: np.ndarray, found: Supply) -> pl.DataFrame:
    """Share of the futures that are done by each day of work, up to the highest level that is claimed."""
    reached = np.bincount(np.clip(joint, 0, NEVER), minlength=NEVER + 1)[:NEVER].cumsum() / len(joint)
    last = int(np.searchsorted(reached, highest_level(len(found.days)))) + 1
    positions = np.arange(min(last, len(coming), NEVER))
    first = int(np.searchsorted(reached, 0.001))
    kept = np.unique(np.linspace(min(first, len(positions) - 1), len(positions) - 1, _MOST_POINTS).round().astype(int))
    kept = kept[kept >= 0]
    return pl.DataFrame(
        {"day_us": coming[kept] * DAY_US, "share": reached[kept]},
        schema=CURVE,
    )


def days_until(found: Supply, until_us: int) -> int:
    """Return the number of days of work up to the asked day, it included."""
    return len(found.coming_days(until_day=day_of(until_us, found.calendar) + 1))


def how_many(found: Supply, days: int, rules: Rules) -> pl.DataFrame:
    """Return ``how_many`` of a ``Forecast``: numbers finished within so many days of work."""
    counts = items_finished(found, days, runs=rules.runs, seed=rules.seed, uncertain_rate=rules.uncertain_rate)
    columns: list[tuple[str | None, np.ndarray]] = [(None, counts.sum(axis=1))]
    if len(found.streams) > 1:
        columns += [(name, counts[:, number]) for number, name in enumerate(found.streams)]
    rows = [
        (name, level, at_least(column, level / 100), "value")
        if is_claimed(level, len(found.days))
        else (name, level, None, "not_claimed")
        for name, column in columns
        for level in LEVELS
    ]
    return pl.DataFrame(rows, schema=HOW_MANY, orient="row")
