"""Forecast of named items: when is each of them done, and when are all?

Definition
    Items are done in the given order, no more at once than the limit on work in progress; work already under way holds
    a place and is judged by its age: of the items that had become as old, how much longer did they take? Blockers come
    first. The answer is the moment by which 50, 70, 85 and 95% of the simulated futures have finished an item, and all.
Limit
    Given, or as observed: departures per day × mean flow time (Little's law), so that the simulation delivers at the
    pace that was seen.
Left out
    Items that are older than any finished item ever became: the data knows nothing about them. They are named.
Source
    Kaplan & Meier, JASA 53 (1958) 457–481; Efron, *The two sample problem with censored data*, Proc. 5th Berkeley
    Symposium 4 (1967) 831–853 (what the data does not reach ends at the longest time observed); Little, Operations
    Research 9 (1961) 383–387; Vacanti, *Actionable Agile Metrics for Predictability* (2015), on age.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import narwhals as nw
import numpy as np
import polars as pl

from pegel.eventlog.policy import Policy, TimeKind
from pegel.flow import attribute, item_windows
from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog
from pegel.prediction.backtest import Backtest, no_backtest
from pegel.prediction.dependencies import Dependencies, dependencies
from pegel.prediction.flow_times import FlowTimes, flow_times, unfinished_items
from pegel.prediction.item_backtest import item_backtest
from pegel.prediction.moments import moment_after
from pegel.prediction.rules import LEVELS, Rules, highest_level, is_claimed
from pegel.prediction.schedule import Schedule, schedule
from pegel.prediction.simulation import day_at
from pegel.prediction.supply import midnight_us, supply
from pegel.prediction.survival import MINUTE_US

DEFINITION: Final = "item_forecast/1"
#: Other items in progress that are simulated; of more, an even selection by age, with the limit in proportion.
MOST_OTHERS: Final = 5_000
#: Chosen and added items at most.
MOST_ITEMS: Final = 2_000
_MOST_DRAWS: Final = 10_000_000
_FEWEST_RUNS: Final = 1_000
_FAR: Final = 2.0**40

_LEVEL_COLUMNS: Final = tuple(f"p{level}_us" for level in LEVELS)
_ITEMS: Final = {
    "item": pl.Int64(),
    "stream": pl.String(),
    "position": pl.Int64(),
    "age_days": pl.Float64(),
    "added": pl.Boolean(),
    "blockers": pl.Int64(),
    **dict.fromkeys(_LEVEL_COLUMNS, pl.Int64()),
}
_WHEN: Final = {"level": pl.Int64(), "at_us": pl.Int64(), "answer": pl.String()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemForecast(Answer):
    """When each of the items is done, and when all of them are.

    Parameters
    ----------
    items: [item, stream, position, age_days, added, blockers, p50_us, p70_us, p85_us, p95_us] in order of doing;
        ``age_days`` null: not started; ``added``: needed by another one; null levels: not claimed, or not reached.
    when: [level, at_us, answer] for all of them; ``answer``: ``value`` | ``not_claimed`` | ``beyond_horizon``.
    left_out: [item, reason]: ``older_than_any_finished`` | ``waits_for_left_out`` | ``not_open``.
    cycle: items that wait for each other in a circle. ``wip``: places, ``wip_observed``: nobody gave them.
    others: further items in progress. ``n``: finished items that the flow times stand on. ``highest``: the highest
        confidence that they allow.
    """

    unit: str = "days"
    as_of_us: int = 0
    wip: int = 0
    wip_observed: bool = True
    others: int = 0
    n: int = 0
    least_items: int = 0
    runs: int = 0
    seed: int = 0
    highest: float = 0.0
    assumptions: tuple[str, ...] = ()
    cycle: tuple[int, ...] = ()
    items: pl.DataFrame
    when: pl.DataFrame
    left_out: pl.DataFrame
    backtest: Backtest


def forecast_items(
    log: FlowLog,
    policy: Policy,
    chosen: Sequence[int],
    *,
    rules: Rules | None = None,
    windows: nw.LazyFrame[Any] | None = None,
    with_backtest: bool = True,
    on_origin: Callable[[int, int], None] | None = None,
) -> ItemForecast:
    """Return when the chosen items are done, taken up in the given order.

    ``windows``: attributed item windows, where they are at hand. ``on_origin``: told (done, all) by the backtest.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> rows = [(str(day), f"2026-01-{day + more:02}", state) for day in range(1, 26) for more, state in
    ...         ((0, "Doing"), (2, "Done"))]  # 25 items, each took two days
    >>> log = log_of_rows([*rows, ("X", "2026-01-28", "Open")], load_workflow(
    ...     "states: {Open: new, Doing: active, Done: done}"), as_of="2026-01-28")
    >>> found = forecast_items(log, built_in_policy("first_active_to_last_done"), [26], with_backtest=False)
    >>> from pegel.eventlog.schema import from_us
    >>> from_us(found.items["p85_us"][0]).date().isoformat(), found.items["p95_us"][0]
    ('2026-01-30', None)
    """
    chosen_rules = rules or Rules()
    table = log.engine.keep(attribute(log, policy, item_windows(log, policy))) if windows is None else windows
    times = flow_times(log, policy, table)
    answer = ItemForecast(
        definition=DEFINITION,
        status=Status.VALUE,
        unit=log.unit,
        as_of_us=log.as_of_us,
        n=times.finished,
        least_items=chosen_rules.least_items,
        seed=chosen_rules.seed,
        highest=highest_level(times.finished),
        items=pl.DataFrame(schema=_ITEMS),
        when=pl.DataFrame(schema=_WHEN),
        left_out=pl.DataFrame(schema={"item": pl.Int64(), "reason": pl.String()}),
        backtest=no_backtest("backtest_not_asked", kind="items"),
    )
    if policy.time is TimeKind.SUM_OF_STATES:
        return replace(answer, status=Status.UNDEFINED, reason="policy_adds_up_states")
    if times.finished < chosen_rules.least_items:
        return replace(answer, status=Status.NO_DATA, reason="too_few_flow_times")
    answer = _simulated(log, table, chosen, times, answer, chosen_rules)
    if not with_backtest or answer.status is not Status.VALUE:
        return answer
    tested = item_backtest(log, policy, windows=table, rules=chosen_rules, on_origin=on_origin)
    return replace(answer, backtest=tested)


def observed_wip(log: FlowLog, items: nw.LazyFrame[Any], times: FlowTimes, *, window_days: int) -> int:
    """Return the work in progress that fits the observed pace: departures × mean flow time (Little), at least 1."""
    found = supply(log, items, window_days=window_days)
    start, end = (midnight_us(day, found.calendar) for day in (found.first_day, found.until_day))
    length = (end - start) if log.working is None else log.working.between(start, end)
    return max(1, round(found.finished * times.mean * MINUTE_US / length)) if length > 0 else 1


def _simulated(
    log: FlowLog,
    table: nw.LazyFrame[Any],
    chosen: Sequence[int],
    times: FlowTimes,
    answer: ItemForecast,
    rules: Rules,
) -> ItemForecast:
    opened = unfinished_items(log, table)
    known = {row["item"]: row for row in opened.iter_rows(named=True)}
    wanted = list(dict.fromkeys(chosen))
    here = [item for item in wanted if item in known]
    left_out = {item: "not_open" for item in wanted if item not in known}
    dependent = dependencies(log, here, known)
    if dependent.cycle:
        return replace(answer, status=Status.UNDEFINED, reason="dependency_cycle", cycle=dependent.cycle)
    ages = {item: float(row["minutes"]) for item, row in known.items() if row["minutes"] is not None}
    left_out |= _unknowable(dependent, ages, times)
    dependent = _without(dependent, left_out)
    listed = pl.DataFrame(sorted(left_out.items()), schema={"item": pl.Int64(), "reason": pl.String()}, orient="row")
    if not dependent.order:
        return replace(answer, status=Status.NO_DATA, reason="no_item_to_forecast", left_out=listed)
    if len(dependent.order) > MOST_ITEMS:
        return replace(answer, status=Status.UNDEFINED, reason="too_many_items", left_out=listed)
    mine = set(dependent.order) | set(left_out)
    others = np.sort([age for item, age in ages.items() if item not in mine and age < times.last_finished])
    wip = rules.wip or observed_wip(log, table, times, window_days=rules.window_days)
    simulated = others[:: -(-len(others) // MOST_OTHERS)] if len(others) else others
    places = max(1, round(wip * len(simulated) / len(others))) if len(simulated) < len(others) else wip
    drawn = len(simulated) + len(dependent.order)
    runs = max(min(rules.runs, _FEWEST_RUNS), min(rules.runs, _MOST_DRAWS // max(1, drawn)))
    own_ages = {item: age for item, age in ages.items() if item in mine}
    made = schedule(times, dependent, own_ages, simulated, wip=places, runs=runs, seed=rules.seed)
    return replace(
        answer,
        wip=wip,
        wip_observed=rules.wip is None,
        others=len(others),
        runs=runs,
        assumptions=(
            "flow_times_like_last_year",
            "wip_observed" if rules.wip is None else "wip_given",
            "order_given",
            *(["blockers_first"] if any(dependent.blockers.values()) or any(dependent.children.values()) else []),
            *(["others_hold_places"] if len(others) else []),
        ),
        items=_item_table(log, made, dependent, known, ages, times.finished),
        when=_all_done(log, made, times.finished),
        left_out=listed,
    )


def _unknowable(dependent: Dependencies, ages: dict[int, float], times: FlowTimes) -> dict[int, str]:
    """Items that the data says nothing about, and those that wait for such an item."""
    found: dict[int, str] = {}
    for item in dependent.order:
        if ages.get(item, -1.0) >= max(times.last_finished, 0.0):
            found[item] = "older_than_any_finished"
        elif found.keys() & (dependent.blockers.get(item, frozenset()) | dependent.children.get(item, frozenset())):
            found[item] = "waits_for_left_out"
    return found


def _without(dependent: Dependencies, left_out: dict[int, str]) -> Dependencies:
    return replace(dependent, order=tuple(item for item in dependent.order if item not in left_out))


def _moment(log: FlowLog, minutes: np.ndarray, level: int, n: int) -> tuple[int | None, str]:
    if not is_claimed(level, n):
        return None, "not_claimed"
    found = day_at(minutes, level / 100, never=_FAR)
    at_us = None if found is None else moment_after(log, found * MINUTE_US)
    return at_us, "beyond_horizon" if at_us is None else "value"


def _all_done(log: FlowLog, made: Schedule, n: int) -> pl.DataFrame:
    last = made.done.max(axis=1)
    return pl.DataFrame([(level, *_moment(log, last, level, n)) for level in LEVELS], schema=_WHEN, orient="row")


def _item_table(
    log: FlowLog,
    made: Schedule,
    dependent: Dependencies,
    known: dict[int, dict[str, Any]],
    ages: dict[int, float],
    n: int,
) -> pl.DataFrame:
    per_day = log.day_us / MINUTE_US
    rows = [
        (
            item,
            known[item]["stream"],
            position,
            ages[item] / per_day if item in ages else None,
            item in dependent.added,
            len(dependent.blockers.get(item, ())) + len(dependent.children.get(item, ())),
            *(_moment(log, made.done[:, position - 1], level, n)[0] for level in LEVELS),
        )
        for position, item in enumerate(made.items, start=1)
    ]
    return pl.DataFrame(rows, schema=_ITEMS, orient="row")
