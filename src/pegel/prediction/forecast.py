"""Forecast: when will so many items be done, and how many will be done by a date?

Definition
    Futures simulated from the days of a reference window (see ``simulation``). *When*: the day by which 50, 70, 85 and
    95% of the futures have finished the items; with several streams the day on which all of them have, in the same
    future. *How many*: the number that 50, 70, 85 and 95% of the futures finish within the time at least.
Not claimed
    Nothing above 95%, and no level beyond which fewer than three of the observed days lie on average.
Clock
    An item counts on the day of its stop, under the policy. Cancelled items deliver nothing.
Source
    Vacanti, *When Will It Be Done?* (2018); Magennis, *Forecasting and Simulating Software Development Projects*
    (2011); Efron, *Bootstrap methods*, Annals of Statistics 7 (1979) 1–26.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.errors import NotFoundError, UserError
from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import DAY_US
from pegel.flow import attribute, item_windows
from pegel.flow.answer import Answer, Status
from pegel.flow.flow_velocity import finished_in
from pegel.flow.log import FlowLog
from pegel.prediction.backtest import Backtest, backtest, no_backtest
from pegel.prediction.futures import CURVE, HOW_MANY, JOINT, WHEN, days_until, how_many, when
from pegel.prediction.rules import Rules, highest_level
from pegel.prediction.split import observed_families
from pegel.prediction.supply import Supply, day_of, midnight_us, supply

DEFINITION: Final = "forecast/1"
MOST_ITEMS: Final = 1_000_000

_WINDOW: Final = {
    "stream": pl.String(),
    "finished": pl.Int64(),
    "per_day": pl.Float64(),
    "days_without": pl.Int64(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast(Answer):
    """What the simulated futures say.

    Parameters
    ----------
    question: ``when`` | ``how_many``. ``items``: asked number by stream ("": all chosen streams together).
    until_us: the asked day. ``probability``: that the items are done by the asked day, at least ``1 - HIGHEST`` and at
        most ``highest``, where both are asked for.
    when: [stream, level, day_us, days, answer]; ``stream`` null: all together; ``days``: days of work from now;
        ``answer``: ``value`` | ``not_claimed`` | ``beyond_horizon``.
    how_many: [stream, level, items, answer]: at least so many.
    joint: [level, day_us, slowest_day_us, independent_day_us], of several streams: the joint day beside the latest day
        of any single stream and the day under the assumption that streams have nothing in common.
    curve: [day_us, share]: futures that are done by the end of each day, up to the highest level claimed.
    window: [stream, finished, per_day, days_without] of the reference window ``from_us`` to ``window_until_us``
        (dates, each written as its beginning in UTC, like all days here). ``days_seen``: its days, with a calendar its
        working days. ``least_days``, ``least_items``: what it must hold.
    assumptions: codes, worded in ``pegel.words``. ``highest``: the highest confidence that the data allows.
    """

    question: str
    items: dict[str, int]
    until_us: int | None = None
    as_of_us: int = 0
    from_us: int = 0
    window_until_us: int = 0
    days_seen: int = 0
    least_days: int = 0
    least_items: int = 0
    runs: int = 0
    seed: int = 0
    highest: float = 0.0
    split_rate: float = 1.0
    probability: float | None = None
    assumptions: tuple[str, ...] = ()
    when: pl.DataFrame
    how_many: pl.DataFrame
    joint: pl.DataFrame
    curve: pl.DataFrame
    window: pl.DataFrame
    backtest: Backtest


def forecast(
    log: FlowLog,
    policy: Policy,
    *,
    items: int | Mapping[str, int] | None = None,
    until_us: int | None = None,
    rules: Rules | None = None,
    windows: nw.LazyFrame[Any] | None = None,
    with_backtest: bool = True,
    on_origin: Callable[[int, int], None] | None = None,
) -> Forecast:
    """Return when so many items are done, or how many are done by the end of a day.

    Parameters
    ----------
    items: how many, of all chosen streams together, or by stream. ``until_us``: a moment of the asked day. One of them
        is needed; with both, the probability is said as well.
    windows: attributed item windows, where they are at hand. ``on_origin``: told (done, all) by the backtest.

    Raises
    ------
    UserError: ``forecast_needs_a_question``, ``forecast_setting_invalid``, ``forecast_day_past``.
    NotFoundError: ``unknown_stream``.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> rows = [(str(day), f"2026-01-{day:02}", state) for day in range(1, 31) for state in ("Doing", "Done")]
    >>> log = log_of_rows(rows, load_workflow("states: {Doing: active, Done: done}"), as_of="2026-01-31")
    >>> found = forecast(log, built_in_policy("first_active_to_last_done"), items=3, with_backtest=False)
    >>> found.when["days"].to_list(), found.when["answer"][3]  # one a day: three days, whatever is drawn
    ([3, 3, 3, None], 'not_claimed')
    """
    chosen = rules or Rules()
    asked = _asked(log, items, until_us)
    table = log.engine.keep(attribute(log, policy, item_windows(log, policy))) if windows is None else windows
    names = None if set(asked) <= {""} else tuple(asked)
    found = supply(log, table, window_days=chosen.window_days, streams=names)
    if chosen.split.observed:
        families = observed_families(log, _finished_in(table, found))
        chosen = replace(chosen, split=replace(chosen.split, families=families))
    answer = forecast_of(found, asked, as_of_us=log.as_of_us, until_us=until_us, rules=chosen)
    if not with_backtest or answer.status is not Status.VALUE:
        return answer
    p85 = answer.when.filter(pl.col("stream").is_null() & (pl.col("level") == 85))["days"]
    tested = backtest(
        log,
        policy,
        windows=table,
        asked=asked,
        days=days_until(found, until_us) if until_us is not None and not items else None,
        likely_days=None if not len(p85) or p85[0] is None else int(p85[0]),
        rules=chosen,
        on_origin=on_origin,
    )
    return replace(answer, backtest=tested)


def forecast_of(
    found: Supply, asked: Mapping[str, int], *, as_of_us: int, until_us: int | None = None, rules: Rules | None = None
) -> Forecast:
    """Return the forecast of a prepared supply; see ``forecast``. No backtest.

    ``asked``: items by column of the supply ("": all together); 0 everywhere: how many by ``until_us``.
    """
    rules = rules or Rules()
    counts = any(asked.values())
    answer = _frame(found, asked, as_of_us, until_us, rules, "when" if counts else "how_many")
    missing = _missing(found, rules)
    if missing is not None:
        return replace(answer, status=Status.NO_DATA, reason=missing)
    simulated: dict[str, Any] = {}
    if counts:
        simulated |= when(found, asked, until_us, rules)
    if until_us is not None:
        simulated["how_many"] = how_many(found, days_until(found, until_us), rules)
    return replace(answer, **simulated)


def _asked(log: FlowLog, items: int | Mapping[str, int] | None, until_us: int | None) -> dict[str, int]:
    """Return the asked items by stream; 0 for a question about a day alone."""
    if items is None and until_us is None:
        raise UserError("forecast_needs_a_question")
    asked = {"": items or 0} if items is None or isinstance(items, int) else dict(items)
    least = 0 if items is None else 1
    if not asked or any(not least <= number <= MOST_ITEMS for number in asked.values()):
        raise UserError("forecast_setting_invalid", name="items", least=1, most=MOST_ITEMS)
    known = log.streams or {place.stream for place in log.places}
    for name in asked:
        if name and name not in known:
            raise NotFoundError("unknown_stream", name=name, known=sorted(known))
    if until_us is not None:
        calendar = log.working.calendar if log.working else None
        if day_of(until_us, calendar) < day_of(log.as_of_us, calendar):
            raise UserError("forecast_day_past")
    return asked


def _frame(
    found: Supply, asked: Mapping[str, int], as_of_us: int, until_us: int | None, rules: Rules, question: str
) -> Forecast:
    """Return the answer without figures: the question, the window, the rules."""
    n = len(found.days)
    window = [
        (name, int(column.sum()), float(column.mean()) if n else 0.0, int((column == 0).sum()))
        for name, column in zip(found.streams, found.counts.T, strict=True)
    ]
    return Forecast(
        definition=DEFINITION,
        status=Status.VALUE,
        question=question,
        items=dict(asked),
        until_us=until_us,
        as_of_us=as_of_us,
        from_us=found.first_day * DAY_US,
        window_until_us=found.until_day * DAY_US,
        days_seen=n,
        least_days=rules.least_days,
        least_items=rules.least_items,
        runs=rules.runs,
        seed=rules.seed,
        highest=highest_level(n),
        split_rate=rules.split.mean,
        assumptions=_assumptions(found, rules, question),
        when=pl.DataFrame(schema=WHEN),
        how_many=pl.DataFrame(schema=HOW_MANY),
        joint=pl.DataFrame(schema=JOINT),
        curve=pl.DataFrame(schema=CURVE),
        window=pl.DataFrame(window, schema=_WINDOW, orient="row"),
        backtest=no_backtest("backtest_not_asked"),
    )


def _missing(found: Supply, rules: Rules) -> str | None:
    """Return what the window lacks for a forecast."""
    if len(found.days) < rules.least_days:
        return "window_too_short"
    if not found.counts.sum(axis=0).all():
        return "nothing_finished_in_window"
    return "too_few_finished" if (found.counts.sum(axis=0) < rules.least_items).any() else None


def _assumptions(found: Supply, rules: Rules, question: str) -> tuple[str, ...]:
    split = "split_observed" if rules.split.families else "split_declared" if rules.split.high > 1 else "split_none"
    return (
        "future_like_window",
        "working_days_of_calendar" if found.calendar else "weekdays_as_observed",
        "pace_uncertain" if rules.uncertain_rate else "pace_certain",
        *(["streams_together"] if len(found.streams) > 1 else []),
        *([split] if question == "when" else []),
    )


def _finished_in(table: nw.LazyFrame[Any], found: Supply) -> nw.LazyFrame[Any]:
    bounds = (midnight_us(day, found.calendar) for day in (found.first_day, found.until_day))
    return finished_in(table, from_us=next(bounds), until_us=next(bounds))
