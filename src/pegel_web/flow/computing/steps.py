"""The steps of a stream and the work in them, for the question who is accountable: computed for every period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl
from pydantic import TypeAdapter

from pegel.flow.flow_velocity import finished_in
from pegel.flow.log import FlowLog
from pegel.flow.time_in_state import summarise_time_in_state, time_in_state
from pegel.flow.work_item_age import open_items
from pegel.waits.friction import friction_counts
from pegel.waits.records import Records, records_of
from pegel.waits.responsibility import DEFINITION
from pegel.waits.teams import teams_by_state
from pegel_web.flow.computing.computed import Computed, Reading
from pegel_web.flow.computing.periods import PERIODS, bounds_us
from pegel_web.flow.contracts.responsibility import StepContent, StepWork

STEPS: Final[TypeAdapter[StepContent]] = TypeAdapter(StepContent)
#: States in which an item is at its end, or outside the flow: nobody has to look after it there.
_OUTSIDE: Final = frozenset({"done", "cancelled", "deleted", "ignored"})


def step_results(reading: Reading) -> Iterator[Computed]:
    """Yield the steps of each period, under the clock that suits the stream: who is accountable knows no clock."""
    if not reading.preferred:
        return
    records = records_of(reading.log)
    for period in PERIODS:
        content = step_content(reading, records, period)
        yield Computed(
            kind="steps",
            policy=reading.policy,
            period=period,
            preferred=True,
            payload={"content": STEPS.dump_python(content, mode="json")},
            definitions=(DEFINITION,),
            as_of=reading.as_of,
        )


def step_content(reading: Reading, records: Records, period: str) -> StepContent:
    """Return what the log shows about the steps in a period."""
    log, policy = reading.log, reading.policy
    from_us, until_us = bounds_us(log, period)
    bounds = {
        "from_us": 0 if from_us is None else from_us,
        "until_us": log.as_of_us + 1 if until_us is None else until_us,
    }
    finished = finished_in(reading.windows, **bounds)
    timed = summarise_time_in_state(log, log.engine.collect(time_in_state(log, policy, finished))).by_state
    counts = friction_counts(log, policy, items=reading.windows, records=records, **bounds)
    teams = teams_by_state(log, records, **bounds)
    back: Counter[str] = Counter()
    for state, moves in counts.ping_pong.by_pair.select("state", "ping_pong").iter_rows():
        back[state] += moves
    opened = log.engine.collect(open_items(log, reading.windows))
    steps = _steps(log, timed, _open(log, opened), None if teams is None else teams.by_state, back)
    by_team = counts.hand_offs.by_stream.filter((pl.col("by") == "team") & (pl.col("status") == "value"))
    moved = {name: int(by_team[name].sum()) if by_team.height else None for name in ("moves", "hand_offs", "ping_pong")}
    return StepContent(
        period=period,
        policy=policy.name,
        unit=log.unit,
        steps=steps,
        waiting_days=sum(one.waiting_days for one in steps),
        team_status="not_configured" if teams is None else "value" if by_team.height else "no_data",
        teams=None if teams is None else teams.count,
        hand_off_moves=moved["moves"],
        hand_offs=moved["hand_offs"],
        team_back=moved["ping_pong"],
        people=reading.people,
    )


def _steps(
    log: FlowLog, timed: pl.DataFrame, opened: Mapping[str, int], teams: Mapping[str, int] | None, back: Counter[str]
) -> tuple[StepWork, ...]:
    """Return every state in which work can lie, the most waiting first."""
    spent: dict[str, dict[str, Any]] = {}
    for row in timed.filter(~pl.col("paused")).iter_rows(named=True):
        mine = spent.setdefault(row["state"], {"items": 0, "days": 0.0, "waiting": 0.0})
        mine["items"] += row["items"]
        mine["days"] += row["days"]
        mine["waiting"] += 0.0 if row["category"] == "active" else row["days"]
    found = [
        StepWork(
            state=state,
            category=category,
            items=spent.get(state, {}).get("items", 0),
            days=spent.get(state, {}).get("days", 0.0),
            waiting_days=spent.get(state, {}).get("waiting", 0.0),
            open=opened.get(state, 0),
            teams=None if teams is None else teams.get(state, 0),
            ping_pong=back[state],
        )
        for state, category in _categories(log).items()
        if category not in _OUTSIDE
    ]
    return tuple(sorted(found, key=lambda one: (-one.waiting_days, -one.days, one.state)))


def _categories(log: FlowLog) -> dict[str, str]:
    """Return the category of each state of the stream today; of several by type, the first that is mapped."""
    found: dict[str, str] = {}
    for place, meaning in zip(log.places, log.meanings.at(log.as_of_us), strict=True):
        if log.streams is not None and place.stream not in log.streams:
            continue
        if found.get(place.state, "unmapped") == "unmapped":
            found[place.state] = meaning.category.value
    return found


def _open(log: FlowLog, opened: pl.DataFrame) -> dict[str, int]:
    states = {place.code: place.state for place in log.places}
    return dict(Counter(states[code] for code in opened["here"]))
