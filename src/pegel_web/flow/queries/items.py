"""The items behind a figure, read from the tables that were written when the figure was computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

import polars as pl

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.schema import WEEK_US, from_us, to_us
from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.flow.computing.periods import PERIODS
from pegel_web.flow.contracts.items import ItemList, ItemRow
from pegel_web.flow.contracts.reports import Choice, Selection
from pegel_web.flow.models import StreamSelection, StreamSnapshot, ValueStream
from pegel_web.flow.place import tables_folder
from pegel_web.flow.queries.overview import require_period
from pegel_web.flow.queries.reports import kept_items
from pegel_web.flow.queries.selection import check_selection, is_usual, kept_selection, settled
from pegel_web.flow.queries.streams import ITEMS, freshness, reading, seen_stream, stream_of
from pegel_web.organisation.queries.structure import structure_on

_DONE: Final = pl.col("ending") == "done"
_OPEN: Final = (pl.col("ending") == "open") & pl.col("start_us").is_not_null()
_TIMED: Final = _DONE & pl.col("days").is_not_null()
#: What each figure counts: a condition, and whether it looks at a period or at the present.
METRICS: Final[dict[str, tuple[pl.Expr, bool]]] = {
    "flow_time": (_TIMED, True),
    "flow_velocity": (_DONE, True),
    "flow_efficiency": (_TIMED, True),
    "flow_load": (_OPEN, False),
    "flow_distribution": (_DONE, True),
    "work_item_age": (_OPEN, False),
    "late": (_OPEN & (pl.col("pace") == "beyond_p85"), False),
    "time_in_state": (_TIMED, True),
}
#: Items in one answer at most, where nobody asks for all.
MOST: Final = 500


def stream_items(
    *,
    actor: Actor,
    stream_id: UUID,
    metric: str = "flow_time",
    selection: Selection | None = None,
    state: str | None = None,
    offset: int = 0,
    limit: int | None = MOST,
) -> ItemList:
    """Return the items that a figure counts, the longest first. Items are work, not people: nobody is named.

    ``metric``: flow_time, flow_velocity, flow_efficiency, flow_load, flow_distribution, work_item_age, late (older than
    85% of their predecessors) or time_in_state. ``selection``: None: the usual period and policy; one of your own must
    have been computed, as its report is. ``state``: only items that were (open ones: are) in it; for
    time_in_state ``days`` is then the time in it. ``limit`` None: all of them.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``stream_not_computed``, ``selection_not_computed``.
    NotAllowedError: ``not_allowed``. InputError: ``metric_without_items``; InputError, ConflictError: see
    ``check_selection``.
    """
    asked = Selection() if selection is None else selection
    require_period(asked.period)
    if metric not in METRICS:
        raise InputError("metric_without_items", name=metric[:100], known=list(METRICS))
    row = seen_stream(actor, stream_id)
    if not actor.allows(ITEMS, unit=row.unit_id):
        raise NotAllowedError("not_allowed", permission=ITEMS)
    rows = _rows_of(actor, row, asked)
    found = _counted(row, rows, metric, state)
    total = found.height
    shown = found.slice(max(0, offset), limit)
    language = cast(Language, actor.language)
    return ItemList(
        stream=stream_of(row, structure_on(actor.at.date())),
        metric=metric,
        period=asked.period,
        policy=rows.policy,
        selection=None if is_usual(row, asked) else asked,
        state=state,
        unit=rows.unit,
        total=total,
        offset=max(0, offset),
        rows=tuple(_item(one) for one in shown.iter_rows(named=True)),
        freshness=freshness(row, rows.kept, reading(), actor.at),
        metrics=tuple(
            Choice(code=one, name=say(f"flow.items.of.{one}", language), chosen=one == metric) for one in METRICS
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Where the rows behind figures lie, and of what period [from, until) they are counted; None: all time."""

    kept: StreamSnapshot | StreamSelection
    file: str
    policy: str
    unit: str
    from_us: int | None
    until_us: int


def _rows_of(actor: Actor, row: ValueStream, asked: Selection) -> _Rows:
    if is_usual(row, asked):
        kept = kept_items(row, asked.policy)
        weeks, until = PERIODS[asked.period], to_us(kept.as_of) + 1
        return _Rows(
            kept=kept,
            file=kept.payload["file"],
            policy=kept.policy,
            unit=kept.payload["unit"],
            from_us=None if weeks is None else until - weeks * WEEK_US,
            until_us=until,
        )
    asked = settled(asked)
    check_selection(row, asked, actor.at.date())
    own = kept_selection(row, asked)
    if own is None or own.rows is None:
        raise NotFoundError("selection_not_computed", name=row.name)
    return _Rows(kept=own, **own.rows)


def _counted(row: ValueStream, rows: _Rows, metric: str, state: str | None) -> pl.DataFrame:
    condition, of_period = METRICS[metric]
    items = table_named(row, rows.file, "items").filter(condition)
    if of_period and rows.from_us is not None:
        items = items.filter((pl.col("end_us") >= rows.from_us) & (pl.col("end_us") < rows.until_us))
    if state is None:
        return items.collect()
    if metric != "time_in_state":
        return items.filter(pl.col("state") == state).collect()
    stays = table_named(row, rows.file, "stays").filter(pl.col("state") == state)
    there = items.drop("days", "state").join(stays.select("item", "state", "days"), on="item", how="inner")
    return there.sort("days", "item", descending=[True, False]).collect()


def table_of_items(row: ValueStream, kept: StreamSnapshot, part: str) -> pl.LazyFrame:
    """Return one of the tables that were written when the figures of a stream were computed.

    Raises
    ------
    NotFoundError: ``stream_not_computed``.
    """
    return table_named(row, kept.payload["file"], part)


def table_named(row: ValueStream, file: str, part: str) -> pl.LazyFrame:
    """Return a table of a stream by the name of its file; see ``table_of_items``."""
    path = tables_folder() / str(row.id) / f"{file}.{part}.parquet"
    if not path.is_file():
        # It is being replaced just now, or somebody emptied the folder: computing makes it again.
        raise NotFoundError("stream_not_computed", name=row.name)
    return pl.scan_parquet(path)


def _item(one: dict[str, Any]) -> ItemRow:
    return ItemRow(
        item=one["item"] or "",
        started_at=None if one["start_us"] is None else from_us(one["start_us"]),
        ended_at=None if one["end_us"] is None else from_us(one["end_us"]),
        **{name: one[name] for name in ("type", "kind", "state", "ending", "days", "active_days", "reopened", "pace")},
    )
