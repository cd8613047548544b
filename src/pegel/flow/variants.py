"""Process variants: by which ways does work really go, and how often by each?

Definition
    A variant is the sequence of states of a finished item, from the first one known to the one that stopped its clock.
    A state that follows itself is one step (a change of type does not interrupt it). Of longer sequences the first
    ``LONGEST`` steps count; items that agree in them are one variant, marked ``cut``. The directly-follows graph counts
    each step from one state to the next of the same items, and how long they were in the state before it.
Unit
    Items; share of the finished items; days.
Clock
    Flow time and waiting are those of the policy. The sequence begins before the clock does: how work gets to its start
    is part of the way.
Source
    van der Aalst, *Process Mining: Data Science in Action* (2nd ed. 2016), ch. 2 and 5.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json import dumps
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy, TimeKind
from pegel.flow.answer import Answer, Status
from pegel.flow.flow_velocity import finished_in
from pegel.flow.log import FlowLog

DEFINITION: Final = "variants/1"
#: Steps of a sequence that are told apart.
LONGEST: Final = 50
#: Variants by which the order of the states is found; rarer ones only where they know a state that these do not.
_ORDERING: Final = 2_000
_ORDER: Final = ("entered_us", "left_us", "place")
_VARIANTS: Final = {
    "states": pl.List(pl.String()), "items": pl.Int64(), "share": pl.Float64(), "covered": pl.Float64(),
    "p50": pl.Float64(), "p85": pl.Float64(), "wait_share": pl.Float64(), "returns": pl.Int64(), "cut": pl.Boolean(),
}  # fmt: skip
_STEPS: Final = {
    "from_state": pl.String(), "to_state": pl.String(), "moves": pl.Int64(), "p50": pl.Float64(), "back": pl.Boolean(),
}  # fmt: skip
_STATES: Final = {
    "state": pl.String(), "category": pl.String(), "phase": pl.String(), "items": pl.Int64(), "returns": pl.Int64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants(Answer):
    """The ways of the ``n`` finished items.

    ``variants``: [states, items, share, covered, p50, p85, wait_share, returns, cut], the most frequent first;
    ``covered``: share of the items on this and all more frequent ones; ``p50``, ``p85``: flow time in ``unit``, null
    where it is undefined; ``wait_share``: of their flow time, null where ``no_waits`` says why; ``returns``: steps to a
    state in which the item had been before.
    ``steps``: [from_state, to_state, moves, p50, back]; ``p50``: median time in the state before the step, in ``unit``;
    ``back``: against the order of ``states``. ``states``: [state, category, phase, items, returns] in the order in
    which items usually come to them first; meanings are those at the log's moment.
    """

    unit: str = "days"
    n: int = 0
    variants: pl.DataFrame
    steps: pl.DataFrame
    states: pl.DataFrame
    no_waits: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The most frequent variants that together cover a part of the items: how many, their items, and their steps."""

    variants: int
    items: int
    steps: pl.DataFrame


