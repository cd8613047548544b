"""Friction counts: how often work changes hands, comes back, is put in another order, asked about, or left lying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import narwhals as nw

from pegel.eventlog.policy import Policy
from pegel.flow.log import FlowLog
from pegel.waits.handovers import HandOffs, PingPong, hand_offs, moves_between, ping_pong
from pegel.waits.interruptions import Interruptions, reranking, status_asks
from pegel.waits.records import Records, records_of
from pegel.waits.responsibility import Responsibility, responsibility
from pegel.waits.rework import Reopenings, Rework, reopenings, rework
from pegel.waits.stalled import STALLED_AFTER, StalledItems, stalled_items
from pegel.waits.stay_sequences import stays_of_states
from pegel.waits.stays import windows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FrictionCounts:
    """Eight answers on the friction of work, each with a status of its own."""

    hand_offs: HandOffs
    ping_pong: PingPong
    rework: Rework
    reopenings: Reopenings
    reranking: Interruptions
    status_asks: Interruptions
    stalled_items: StalledItems
    responsibility: Responsibility


def friction_counts(
    log: FlowLog,
    policy: Policy,
    *,
    from_us: int | None = None,
    until_us: int | None = None,
    stalled_after: float = STALLED_AFTER,
    items: nw.LazyFrame[Any] | None = None,
    records: Records | None = None,
) -> FrictionCounts:
    """Count frictions of the moves in a period, of the items finished in it, and of the items that are open.

    ``stalled_after``: days (of the log's unit) without any activity from which on an open item is stalled.
    ``items``: attributed item windows, ``records``: those of the log, where the caller has them already.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Review: waiting, Done: done}")
    >>> rows = [("A", f"2026-01-{day:02}", state) for day, state in enumerate(("Doing", "Review", "Doing", "Done"), 5)]
    >>> counts = friction_counts(log_of_rows(rows, workflow), built_in_policy("first_active_to_last_done"))
    >>> counts.rework.count, counts.ping_pong.count, counts.hand_offs.reason
    (1, 1, 'no_handover_evidence')
    """
    found = records_of(log) if records is None else records
    start = 0 if from_us is None else from_us
    until = log.as_of_us + 1 if until_us is None else until_us
    windows = log.engine.keep(windows_of(log, policy, from_us=start, until_us=until, items=items))
    stays = log.engine.keep(stays_of_states(log, actors=found.evidence.actors))
    period = {"from_us": start, "until_us": until}
    moved = moves_between(log, found, stays, **period)
    return FrictionCounts(
        hand_offs=hand_offs(log, found, stays, moved),
        ping_pong=ping_pong(log, moved),
        rework=rework(log, stays, **period),
        reopenings=reopenings(log, windows),
        reranking=reranking(log, policy, found, windows),
        status_asks=status_asks(log, found, windows),
        stalled_items=stalled_items(log, windows, after_days=stalled_after),
        responsibility=responsibility(log, policy, found, windows),
    )
