"""Hand-offs and ping-pong: how often does work change hands, and how often does it come straight back?

Definition
    A hand-off by person: an item is brought into a state by one person and out of it by another. A hand-off by assignee
    or team: what was in force when a state was entered differs from what is when the next one is. Ping-pong: A → B → A
    in three consecutive stays, of states, people or teams.
Unit
    Counts of moves from state to state in a period, and their share of all such moves where both sides are known.
Privacy
    People are compared, never listed. Figures about people only for streams in which at least ``SMALLEST_GROUP``
    different people are known to work; below, the answer is "undefined" (``group_too_small``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.flow.answer import Answer, Status
from pegel.flow.log import FlowLog
from pegel.waits.numbering import of_chosen_streams, queue_numbers, stream_numbers
from pegel.waits.records import Records
from pegel.waits.stay_sequences import moves_in, with_following, with_value

DEFINITION: Final = "hand_offs/1"
#: Fewest people of a stream whose figures about people are shown.
SMALLEST_GROUP: Final = 5
_BY_STREAM: Final = {
    "stream": pl.String(), "by": pl.String(), "status": pl.String(), "reason": pl.String(), "moves": pl.Int64(),
    "hand_offs": pl.Int64(), "share": pl.Float64(), "ping_pong": pl.Int64(),
}  # fmt: skip
_BY_PAIR: Final = {
    "stream": pl.String(), "from_state": pl.String(), "to_state": pl.String(), "by": pl.String(), "moves": pl.Int64(),
    "hand_offs": pl.Int64(), "share": pl.Float64(),
}  # fmt: skip
_PING_PONG: Final = {
    "stream": pl.String(), "state": pl.String(), "other_state": pl.String(), "moves": pl.Int64(),
    "ping_pong": pl.Int64(), "share": pl.Float64(),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOffs(Answer):
    """``by_stream``: [stream, by, status, reason, moves, hand_offs, share, ping_pong]; ``by``: actor, assignee, team.

    ``moves``: those where both sides are known. ``by_pair``: [stream, from_state, to_state, by, moves, hand_offs,
    share] of the streams with an answer.
    """

    by_stream: pl.DataFrame
    by_pair: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class PingPong(Answer):
    """Items that left a state and came straight back from the next: ``by_pair`` [stream, state, other_state, moves,
    ping_pong, share]; ``moves``: from the state into the other one; ``count``, ``items``: all of them.
    """

    count: int | None = None
    by_pair: pl.DataFrame


def hand_offs(log: FlowLog, records: Records, stays: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> HandOffs:
    """Count hand-offs among the moves of a period; ``stays``: see ``stays_of_states``."""
    found = records.evidence
    kinds = [*(["actor"] if found.actors else []), *(one for one in ("assignee", "team") if one in found.fields)]
    if not kinds:
        return HandOffs(
            definition=DEFINITION,
            status=Status.NOT_CONFIGURED,
            reason="no_handover_evidence",
            by_stream=pl.DataFrame(schema=_BY_STREAM),
            by_pair=pl.DataFrame(schema=_BY_PAIR),
        )
    people = _people(log, records, stays)
    streams: list[dict[str, Any]] = []
    pairs: list[dict[str, Any]] = []
    for kind in kinds:
        table = log.engine.collect(_counted(log, stays, kind, records, from_us=from_us, until_us=until_us))
        new_streams, new_pairs = _rows(log, table, kind, people)
        streams += new_streams
        pairs += new_pairs
    by_stream = pl.DataFrame(streams, schema=_BY_STREAM).sort("stream", "by")
    answered = by_stream["status"].is_in([Status.VALUE.value]).any()
    return HandOffs(
        definition=DEFINITION,
        status=Status.VALUE if answered else Status.UNDEFINED if streams else Status.NO_DATA,
        reason=None if answered else "group_too_small" if streams else "no_moves",
        by_stream=by_stream,
        by_pair=pl.DataFrame(pairs, schema=_BY_PAIR).sort(
            "hand_offs", "stream", "from_state", "to_state", "by", descending=[True, False, False, False, False]
        ),
    )


def ping_pong(log: FlowLog, stays: nw.LazyFrame[Any], *, from_us: int, until_us: int) -> PingPong:
    """Count the moves of a period that were taken back by the next one: A → B → A."""
    moved = moves_in(log, stays, from_us=from_us, until_us=until_us)
    back = (nw.col("third_queue") == nw.col("queue")).fill_null(value=False).cast(nw.Int64())
    table = log.engine.collect(
        moved.with_columns(back=back)
        .group_by("queue", "next_queue")
        .agg(moves=nw.len(), ping_pong=nw.col("back").sum())
    )
    names = {number: name for name, number in queue_numbers(log).items()}
    rows = [
        {
            "stream": names[row["queue"]][0],
            "state": names[row["queue"]][1],
            "other_state": names[row["next_queue"]][1],
            "moves": row["moves"],
            "ping_pong": row["ping_pong"],
            "share": row["ping_pong"] / row["moves"],
        }
        for row in table.filter(pl.col("ping_pong") > 0).iter_rows(named=True)
    ]
    return PingPong(
        definition="ping_pong/1",
        status=Status.VALUE if table.height else Status.NO_DATA,
        reason=None if table.height else "no_moves",
        count=int(table["ping_pong"].sum()) if table.height else None,
        by_pair=pl.DataFrame(rows, schema=_PING_PONG).sort(
            "ping_pong", "stream", "state", "other_state", descending=[True, False, False, False]
        ),
    )


def _counted(
    log: FlowLog, stays: nw.LazyFrame[Any], kind: str, records: Records, *, from_us: int, until_us: int
) -> nw.LazyFrame[Any]:
    """Return [queue, next_queue, moves, hand_offs, ping_pong] by one kind of hands."""
    if kind == "actor":
        valued = stays.with_columns(
            *(nw.col(f"{which}actor").alias(f"{which}value") for which in ("", "next_", "third_"))
        )
    else:
        held = with_value(log, stays, records.changes[kind], at="entered_us")
        said = held.with_columns(value=nw.when(nw.col("value") != "").then(nw.col("value")))
        valued = with_following(log, said, "value")
    moved = moves_in(log, valued, from_us=from_us, until_us=until_us)
    differs = nw.col("value") != nw.col("next_value")
    returns = differs & (nw.col("third_value") == nw.col("value"))
    return (
        moved.with_columns(
            known=(~differs.is_null()).cast(nw.Int64()),
            changed=differs.fill_null(value=False).cast(nw.Int64()),
            back=returns.fill_null(value=False).cast(nw.Int64()),
        )
        .group_by("queue", "next_queue")
        .agg(moves=nw.col("known").sum(), hand_offs=nw.col("changed").sum(), ping_pong=nw.col("back").sum())
    )


def _people(log: FlowLog, records: Records, stays: nw.LazyFrame[Any]) -> dict[str, int]:
    """Return how many different people are known per stream: as doers or as assignees, whichever are more."""
    numbers = {number: name for name, number in stream_numbers(log).items()}
    counts = dict.fromkeys(numbers.values(), 0)
    mine = of_chosen_streams(log, stays)
    tables = []
    if records.evidence.actors:
        known = mine.filter(~nw.col("actor").is_null())
        tables.append(known.group_by("stream_no").agg(people=nw.col("actor").n_unique()))
    if "assignee" in records.changes:
        assigned = records.changes["assignee"].select("item", person="after")
        places = mine.select("item", "stream_no").unique()
        tables.append(
            assigned.filter(nw.col("person") != "").unique().join(places, on="item", how="inner")
            .group_by("stream_no").agg(people=nw.col("person").n_unique())
        )  # fmt: skip
    for table in tables:
        for stream, people in log.engine.collect(table).iter_rows():
            counts[numbers[stream]] = max(counts[numbers[stream]], people)
    return counts


def _rows(
    log: FlowLog, table: pl.DataFrame, kind: str, people: dict[str, int]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    names = {number: name for name, number in queue_numbers(log).items()}
    nobody = not any(people.values())
    sums: dict[str, list[int]] = {}
    pairs = []
    for row in table.iter_rows(named=True):
        stream, state = names[row["queue"]]
        total = sums.setdefault(stream, [0, 0, 0])
        for index, name in enumerate(("moves", "hand_offs", "ping_pong")):
            total[index] += row[name]
        if row["moves"] and _large_enough(people[stream], kind, nobody=nobody):
            pairs.append(
                {
                    "stream": stream,
                    "from_state": state,
                    "to_state": names[row["next_queue"]][1],
                    "by": kind,
                    "moves": row["moves"],
                    "hand_offs": row["hand_offs"],
                    "share": row["hand_offs"] / row["moves"],
                }
            )
    streams = [
        _stream_row(stream, kind, total, enough=_large_enough(people[stream], kind, nobody=nobody))
        for stream, total in sums.items()
        if total[0]
    ]
    return streams, pairs


def _stream_row(stream: str, kind: str, total: list[int], *, enough: bool) -> dict[str, Any]:
    head = {"stream": stream, "by": kind}
    if not enough:
        nothing = dict.fromkeys(("moves", "hand_offs", "share", "ping_pong"))
        return {**head, "status": Status.UNDEFINED.value, "reason": "group_too_small", **nothing}
    moves, handed, back = total
    figures = {"moves": moves, "hand_offs": handed, "share": handed / moves, "ping_pong": back}
    return {**head, "status": Status.VALUE.value, "reason": None, **figures}


def _large_enough(people: int, kind: str, *, nobody: bool) -> bool:
    """Tell whether a stream's figures say nothing about a person; teams alone, without any people, never do."""
    return people >= SMALLEST_GROUP or (kind == "team" and nobody)