def stays_on_the_way(log: FlowLog, finished: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [item, state_no, next_no, time_us]: the steps of finished items, up to the one that stopped their clock.

    ``state_no``: place of the state in ``state_names``. ``next_no``: of the state after it, null at the end;
    ``time_us``: how long the item was in the state, in the log's time. The rows of an item lie together, in order.
    """
    numbers = {name: number for number, name in enumerate(state_names(log))}
    columns = {"place": [one.code for one in log.places], "state_no": [numbers[one.state] for one in log.places]}
    states = log.engine.table(columns, {name: nw.Int32() for name in columns})
    ends = finished.select("item", "end_us")
    stays = log.rows().select("item", "place", "entered_us", "left_us")
    passed = log.engine.looked_up(stays, ends, on="item").filter(nw.col("entered_us") <= nw.col("end_us"))
    named = log.engine.looked_up(passed, states, on="place")
    seen = log.engine.following(named, {"before_no": ("state_no", -1)}, by="item", order_by=_ORDER)
    fresh = seen.filter(nw.col("before_no").is_null() | (nw.col("before_no") != nw.col("state_no")))
    later = {"next_no": ("state_no", 1), "next_us": ("entered_us", 1)}
    steps = log.engine.following(fresh, later, by="item", order_by=_ORDER)
    return log.measure(steps, start="entered_us", end="next_us", into="time_us").select(
        "item", "state_no", "next_no", "time_us"
    )


def variants(
    log: FlowLog, policy: Policy, items: nw.LazyFrame[Any], *, from_us: int | None = None, until_us: int | None = None
) -> Variants:
    """Find the variants of the items finished in a period; ``items``: attributed item windows.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Review: waiting, Done: done}")
    >>> rows = [("A", f"2026-01-{day:02}", state) for day, state in enumerate(("Doing", "Review", "Doing", "Done"), 5)]
    >>> log = log_of_rows([*rows, ("B", "2026-01-05", "Doing"), ("B", "2026-01-09", "Done")], workflow)
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> found = variants(log, policy, attribute(log, policy, item_windows(log, policy)))
    >>> found.variants.select("states", "items", "returns").rows()
    [(['Doing', 'Done'], 1, 0), (['Doing', 'Review', 'Doing', 'Done'], 1, 1)]
    >>> found.steps.filter("back").rows()
    [('Review', 'Doing', 1, 1.0, True)]
    """
    start = 0 if from_us is None else from_us
    until = log.as_of_us + 1 if until_us is None else until_us
    finished = log.engine.keep(
        finished_in(items, from_us=start, until_us=until).select("item", "end_us", "flow_us", "active_us")
    )
    no_waits = _no_waits(log, policy)
    on_the_way = log.engine.keep(stays_on_the_way(log, finished))
    sequences = log.engine.collect(log.engine.sequences(on_the_way, by="item", value="state_no"))
    if not sequences.height:
        return Variants(
            definition=DEFINITION, status=Status.NO_DATA, reason="nothing_finished", unit=log.unit,
            variants=pl.DataFrame(schema=_VARIANTS), steps=pl.DataFrame(schema=_STEPS),
            states=pl.DataFrame(schema=_STATES), no_waits=no_waits,
        )  # fmt: skip
    times = log.engine.collect(finished.select("item", "flow_us", "active_us"))
    grouped = _grouped(sequences.join(times, on="item", how="left"), log.day_us, waits=no_waits is None)
    names = state_names(log)
    order = _order(grouped, len(names))
    return Variants(
        definition=DEFINITION,
        status=Status.VALUE,
        unit=log.unit,
        n=sequences.height,
        variants=_named(grouped, names),
        steps=_steps(log, on_the_way, names, order),
        states=_states(log, on_the_way, names, order),
        no_waits=no_waits,
    )


def ways(found: Variants, share: float) -> Ways:
    """Return the most frequent variants that together cover at least this share of the items, with their steps.

    The steps are counted within these variants; their median time is that of all items. All items: ``share`` 1.
    """
    covered = found.variants["covered"]
    count = min(found.variants.height, int((covered < share - 1e-12).sum()) + 1) if found.n else 0
    mine = found.variants.head(count)
    items = int(mine["items"].sum())
    if count == found.variants.height:
        return Ways(variants=count, items=items, steps=found.steps)
    pairs = (
        mine.with_row_index("number")
        .select("number", "items", "states")
        .explode("states")
        .with_columns(to_state=pl.col("states").shift(-1).over("number"))
        .drop_nulls("to_state")
        .group_by(from_state="states", to_state="to_state")
        .agg(moves=pl.col("items").sum().cast(pl.Int64))
    )
    known = found.steps.drop("moves")
    steps = pairs.join(known, on=["from_state", "to_state"], how="left").select(*_STEPS)
    return Ways(variants=count, items=items, steps=_sorted_steps(steps))


def variant_key(states: Iterable[str], *, cut: bool = False) -> str:
    """Return what stands for a variant wherever it is spoken of again: a hash of its states.

    >>> variant_key(["Doing", "Done"]), variant_key(["Doing,Done"])[:8]
    ('3742cfff4307f570', '6af66c2f')
    """
    text = dumps([*states, *([None] if cut else [])], ensure_ascii=True)
    return sha256(text.encode("ascii")).hexdigest()[:16]


def state_names(log: FlowLog) -> list[str]:
    """Return the states of a log by name; the same state of two streams or types is one."""
    return sorted({place.state for place in log.places})


def _no_waits(log: FlowLog, policy: Policy) -> str | None:
    if policy.time is TimeKind.SUM_OF_STATES:
        return "policy_adds_up_states"
    return None if log.has_active_states() else "no_active_states"


def _grouped(items: pl.DataFrame, day_us: int, *, waits: bool) -> pl.DataFrame:
    """Return [states (numbers), cut, items, p50, p85, wait_share, returns, share, covered], the most frequent first."""
    flow, active = pl.col("flow_us"), pl.col("active_us")
    # Of items without a flow time (never started) the active time says nothing either.
    known_active = pl.when(flow.is_not_null()).then(active)
    total = flow.cast(pl.Int128).sum()
    waited = (total - known_active.cast(pl.Int128).sum()) / total
    grouped = (
        items.with_columns(cut=pl.col("state_no").list.len() > LONGEST, states=pl.col("state_no").list.head(LONGEST))
        .group_by("states", "cut")
        .agg(
            items=pl.len().cast(pl.Int64),
            p50=flow.quantile(0.5, "linear") / day_us,
            p85=flow.quantile(0.85, "linear") / day_us,
            wait_share=pl.when(total > 0).then(waited) if waits else pl.lit(None, pl.Float64),
        )
    )
    # The numbers of the states are in the order of their names: equal counts have one order, whatever the engine did.
    written = pl.col("states").list.eval(pl.element().cast(pl.String).str.zfill(6)).list.join(" ")
    return (
        grouped.with_columns(
            path=written,
            share=pl.col("items") / items.height,
            returns=(pl.col("states").list.len() - pl.col("states").list.n_unique()).cast(pl.Int64),
        )
        .sort("items", "path", "cut", descending=[True, False, False])
        .with_columns(covered=pl.col("items").cum_sum() / items.height)
        .drop("path")
    )


def _order(grouped: pl.DataFrame, states: int) -> list[int]:
    """Return the numbers of the states in the order in which items usually come to them first.

    Each pair of states is decided by the items that saw both; the state that precedes the most others stands first.
    """
    before: dict[tuple[int, int], int] = {}
    seen: set[int] = set()
    for rank, (path, items) in enumerate(grouped.select("states", "items").iter_rows()):
        if rank >= _ORDERING and seen.issuperset(path):
            continue
        first = list(dict.fromkeys(path))
        seen.update(first)
        for place, one in enumerate(first):
            for other in first[place + 1 :]:
                before[one, other] = before.get((one, other), 0) + items
    lead = dict.fromkeys(seen, 0)
    for (one, other), items in before.items():
        if items > before.get((other, one), 0):
            lead[one] += 1
            lead[other] -= 1
    # A state that comes only after the steps that are told apart stands last.
    return [*sorted(seen, key=lambda one: (-lead[one], one)), *(one for one in range(states) if one not in seen)]


def _named(grouped: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    text = pl.element().replace_strict(list(range(len(names))), list(names), return_dtype=pl.String())
    return grouped.with_columns(states=pl.col("states").list.eval(text)).select(
        pl.col(name).cast(kind) for name, kind in _VARIANTS.items()
    )


def _steps(log: FlowLog, on_the_way: nw.LazyFrame[Any], names: Sequence[str], order: Sequence[int]) -> pl.DataFrame:
    time = nw.col("time_us")
    table = log.engine.collect(
        on_the_way.filter(~nw.col("next_no").is_null())
        .group_by("state_no", "next_no")
        .agg(moves=nw.len(), p50=time.quantile(0.5, interpolation="linear"))
    )
    rank = {number: place for place, number in enumerate(order)}
    rows = [
        {
            "from_state": names[row["state_no"]],
            "to_state": names[row["next_no"]],
            "moves": row["moves"],
            "p50": row["p50"] / log.day_us,
            "back": rank[row["next_no"]] < rank[row["state_no"]],
        }
        for row in table.iter_rows(named=True)
    ]
    return _sorted_steps(pl.DataFrame(rows, schema=_STEPS))


def _sorted_steps(steps: pl.DataFrame) -> pl.DataFrame:
    return steps.sort("moves", "from_state", "to_state", descending=[True, False, False])


def _states(log: FlowLog, on_the_way: nw.LazyFrame[Any], names: Sequence[str], order: Sequence[int]) -> pl.DataFrame:
    # One number for item and state: grouping by one column is much cheaper than by two.
    both = nw.col("item").cast(nw.Int64()) * len(names) + nw.col("state_no")
    visits = on_the_way.select(both=both).group_by("both").agg(visits=nw.len())
    table = log.engine.collect(
        visits.with_columns(state_no=nw.col("both") % len(names))
        .group_by("state_no")
        .agg(items=nw.len(), visits=nw.col("visits").sum())
    )
    counted = {row["state_no"]: row for row in table.iter_rows(named=True)}
    meanings = _meanings(log)
    rows = [
        {
            "state": names[number],
            "category": meanings[names[number]][0],
            "phase": meanings[names[number]][1],
            "items": counted[number]["items"],
            "returns": counted[number]["visits"] - counted[number]["items"],
        }
        for number in order
        if number in counted
    ]
    return pl.DataFrame(rows, schema=_STATES)


def _meanings(log: FlowLog) -> dict[str, tuple[str, str | None]]:
    """Return category and phase of each state; where types or streams differ, of the first place that is mapped."""
    found: dict[str, tuple[str, str | None]] = {}
    for place, meaning in zip(log.places, log.meanings.at(log.as_of_us), strict=True):
        known = found.get(place.state)
        if known is None or known[0] == "unmapped":
            found[place.state] = (meaning.category.value, meaning.phase.value if meaning.phase else None)
    return found
