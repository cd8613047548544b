"""Which items each check finds, as sets of item numbers, from the windows, the lives and the records of the lake."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.schema import DAY_US, HOUR_US
from pegel.eventlog.workflow import StateCategory
from pegel.flow.answer import Status
from pegel.flow.item_windows import Ending
from pegel.flow.log import FlowLog
from pegel.quality.catalogue import Unanswered
from pegel.quality.facts import LakeFacts
from pegel.quality.figures import Measured
from pegel.quality.lives import at_midnight, is_midnight, lives, split_lives
from pegel.quality.relatives import relatives

#: Time in ignored or unmapped states from which on an item counts as not visible.
LONG_HIDDEN_US: Final = 30 * DAY_US
#: Items of a stream within one minute from which on a mass change is supposed …
MANY_AT_ONCE: Final = 10
#: … unless so many times as many as usual in its busy hours are needed.
MANY_TIMES: Final = 10
_MINUTE_US: Final = HOUR_US // 60


def findings(measured: Measured, facts: LakeFacts | None, zones: Collection[str]) -> dict[str, pl.Series | Unanswered]:
    """Return, by code of a check, the numbers of the items of the selection that it finds, sorted.

    ``zones``: time zones whose midnight stands for a date without a time.
    """
    log, policy = measured.log, measured.policy
    split = split_lives(log) if measured.windows["split"].any() else None
    columns = ("item", "stream", "first_us", "start_us", "end_us", "ending")
    mine: nw.LazyFrame[Any] = nw.from_native(measured.windows.select(columns).lazy())
    table = log.engine.collect(log.engine.looked_up(mine, lives(log, policy), on="item"))
    found = {
        **_order(table),
        **_states(log, table, split),
        **_clock(measured, table, zones),
        **relatives(measured, facts),
        **_records(log, table, facts),
    }
    if split is not None:
        moved = split.filter(pl.col("streams") > 1)["item"]
        found["several_streams"] = _numbers(table, pl.col("item").is_in(moved.implode()))
    else:
        found["several_streams"] = table["item"].clear()
    wrong, late = found["created_in_wrong_state"], found["history_begins_late"]
    if isinstance(wrong, pl.Series) and isinstance(late, pl.Series):
        # Where the beginning is missing, nobody knows in which state the item was created.
        found["created_in_wrong_state"] = wrong.filter(~wrong.is_in(late.implode()))
    return found


def _numbers(table: pl.DataFrame, condition: pl.Expr) -> pl.Series:
    return table.select(pl.col("item").filter(condition))["item"].sort()


def _order(table: pl.DataFrame) -> dict[str, pl.Series | Unanswered]:
    done = pl.col("ending") == int(Ending.DONE)
    before = (pl.col("start_us") > pl.col("done_first_us")).fill_null(value=False)
    # Back from done is "change_after_done".
    backwards = (pl.col("new_last_us") > pl.col("begun_first_us")).fill_null(value=False)
    return {
        "done_without_start": _numbers(table, done & pl.col("start_first_us").is_null()),
        "done_before_start": _numbers(table, before),
        "change_after_done": _numbers(table, pl.col("undone_last_us") > pl.col("done_first_us")),
        "backwards_categories": _numbers(table, backwards),
    }


def _states(log: FlowLog, table: pl.DataFrame, split: pl.DataFrame | None) -> dict[str, pl.Series | Unanswered]:
    returned, quick = pl.col("stays") > pl.col("places"), pl.col("quick")
    if split is not None:
        # There a stay that changed its stream or type is several rows.
        table = table.join(split.select("item", "returned", run_quick="quick"), on="item", how="left")
        returned, quick = pl.coalesce("returned", returned), pl.coalesce("run_quick", quick)
    wrong = (pl.col("clock_first_us") == pl.col("first_us")) & (
        pl.col("calm_first_us").is_null() | (pl.col("calm_first_us") > pl.col("first_us"))
    )
    meant = zip(log.places, log.meanings.at(log.as_of_us), strict=True)
    beginning = sorted({place.stream for place, meaning in meant if meaning.category is StateCategory.NEW})
    return {
        "unmapped_states": _numbers(table, pl.col("unmapped_us") > 0),
        "not_visible": _numbers(table, pl.col("hidden_us") >= LONG_HIDDEN_US),
        "created_in_wrong_state": _numbers(table, wrong & pl.col("stream").is_in(beginning))
        if beginning
        else Unanswered(Status.NOT_CONFIGURED, "no_new_states"),
        "backwards_states": _numbers(table, returned),
        "same_time": _numbers(table, quick),
        "no_transitions": _numbers(table, ~pl.col("told")),
    }


def _clock(measured: Measured, table: pl.DataFrame, zones: Collection[str]) -> dict[str, pl.Series | Unanswered]:
    """Dates without a time, and many items created or closed in the same minute."""
    dated = at_midnight(measured.log, zones).join(table.select("item", "stays"), on="item", how="inner")
    return {
        # Half of the stays or more: with whole minutes, one moment in 1,440 falls on midnight by chance.
        "dates_without_time": _numbers(dated, pl.col("midnights") * 2 >= pl.col("stays")),
        "mass_creation": _at_once(table, "first_us", zones),
        "mass_closing": _at_once(table.filter(pl.col("ending") == int(Ending.DONE)), "end_us", zones),
    }


def _at_once(table: pl.DataFrame, column: str, zones: Collection[str]) -> pl.Series:
    """Items whose moment shares its minute and stream with many others; dates without a time are no moments."""
    minutes = (table[column] // _MINUTE_US).drop_nulls().sort()
    # Minutes alone first: mostly none is crowded in all streams together.
    crowd = minutes.filter((minutes == minutes.shift(MANY_AT_ONCE - 1)).fill_null(value=False)).unique()
    if not crowd.len():
        return table["item"].clear()
    lazy: nw.LazyFrame[Any] = nw.from_native(table.select("item", "stream", at_us=column).lazy())
    timed: pl.DataFrame = lazy.filter(~is_midnight("at_us", zones)).collect().to_native()
    moments = timed.with_columns(minute=pl.col("at_us") // _MINUTE_US)
    busy = crowd.alias("minute").to_frame()
    usual = moments.group_by("stream").agg(per_minute=pl.len() / (pl.col("at_us") // HOUR_US).n_unique() / 60)
    inside = moments.join(busy, on="minute", how="semi")
    crowded = (
        inside.group_by("stream", "minute")
        .agg(n=pl.len())
        .filter(pl.col("n") >= MANY_AT_ONCE)
        .join(usual, on="stream", how="left", nulls_equal=True)
        .filter(pl.col("n") >= MANY_TIMES * pl.col("per_minute"))
    )
    return inside.join(crowded, on=["stream", "minute"], how="semi", nulls_equal=True)["item"].sort()


def _records(log: FlowLog, table: pl.DataFrame, facts: LakeFacts | None) -> dict[str, pl.Series | Unanswered]:
    if facts is None:
        missing = Unanswered(Status.NOT_CONFIGURED, "no_lake_facts")
        return dict.fromkeys(
            ("negative_span", "future_time", "history_begins_late", "history_with_gap", "conflicting_records"), missing
        )
    known: nw.LazyFrame[Any] = nw.from_native(facts.known.select("item", "created_us").lazy())
    mine: nw.LazyFrame[Any] = nw.from_native(table.select("item", "first_us").lazy())
    created: pl.DataFrame = log.engine.collect(log.engine.looked_up(mine, known, on="item"))

    def of_selection(chosen: pl.DataFrame) -> pl.Series:
        return _numbers(table, pl.col("item").is_in(chosen["item"].implode()))

    return {
        "negative_span": _numbers(created, pl.col("created_us") > pl.col("first_us")),
        "future_time": of_selection(facts.future),
        "history_begins_late": of_selection(facts.begins_late),
        "history_with_gap": of_selection(facts.gaps),
        "conflicting_records": of_selection(facts.conflicting)
        if facts.several_imports
        else Unanswered(Status.NO_DATA, "one_import"),
    }
