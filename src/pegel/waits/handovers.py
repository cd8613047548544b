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


def moves_between(
    log: FlowLog, records: Records, stays: nw.LazyFrame[Any], *, from_us: int, until_us: int
) -> pl.DataFrame:
    """Count the moves of a period between queues; ``stays``: see ``stays_of_states``.

    Returns
    -------
    [queue, next_queue, moves, back] and, per kind of hands of which the log says something (``hands_of``), [KIND_moves,
    KIND_hand_offs, KIND_ping_pong]: moves where both sides are known, those to other hands, and of these those that
    came back with the next move. ``back``: moves that the next one took back.
    """
    kinds = hands_of(records)
    for kind in kinds:
        if kind != "actor":
            held = with_value(log, stays, records.changes[kind], at="entered_us")
            said = held.with_columns(nw.when(nw.col("value") != "").then(nw.col("value")).alias(kind)).drop("value")
            stays = with_following(log, said, kind)
    back = (nw.col("third_queue") == nw.col("queue")).fill_null(value=False).cast(nw.Int64())
    figures = {"back": back}
    for kind in kinds:
        differs = nw.col(kind) != nw.col(f"next_{kind}")
        returns = differs & (nw.col(f"third_{kind}") == nw.col(kind))
        figures[f"{kind}_moves"] = (~differs.is_null()).cast(nw.Int64())
        figures[f"{kind}_hand_offs"] = differs.fill_null(value=False).cast(nw.Int64())
        figures[f"{kind}_ping_pong"] = returns.fill_null(value=False).cast(nw.Int64())
    moved = moves_in(log, stays, from_us=from_us, until_us=until_us)
    return log.engine.collect(
        moved.select("queue", "next_queue", **figures)
        .group_by("queue", "next_queue")
        .agg(*(nw.col(name).sum() for name in figures), moves=nw.len())
    )


def hands_of(records: Records) -> list[str]:
    """Return by which hands the log can tell hand-offs: actor, assignee, team."""
    actors = ["actor"] if records.evidence.actors else []
    return [*actors, *(one for one in ("assignee", "team") if one in records.changes)]


def hand_offs(log: FlowLog, records: Records, stays: nw.LazyFrame[Any], moved: pl.DataFrame) -> HandOffs:
    """Count hand-offs among the moves of a period; ``moved``: see ``moves_between``."""
    kinds = hands_of(records)
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
        names = {name: f"{kind}_{name}" for name in ("moves", "hand_offs", "ping_pong")}
        table = moved.select("queue", "next_queue", **names)
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


def ping_pong(log: FlowLog, moved: pl.DataFrame) -> PingPong:
    """Count the moves of a period that were taken back by the next one: A → B → A; ``moved``: see ``moves_between``."""
    table = moved.select("queue", "next_queue", "moves", ping_pong="back")
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
        assigned = records.changes["assignee"].select("item", person="after").filter(nw.col("person") != "")
        # Each item's streams: that of its first stay, which is all for nearly every item, and those it went on to.
        before = {"stream_before": ("stream_no", -1)}
        visits = log.engine.following(stays, before, by="item", order_by=("entered_us", "left_us", "place"))
        earlier = nw.col("stream_before")
        first = visits.filter(earlier.is_null()).select("item", "stream_no")
        further = visits.filter(nw.col("stream_no") != earlier).select("item", "stream_no")
        placed = nw.concat(
            [
                log.engine.looked_up(assigned, first, on="item"),
                assigned.join(further, on="item", how="inner"),
            ],
            how="vertical",
        )
        chosen = of_chosen_streams(log, placed.filter(~nw.col("stream_no").is_null()))
        tables.append(chosen.group_by("stream_no").agg(people=nw.col("person").n_unique()))
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
