"""The arithmetic of the large synthetic log: what happens to an item, as columns of integer codes.

Every value is a hash of (seed, item, position), so chunks are independent of each other, of the machine and of the
version of polars. What the log is like and how it is used: :mod:`pegel.worlds.scale`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import polars as pl

from pegel.eventlog.schema import SECOND_US, TRANSITIONS, to_us
from pegel.eventlog.workflow import Friction, Phase, StateCategory, StateRule
from pegel.worlds.counter_hash import TABLE_BITS, below, lognormal_table, splitmix64, stream_of_chance

FROM_US: Final = to_us(datetime(2023, 1, 1, tzinfo=UTC))
UNTIL_US: Final = to_us(datetime(2026, 1, 1, tzinfo=UTC))
#: Columns of a chunk: a transition, and the stream and type of its item.
COLUMNS: Final = (*TRANSITIONS, "stream", "type")

TYPES: Final = ("Feature", "Defect", "Debt", "Task", "Risk")
#: Share of the types in sixteenths.
_TYPE_OF_16: Final = pl.Series("type", [0] * 6 + [1] * 4 + [2] * 2 + [3] * 3 + [4], dtype=pl.Int64)

RULES: Final = (
    StateRule(state="New", category=StateCategory.NEW, phase=Phase.INTAKE),
    StateRule(state="Ready", category=StateCategory.WAITING, phase=Phase.PLANNING, friction=Friction.PRIORITISATION),
    StateRule(state="Analysis", category=StateCategory.ACTIVE, phase=Phase.PLANNING),
    StateRule(
        state="Waiting for Approval",
        category=StateCategory.WAITING,
        phase=Phase.PLANNING,
        friction=Friction.APPROVAL,
    ),
    StateRule(state="In Progress", category=StateCategory.ACTIVE, phase=Phase.EXECUTION),
    StateRule(state="Hand-off", category=StateCategory.WAITING, phase=Phase.EXECUTION, friction=Friction.HAND_OFF),
    StateRule(state="Review", category=StateCategory.ACTIVE, phase=Phase.EXECUTION),
    StateRule(
        state="Waiting for Customer",
        category=StateCategory.WAITING,
        phase=Phase.EXECUTION,
        friction=Friction.STATUS_QUERY,
    ),
    StateRule(state="Rework", category=StateCategory.ACTIVE, phase=Phase.EXECUTION),
    StateRule(state="On Hold", category=StateCategory.IGNORED, phase=Phase.EXECUTION),
    StateRule(state="Done", category=StateCategory.DONE, phase=Phase.REPORTING),
    StateRule(state="Cancelled", category=StateCategory.CANCELLED, phase=Phase.REPORTING),
)
_STATES: Final = pl.Series("state", [rule.state for rule in RULES], dtype=pl.String)
_NEW, _FIRST_OF_ROUND, _CUSTOMER, _REWORK, _HOLD, _DONE, _CANCELLED = 0, 1, 7, 8, 9, 10, 11
_ROUND: Final = 6
_ACTIVE: Final = [code for code, rule in enumerate(RULES) if rule.category is StateCategory.ACTIVE]
#: How much longer than usual an item stays in a state, in eighths.
_LENGTH: Final = pl.Series("length", [12, 14, 8, 20, 12, 8, 4, 16, 6, 16, 8, 8], dtype=pl.Int64)
#: Usual durations in seconds, mean about three days; an item's stay is that × state's eighths × stream's eighths.
_DURATION: Final = lognormal_table(median=118_000, sigma=1.3)
#: Numbers of changes of an item, 3 to 40, mean ten.
_CHANGES: Final = lognormal_table(median=8.72, sigma=0.55).clip(3, 40)

#: What chance is drawn for, so that the draws are independent of each other.
_FOR_ITEM, _FOR_STREAM, _FOR_STAYS = 1, 2, 3
_PEOPLE: Final = pl.lit(0x5DEECE66D, dtype=pl.UInt64)
_SIDE: Final = pl.lit(0xB5026F5AA96619E9, dtype=pl.UInt64)
#: How the draw of one thing differs from the next one's of the same item.
_STRIDE: Final = pl.lit(0xD1342543DE82EF95, dtype=pl.UInt64)


def item_events(first: int, count: int, *, items: int, seed: int, streams: int) -> pl.DataFrame:
    """Whole lives, beyond the end of the log too, of ``count`` items from number ``first``, in codes.

    ``items``: number of items that are created before the log ends; those numbered beyond it are created later.
    One row per change, by item and order, with ``number``, ``position`` (0 …), ``changes``, ``created_us``, ``at_us``,
    ``stay_us`` (until the next change), ``state``, ``before`` (state code; null at creation), ``cancelled``,
    ``reopened``, ``stream``, ``type``.
    """
    if not 1 <= streams <= 1 << 16:
        raise ValueError("streams must be between 1 and 65536")
    lives = _lives(first, count, items=items, seed=seed, streams=streams)
    length = pl.lit(_DURATION).gather(_low_bits(TABLE_BITS)) * pl.lit(_LENGTH).gather(pl.col("state")) * pl.col("pace")
    fraction_us = (pl.col("bits") // pl.lit(1 << 44, dtype=pl.UInt64)).cast(pl.Int64)
    stay_us = length * (SECOND_US // 64) + fraction_us
    instant = below(pl.col("bits"), 64, from_bit=12) == 0
    begins = pl.col("position") == 0
    return (
        lives.with_columns(position=pl.int_ranges(0, pl.col("changes"), dtype=pl.Int64))
        .explode("position")
        .with_columns(bits=splitmix64(pl.col("key") + pl.col("position").cast(pl.UInt64) * _STRIDE))
        .with_columns(state=_state())
        .with_columns(stay_us=pl.when(instant).then(0).otherwise(stay_us))
        .with_columns(passed=pl.col("stay_us").cum_sum() - pl.col("stay_us"))
        .with_columns(
            at_us=pl.col("passed") + pl.when(begins).then(pl.col("created_us") - pl.col("passed")).forward_fill(),
            before=pl.when(~begins).then(pl.col("state").shift(1)),
        )
        .drop("key", "bits", "pace", "passed")
    )


def named(events: pl.DataFrame, *, first_row: int, people: bool = False) -> pl.DataFrame:
    """Write events as the log does: names instead of codes, columns ``COLUMNS``; ``people``: say who did it."""
    person = pl.lit("S") + pl.col("stream").cast(pl.String) + "-" + _person(pl.col("position")).cast(pl.String)
    return events.select(
        row=pl.int_range(first_row, first_row + pl.len(), dtype=pl.Int64),
        item=pl.lit("I") + pl.col("number").cast(pl.String).str.zfill(8),
        at_us="at_us",
        sequence=pl.col("position") + 1,
        from_state=pl.lit(_STATES).gather(pl.col("before")),
        to_state=pl.lit(_STATES).gather(pl.col("state")),
        actor=person if people else pl.lit(None, dtype=pl.String),
        stream=pl.lit("Stream ") + (pl.col("stream") + 1).cast(pl.String).str.zfill(3),
        type=pl.lit(pl.Series(TYPES)).gather(pl.col("type")),
    )


def side_changes(events: pl.DataFrame, *, first_row: int) -> pl.DataFrame:
    """What else happens during the stays, as ``schema.FIELD_CHANGES``: assignees, priorities, flags, comments.

    A new assignee where work begins, a new priority in 4 of 100 waits, a flag for half of 3 of 100 waits, a comment in
    the middle of 10 of 100.
    """
    rows = events.with_row_index("row", first_row).with_columns(
        bits=splitmix64(pl.col("number").cast(pl.UInt64) * _STRIDE + pl.col("position").cast(pl.UInt64) + _SIDE)
    )
    works = pl.col("state").is_in(_ACTIVE)
    share = below(pl.col("bits"), 100, from_bit=0)
    half_us = pl.col("at_us") + pl.col("stay_us") // 2
    name = pl.lit("S") + pl.col("stream").cast(pl.String) + "-" + _person(pl.col("position")).cast(pl.String)
    level = pl.lit(pl.Series(["low", "medium", "high"])).gather(below(pl.col("bits"), 3, from_bit=16))
    count = pl.col("position").cast(pl.String)

    def changes(chosen: pl.Expr, at: pl.Expr, field: str, value: pl.Expr) -> pl.DataFrame:
        return rows.filter(chosen & (at < UNTIL_US)).select(
            row=pl.col("row").cast(pl.Int64),
            item=pl.lit("I") + pl.col("number").cast(pl.String).str.zfill(8),
            at_us=at,
            sequence=pl.col("position") + 1,
            field=pl.lit(field),
            from_value=pl.lit(None, dtype=pl.String),
            to_value=value,
            actor=name,
        )

    return pl.concat(
        [
            changes(works, pl.col("at_us"), "assignee", name),
            changes(~works & (share < 4), half_us, "priority", level),
            changes(~works & (share >= 4) & (share < 7), pl.col("at_us"), "flag", pl.lit("blocked")),
            changes(~works & (share >= 4) & (share < 7), half_us, "flag", pl.lit(None, dtype=pl.String)),
            changes(~works & (share >= 7) & (share < 17), half_us, "comment_count", count),
        ]
    ).sort("row", "at_us", maintain_order=True)


def _person(position: pl.Expr) -> pl.Expr:
    """One of the nine people of a stream: usually another one at each step."""
    draw = splitmix64(pl.col("number").cast(pl.UInt64) + position.cast(pl.UInt64) * _STRIDE + _PEOPLE)
    return below(draw, 9, from_bit=0)


def _lives(first: int, count: int, *, items: int, seed: int, streams: int) -> pl.DataFrame:
    """One row per item: what is decided once for its whole life."""
    number = pl.col("number").cast(pl.UInt64)
    bits = pl.col("bits")
    one = below(bits, streams, from_bit=0).cast(pl.Int64)
    other = below(bits, streams, from_bit=16).cast(pl.Int64)
    pace = 4 + splitmix64(pl.col("stream").cast(pl.UInt64) + stream_of_chance(seed, _FOR_STREAM)) % pl.lit(
        9, dtype=pl.UInt64
    )
    room_us = max(1, (UNTIL_US - FROM_US) // items)
    return (
        pl.select(number=pl.int_range(first, first + count, dtype=pl.Int64))
        .with_columns(bits=splitmix64(number * _STRIDE + stream_of_chance(seed, _FOR_ITEM)))
        .with_columns(
            # Three quarters of the items crowd in the first streams, the others are spread evenly.
            stream=pl.when(below(bits, 4, from_bit=32) == 0).then(one).otherwise(one * other // streams),
            type=pl.lit(_TYPE_OF_16).gather(below(bits, 16, from_bit=48)),
            key=splitmix64(number * _STRIDE + stream_of_chance(seed, _FOR_STAYS)),
        )
        .with_columns(bits=splitmix64(bits))
        .with_columns(
            changes=pl.lit(_CHANGES).gather(_low_bits(TABLE_BITS)),
            cancelled=below(bits, 100, from_bit=12) < 3,
            skips_queue=below(bits, 4, from_bit=44) == 0,
            again=below(bits, 1000, from_bit=28) < 66,
            created_us=pl.when(pl.col("number") < items).then(FROM_US).otherwise(UNTIL_US - items * room_us)
            + pl.col("number") * room_us
            + (splitmix64(bits) % pl.lit(room_us, dtype=pl.UInt64)).cast(pl.Int64),
            pace=pace.cast(pl.Int64),
        )
        .with_columns(reopened=pl.col("again") & ~pl.col("cancelled") & (pl.col("changes") >= 6))
        .drop("bits", "again")
    )


def _state() -> pl.Expr:
    """State code at each position; no state follows itself.

    Side states come in two disjoint sets, one for odd positions and one for even ones, and are not part of the round.
    A reopened item goes back to the round, never on hold: what an ignored state after "done" means is a policy's
    matter, and this log is to have one truth.
    """
    position, last = pl.col("position"), pl.col("changes") - 1
    side = below(pl.col("bits"), 64, from_bit=28)
    odd = position % 2 == 1
    just_reopened = pl.col("reopened") & (position == last - 1)
    in_round = _FIRST_OF_ROUND + (position - 1 + pl.col("skips_queue").cast(pl.Int64)) % _ROUND
    return (
        pl.when(position == 0)
        .then(_NEW)
        .when(position == last)
        .then(pl.when("cancelled").then(_CANCELLED).otherwise(_DONE))
        .when(pl.col("reopened") & (position == last - 2))
        .then(_DONE)
        .when(odd & (side < 6))
        .then(_CUSTOMER)
        .when(odd & (side < 10))
        .then(_REWORK)
        .when(~odd & (side < 2) & ~just_reopened)
        .then(_HOLD)
        .otherwise(in_round)
        .cast(pl.Int64)
    )


def planned(events: pl.DataFrame) -> dict[str, int]:
    """Totals of a chunk of whole lives at the end of the log, by the fields of ScaleTruth.

    No done state follows another one here, so the last visible change is the one that finished a finished item: also
    where the item will be reopened, but not before the log ends.
    """
    seen = events.filter(pl.col("at_us") < UNTIL_US)
    active = pl.when(pl.col("state").is_in(_ACTIVE)).then("at_us")
    went_back = pl.col("reopened") & (pl.col("position") == pl.col("changes") - 2)
    lives = (
        seen.with_columns(started_us=active.min().over("number"))
        .group_by("number")
        .agg(
            seen=pl.len(),
            reopened=went_back.any(),
            started_us=pl.col("started_us").first(),
            paused_us=pl.col("stay_us")
            .filter((pl.col("state") == _HOLD) & (pl.col("at_us") >= pl.col("started_us")))
            .sum(),
            last=pl.col("state").last(),
            last_us=pl.col("at_us").last(),
        )
    )
    finished = pl.col("last") == _DONE
    measured = finished & pl.col("started_us").is_not_null()
    window_us = pl.col("last_us") - pl.col("started_us")
    totals = lives.select(
        items=pl.len(),
        transitions=pl.col("seen").sum(),
        finished=finished.sum(),
        without_flow_time=(finished & ~measured).sum(),
        cancelled=(pl.col("last") == _CANCELLED).sum(),
        reopened=pl.col("reopened").sum(),
        flow_us=(window_us - pl.col("paused_us")).filter(measured).sum(),
        window_us=window_us.filter(measured).sum(),
    )
    return {name: int(value) for name, value in totals.row(0, named=True).items()}


def _low_bits(count: int) -> pl.Expr:
    return pl.col("bits") % pl.lit(1 << count, dtype=pl.UInt64)
