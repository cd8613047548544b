"""Backtest: had the same question been asked in the past, how often would the answer have held?

Method
    Some two dozen past moments (origins), evenly spaced. At each the log is seen as it was then, the forecast is made
    from that alone with the same rules, and compared with what happened. A level holds when the items were done by the
    day said (or at least as many were done). An origin decides about a level only if the day said has passed, so that
    holding and failing could both have been seen. The interval is Wilson's, at 95%; origins that lie close together
    see much of the same future, so it is rather too narrow.
    A question that is too large for the history is asked in a smaller size, which is said.
Source
    Tashman, *Out-of-sample tests of forecasting accuracy*, International Journal of Forecasting 16 (2000) 437–450
    (rolling origin); Wilson, JASA 22 (1927) 209–212; Brown, Cai & DasGupta, Statistical Science 16 (2001) 101–133.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Any, Final

import narwhals as nw
import numpy as np
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.flow import attribute, item_windows
from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog
from pegel.prediction.product_limit import Z
from pegel.prediction.rules import Rules, is_claimed
from pegel.prediction.simulation import at_least, day_at, days_needed, items_finished
from pegel.prediction.supply import Supply, daily_completions, day_of, midnight_us, supply

DEFINITION: Final = "backtest/1"
ORIGINS: Final = 24
#: Levels that are held against the past.
TESTED: Final = (50, 85)
#: Fewer deciding origins say nothing.
FEWEST: Final = 5
#: Runs at each origin: the quantiles need no more, and it is done two dozen times.
_MOST_RUNS: Final = 2_000
#: Rows of a log that several moments are asked about at once, times their moments; the highest number of an item.
_MOST_AT_ONCE: Final = 2_000_000
_LAST_NUMBER: Final = 2**31 - 1

_LEVELS: Final = {
    "level": pl.Int64(),
    "decided": pl.Int64(),
    "held": pl.Int64(),
    **dict.fromkeys(("share", "low", "high"), pl.Float64()),
    "finding": pl.String(),
}
_ORIGINS: Final = {
    "origin_us": pl.Int64(),
    "level": pl.Int64(),
    "said": pl.Int64(),
    "happened": pl.Int64(),
    "held": pl.Boolean(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest(Answer):
    """``levels``: [level, decided, held, share, low, high, finding]; finding ``fits`` | ``optimistic`` | ``cautious``.

    ``origins``: past moments at which a forecast could be made; ``asked``: size of the question there: items (or days)
    by stream; ``reduced``: smaller than the question itself. ``detail``: [origin_us, level, said, happened, held], in
    days of work from the origin (or items); ``happened`` null: not yet.
    ``kind``: ``when`` | ``how_many`` | ``items`` (single open items; then ``decided`` counts items).
    """

    kind: str = "when"
    origins: int = 0
    asked: dict[str, int]
    reduced: bool = False
    levels: pl.DataFrame
    detail: pl.DataFrame


def no_backtest(reason: str, *, kind: str = "when") -> Backtest:
    """Return a backtest without figures."""
    return Backtest(
        definition=DEFINITION,
        status=Status.NO_DATA,
        reason=reason,
        kind=kind,
        asked={},
        levels=pl.DataFrame(schema=_LEVELS),
        detail=pl.DataFrame(schema=_ORIGINS),
    )


def backtest(
    log: FlowLog,
    policy: Policy,
    *,
    windows: nw.LazyFrame[Any],
    asked: Mapping[str, int],
    days: int | None,
    likely_days: int | None,
    rules: Rules,
    origins: int = ORIGINS,
    on_origin: Callable[[int, int], None] | None = None,
) -> Backtest:
    """Hold the question against the log's own past.

    Parameters
    ----------
    windows: item windows as seen today, attributed. ``asked``: items by stream ("": all together).
    days: days of work, for the question how many; None: the question when. ``likely_days``: p85 of today's answer.
    """
    kind = "when" if days is None else "how_many"
    span = days if days is not None else likely_days
    calendar = log.working.calendar if log.working else None
    begun = log.engine.collect(windows.select(nw.col("first_us").min()))["first_us"][0]
    if begun is None or span is None:
        return no_backtest("history_too_short", kind=kind)
    first = day_of(int(begun), calendar) + (rules.least_days if calendar is None else 2 * rules.least_days)
    today = day_of(log.as_of_us + 1, calendar)
    ahead = max(1, span if calendar is None else round(span * 1.5))
    room = today - first
    if room < 2 * FEWEST:
        return no_backtest("history_too_short", kind=kind)
    # Half of the history must be left for the origins, so a question that reaches further is made smaller.
    scale = min(1.0, room / 2 / ahead)
    size = {name: max(1, int(number * scale)) for name, number in asked.items()} if kind == "when" else dict(asked)
    length = None if days is None else max(1, int(days * scale))
    names = None if set(asked) <= {""} else tuple(asked)
    last = max(first + 1, today - int(ahead * scale))
    starts = np.unique(np.linspace(first, last, origins).round().astype(np.int64))
    actual = daily_completions(log, windows, first_day=first, until_day=today, streams=names)
    rows: list[tuple[int, int, int, int | None, bool | None]] = []
    used = 0
    moments = [midnight_us(start, calendar) - 1 for start in starts.tolist()]
    for number, (start, moment, table) in enumerate(
        zip(starts.tolist(), moments, windows_seen_at(log, policy, moments), strict=True)
    ):
        if on_origin is not None:
            on_origin(number, len(starts))
        then = supply(log.seen_at(moment), table, window_days=rules.window_days, streams=names)
        if len(then.days) < rules.least_days or (then.counts.sum(axis=0) < rules.least_items).any():
            continue
        used += 1
        later = _of_coming_days(actual[start - first :], start, then)
        rows += [(moment + 1, *row) for row in _compare(then, later, size, length, rules)]
    if on_origin is not None:
        on_origin(len(starts), len(starts))
    return _summarised(
        rows, kind=kind, origins=used, asked=size if length is None else {"days": length}, reduced=scale < 1
    )


def windows_seen_at(log: FlowLog, policy: Policy, moments: Sequence[int]) -> Iterator[nw.LazyFrame[Any]]:
    """Yield [item, stream, first_us, end_us, ending, …] as seen at each moment: what says how many items were finished.

    Durations are those of the present log, and mean nothing here. In a small log the costs are those of a question,
    not those of its rows, so several moments are asked about at once: every item then stands there once per moment,
    under a number of its own.
    """
    size = log.engine.collect(log.rows().select(nw.len(), nw.col("item").max().alias("last"))).row(0, named=True)
    numbers = int(size["last"] or 0) + 1
    at_once = max(1, min(_MOST_AT_ONCE // max(1, int(size["len"])), _LAST_NUMBER // numbers))
    for first in range(0, len(moments), at_once):
        some = moments[first : first + at_once]
        copies = [
            log.seen_at(moment).rows().with_columns(item=nw.col("item") + number * numbers)
            for number, moment in enumerate(some)
        ]
        # What was finished when does not hang on a calendar: the cheaper clock will do.
        together = replace(log, intervals=nw.concat(copies, how="vertical"), cut=False, working=None)
        table = log.engine.keep(attribute(together, policy, item_windows(together, policy)))
        for number in range(len(some)):
            yield table.filter((nw.col("item") >= number * numbers) & (nw.col("item") < (number + 1) * numbers))


def _of_coming_days(actual: np.ndarray, start: int, then: Supply) -> np.ndarray:
    """Add up what happened by the days of work that a forecast at ``start`` counts; days off go to the next one."""
    coming = then.coming_days(until_day=start + len(actual))
    out = np.zeros((len(coming), actual.shape[1]), dtype=np.int64)
    target = np.searchsorted(coming, np.arange(start, start + len(actual)))
    inside = target < len(coming)
    np.add.at(out, target[inside], actual[inside])
    return out


def _compare(
    then: Supply, later: np.ndarray, size: Mapping[str, int], length: int | None, rules: Rules
) -> list[tuple[int, int, int | None, bool | None]]:
    """Return (level, said, happened, held) of one origin; ``held`` None: not decided yet."""
    runs, seed, uncertain = min(rules.runs, _MOST_RUNS), rules.seed, rules.uncertain_rate
    levels = [level for level in TESTED if is_claimed(level, len(then.days))]
    passed = np.cumsum(later, axis=0)
    if length is not None:
        if len(later) < length:
            return []
        happened = int(passed[length - 1].sum())
        counts = items_finished(then, length, runs=runs, seed=seed, uncertain_rate=uncertain).sum(axis=1)
        said = [(level, at_least(counts, level / 100)) for level in levels]
        return [(level, least, happened, happened >= least) for level, least in said]
    rng = np.random.default_rng([seed, 1])
    # What happened is counted in items as they were finished; splitting is part of that, so it is not added twice.
    needed = np.array(list(size.values()))
    wanted = np.stack([rules.split.totals(int(number), rng, runs) for number in needed], axis=1)
    goal = np.ceil(wanted.mean(axis=0)).astype(np.int64)
    joint = days_needed(then, wanted, seed=seed, uncertain_rate=uncertain).max(axis=1)
    done_on = [np.flatnonzero(passed[:, column] >= goal[column]) for column in range(len(goal))]
    finished = None if any(not len(days) for days in done_on) else int(max(days[0] for days in done_on)) + 1
    rows: list[tuple[int, int, int | None, bool | None]] = []
    for level in levels:
        day = day_at(joint, level / 100)
        if day is not None:
            decided = day + 1 <= len(later)
            rows.append((level, day + 1, finished, finished is not None and finished <= day + 1 if decided else None))
    return rows


def _summarised(
    rows: list[tuple[int, int, int, int | None, bool | None]],
    *,
    kind: str,
    origins: int,
    asked: dict[str, int],
    reduced: bool,
) -> Backtest:
    detail = pl.DataFrame(rows, schema=_ORIGINS, orient="row")
    decided = detail.filter(pl.col("held").is_not_null())
    levels = [
        level_row(level, int(mine["held"].sum()), mine.height)
        for level in TESTED
        if (mine := decided.filter(pl.col("level") == level)).height
    ]
    enough = any(row[1] >= FEWEST for row in levels)
    return Backtest(
        definition=DEFINITION,
        status=Status.VALUE if enough else Status.NO_DATA,
        reason=None if enough else "too_few_origins",
        kind=kind,
        origins=origins,
        asked=asked,
        reduced=reduced,
        levels=level_table(levels),
        detail=detail,
    )


def level_row(level: int, held: int, decided: int) -> tuple[int, int, int, float, float, float, str]:
    """Return a row of ``Backtest.levels``: how often a level held, with its interval and what that means."""
    low, high = wilson(held, decided)
    finding = "optimistic" if high < level / 100 else "cautious" if low > level / 100 else "fits"
    return level, decided, held, held / decided, low, high, finding


def level_table(rows: list[tuple[int, int, int, float, float, float, str]]) -> pl.DataFrame:
    """Return rows of levels as ``Backtest.levels``."""
    return pl.DataFrame(rows, schema=_LEVELS, orient="row")


def wilson(successes: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95% interval of a share.

    >>> [round(bound, 3) for bound in wilson(81, 263)]  # Newcombe, Statistics in Medicine 17 (1998): 0.2553 to 0.3662
    [0.255, 0.366]
    """
    share, spread = successes / n, Z * Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
