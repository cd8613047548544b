"""Arrivals and departures: is more work begun than finished?

Definition
    Arrivals: windows that open (items started, or moved in) within the period. Departures: windows that close (items
    done, cancelled, deleted, or moved out). Load is arrivals − departures, at every moment and in every stream.
Unit
    Items.
Clock
    That of the policy. An item that moves from one stream (or type) to another while its window is open departs here
    and arrives there, when the policy attributes it "at the time". Items that were never started neither arrive nor
    depart.
Source
    Little, *A Proof for the Queuing Formula L = λW*, Operations Research 9 (1961) 383–387; Vacanti, *Actionable Agile
    Metrics for Predictability* (2015), ch. 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Attribution, Policy
from pegel.eventlog.schema import OPEN_US
from pegel.flow.answer import Answer, Status
from pegel.flow.attribution import of_streams
from pegel.flow.log import FlowLog
from pegel.flow.periods import day_of

DEFINITION: Final = "arrivals_and_departures/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalsAndDepartures(Answer):
    """Items that arrived and departed in the period; ``balance`` = arrivals − departures (> 0: the load grew)."""

    unit: str = "items"
    arrivals: int | None = None
    departures: int | None = None
    balance: int | None = None


def arrivals_and_departures(
    log: FlowLog,
    policy: Policy,
    items: nw.LazyFrame[Any],
    *,
    bucket: Callable[[nw.Expr], nw.Expr] = day_of,
    from_us: int | None = None,
    until_us: int | None = None,
) -> nw.LazyFrame[Any]:
    """Return [stream, type, kind, day_us, arrivals, departures], one row per day on which something happened.

    ``items``: item windows of all time, attributed with ``all_streams``, because an item may have been in the chosen
    streams before it moved on. ``bucket``: ``day_of`` or ``week_of``. ``from_us``, ``until_us``: only what happened in
    [from, until).

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import attribute, item_windows, log_of_rows
    >>> workflow = load_workflow("states: {Doing: active, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-05", "Doing"), ("A", "2026-01-07", "Done"),
    ...                    ("B", "2026-01-05", "Doing"), ("B", "2026-01-08", "Done")], workflow)
    >>> policy = built_in_policy("first_active_to_last_done")
    >>> table = arrivals_and_departures(log, policy, attribute(log, policy, item_windows(log, policy)))
    >>> log.engine.collect(table).sort("day_us").select("arrivals", "departures").rows()
    [(2, 0), (0, 1), (0, 1)]
    """
    moments = of_streams(log, _moments(log, policy, items))
    if from_us is not None:
        moments = moments.filter(nw.col("at_us") >= from_us)
    if until_us is not None:
        moments = moments.filter(nw.col("at_us") < until_us)
    return (
        moments.with_columns(day_us=bucket(nw.col("at_us")))
        .group_by("stream", "type", "kind", "day_us")
        .agg(nw.col("arrivals", "departures").sum())
    )


def summarise_arrivals_and_departures(inside: pl.DataFrame, *, ever_started: bool) -> ArrivalsAndDepartures:
    """Summarise a collected table of the period; ``ever_started``: whether any item has started at all."""
    if not ever_started:
        return ArrivalsAndDepartures(definition=DEFINITION, status=Status.NO_DATA, reason="nothing_started")
    arrivals, departures = int(inside["arrivals"].sum()), int(inside["departures"].sum())
    return ArrivalsAndDepartures(
        definition=DEFINITION,
        status=Status.VALUE,
        arrivals=arrivals,
        departures=departures,
        balance=arrivals - departures,
    )


def _moments(log: FlowLog, policy: Policy, items: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return [stream, type, kind, at_us, arrivals, departures], one row per arrival or departure."""
    started = items.filter(~nw.col("start_us").is_null())
    follows = Attribution.AT_THE_TIME in (policy.move, policy.retype)
    # A window of no length lies in one stream: that of its end.
    moved = nw.col("split") & (nw.col("end_us").is_null() | (nw.col("end_us") > nw.col("start_us")))
    whole = started.filter(~moved) if follows else started
    pieces = whole.select("stream", "type", "kind", begin_us="start_us", finish_us="end_us")
    if follows:
        pieces = nw.concat([pieces, _pieces(log, policy, started.filter(moved))], how="vertical")
    one, none = nw.lit(1, dtype=nw.Int64()), nw.lit(0, dtype=nw.Int64())
    arrivals = pieces.select("stream", "type", "kind", at_us="begin_us", arrivals=one, departures=none)
    departures = pieces.filter(~nw.col("finish_us").is_null()).select(
        "stream", "type", "kind", at_us="finish_us", arrivals=none, departures=one
    )
    return nw.concat([arrivals, departures], how="vertical")


def _pieces(log: FlowLog, policy: Policy, split: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Cut the windows of items that changed stream or type into pieces with one stream and one type each."""
    places = log.place_table().select("place", "stream", "type", "kind")
    bounds = split.select("item", "start_us", "end_us", own_stream="stream", own_type="type", own_kind="kind")
    begin = nw.max_horizontal(nw.col("entered_us"), nw.col("start_us"))
    finish = nw.min_horizontal(nw.col("left_us"), nw.col("until_us"))
    stays = (
        log.rows()
        .filter(nw.col("split"))
        .select("item", "place", "entered_us", "left_us")
        .join(bounds, on="item", how="inner")
        .join(places, on="place", how="left")
        .with_columns(until_us=nw.col("end_us").fill_null(OPEN_US))
        .with_columns(begin_us=begin, finish_us=finish)
        .filter(nw.col("finish_us") > nw.col("begin_us"))
    )
    if policy.move is Attribution.TODAY:
        stays = stays.with_columns(stream=nw.col("own_stream"))
    if policy.retype is Attribution.TODAY:
        stays = stays.with_columns(type=nw.col("own_type"), kind=nw.col("own_kind"))
    stays = stays.with_columns(
        where=nw.concat_str(
            nw.col("stream").cast(nw.String()), nw.col("type").cast(nw.String()).fill_null("\x00"), separator="\x01"
        ),
    ).with_columns(
        before=nw.col("where").shift(1).over("item", order_by="begin_us"),
        after=nw.col("where").shift(-1).over("item", order_by="begin_us"),
    )
    arrives = nw.col("before").is_null() | (nw.col("before") != nw.col("where"))
    departs = nw.col("after").is_null() | (nw.col("after") != nw.col("where"))
    # A piece may span several stays: its beginning and its end come from different rows, so pair them by counting.
    marked = stays.with_columns(piece=nw.when(arrives).then(nw.lit(1)).otherwise(nw.lit(0)), ends=departs).with_columns(
        piece=nw.col("piece").cum_sum().over("item", order_by="begin_us")
    )
    pieces = marked.group_by("item", "piece", "stream", "type", "kind").agg(
        nw.col("begin_us").min(), nw.col("finish_us").max()
    )
    finish = nw.when(nw.col("finish_us") < OPEN_US).then(nw.col("finish_us"))
    return pieces.select("stream", "type", "kind", "begin_us", finish_us=finish)
