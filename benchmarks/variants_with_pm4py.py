"""Holds variants and the directly-follows graph against pm4py: ``python benchmarks/variants_with_pm4py.py LOG.xes…``.

Both read the same events. Pegel is given each activity as a state, and an end after the last event, as a log of
activities has none; repeats of an activity are taken out for pm4py, as they are no step for Pegel. Ends with an error
where a count or a median differs.
"""

from __future__ import annotations

import sys
from collections import Counter

import pandas as pd
import pm4py
import polars as pl

from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import StateCategory, StateRule, Workflow
from pegel.flow import attribute, item_windows, log_of_frames
from pegel.flow.variants import LONGEST, variants
from pegel.lake import intervals

_CASE, _ACTIVITY, _AT = "case:concept:name", "concept:name", "time:timestamp"
_END = "(end of the log)"
_DAY_S = 86_400


def main() -> None:
    """Compare every log named on the command line."""
    for path in sys.argv[1:]:
        events = _events(path)
        peer, ours = _with_pm4py(events.copy()), _with_pegel(events)
        for what, theirs in peer.items():
            if ours[what] != theirs:
                different = dict(ours[what].items() ^ theirs.items())
                raise SystemExit(f"{path}: {what} differ in {len(different)} places: {list(different.items())[:5]}")
        said = ", ".join(f"{len(found):,} {what}" for what, found in peer.items())
        print(f"{path}: {events[_CASE].nunique():,} cases; equal: {said}")


def _events(path: str) -> pd.DataFrame:
    log = pm4py.read_xes(path)[[_CASE, _ACTIVITY, _AT]]
    log = log.sort_values([_CASE, _AT], kind="stable")
    return log[(log[_ACTIVITY] != log.groupby(_CASE)[_ACTIVITY].shift())]


def _with_pm4py(events: pd.DataFrame) -> dict[str, dict[tuple[str, ...], float]]:
    sequences: Counter[tuple[str, ...]] = Counter()
    for states, cases in pm4py.get_variants(events).items():
        sequences[states[:LONGEST]] += cases
    counts = pm4py.discover_dfg(events)[0]
    times = pm4py.discover_performance_dfg(events)[0]
    medians = {pair: round(found["median"] / _DAY_S, 6) for pair, found in times.items()}
    return {"variants": dict(sequences), "steps": dict(counts), "medians": medians}


def _with_pegel(events: pd.DataFrame) -> dict[str, dict[tuple[str, ...], float]]:
    cases = {name: number for number, name in enumerate(events[_CASE].unique(), start=1)}
    rows = [
        (cases[case], int(at.value // 1000), activity)
        for case, activity, at in events.itertuples(index=False, name=None)
    ]
    last = {item: at for item, at, _ in rows}
    rows += [(item, at, _END) for item, at in last.items()]
    numbered = [(item, at, order, 1, None, state, None) for order, (item, at, state) in enumerate(rows)]
    names = ("item_no", "at_us", "sequence", "import_no", "from_state", "to_state", "actor")
    items = pl.DataFrame(
        {"item_no": list(cases.values()), "stream": "Log", "type": None, "created_us": None},
        schema={"item_no": pl.Int32, "stream": pl.String, "type": pl.String, "created_us": pl.Int64},
    )
    table = pl.DataFrame(
        numbered, orient="row",
        schema=dict(zip(names, (pl.Int32, pl.Int64, pl.Int64, pl.Int32, pl.String, pl.String, pl.String), strict=True)),
    )  # fmt: skip
    states = {state for _, _, state in rows}
    rules = tuple(
        StateRule(state=one, category=StateCategory.DONE if one == _END else StateCategory.ACTIVE) for one in states
    )
    log = log_of_frames(
        items, table, pl.DataFrame(schema=intervals.CHANGES), {"Log": Workflow(name="Log", rules=rules)}
    )
    policy = built_in_policy("first_active_to_last_done")
    found = variants(log, policy, attribute(log, policy, item_windows(log, policy)))
    sequences: Counter[tuple[str, ...]] = Counter()
    for path, count in found.variants.select("states", "items").iter_rows():
        sequences[tuple(one for one in path if one != _END)] += count
    steps = found.steps.filter(pl.col("to_state") != _END)
    return {
        "variants": dict(sequences),
        "steps": {(one, other): moves for one, other, moves in steps.select("from_state", "to_state", "moves").rows()},
        "medians": {
            (one, other): round(p50, 6) for one, other, p50 in steps.select("from_state", "to_state", "p50").rows()
        },
    }


if __name__ == "__main__":
    main()
