"""Between quarters: the three lists of an actor's streams, and the items behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast
from uuid import UUID

import polars as pl

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.schema import from_us, to_us
from pegel.quarters import quarter_named, quarter_of
from pegel.quarters.review import LISTS
from pegel.words import Language, say
from pegel.words.names import term
from pegel.words.quarters import list_sentence, quarter_name
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.flow.computing.definitions import DEFINITIONS
from pegel_web.flow.computing.quarters import PART
from pegel_web.flow.contracts.quarters import (
    BetweenQuarters,
    QuarterFigure,
    QuarterItem,
    QuarterItems,
    QuarterStream,
)
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.models import LakeReading, SnapshotKind, StreamSnapshot, ValueStream
from pegel_web.flow.queries.items import MOST, table_of_items
from pegel_web.flow.queries.reports import kept_items
from pegel_web.flow.queries.streams import ITEMS, freshness, reading, seen_stream, stream_of, streams_seen
from pegel_web.flow.queries.withholding import REASON, Floor, floor_of
from pegel_web.organisation.queries.structure import Structure, structure_on

#: The figures of one list as they were kept: status, reason, n, of, days, not_started.
_Kept = Mapping[str, Any]
#: Streams whose answer counts in a total.
_VALUE: Final = "value"


def between_quarters(*, actor: Actor, quarter: str | None = None) -> BetweenQuarters:
    """Return what came unplanned, was changed and was cancelled in a quarter, per stream and in all.

    ``quarter``: for example ``2026-Q1``; None: the latest of which there is data.

    Raises
    ------
    InputError: ``quarter_unknown``. NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(ValueStream.view_permission)
    language = cast(Language, actor.language)
    rows = list(streams_seen(actor))
    kept = _kept(rows)
    names = sorted({one["name"] for snapshot in kept.values() for one in snapshot.payload["quarters"]}, reverse=True)
    chosen = quarter_named(quarter) if quarter else quarter_named(names[0]) if names else quarter_of(to_us(actor.at))
    known, structure = reading(), structure_on(actor.at.date())
    floor = floor_of(actor, structure)
    found = [
        _stream(row, kept.get(row.id), chosen.name, chosen.before.name, known, structure, floor, actor) for row in rows
    ]
    counted = [
        (_of_quarter(kept[row.id], chosen.name), _of_quarter(kept[row.id], chosen.before.name), kept[row.id])
        for row, line in zip(rows, found, strict=True)
        if row.id in kept and not line.withheld
    ]
    running = any(line.running for line in found)
    return BetweenQuarters(
        quarter=chosen.name,
        quarter_name=quarter_name(chosen, language, running=running),
        running=running,
        quarters=tuple(
            Choice(code=one, name=quarter_name(quarter_named(one), language), chosen=one == chosen.name)
            for one in names
        ),
        total=tuple(_total(name, counted, language) for name in LISTS),
        streams=tuple(found),
        left_out=sum(line.withheld for line in found),
    )


def quarter_items(
    *, actor: Actor, stream_id: UUID, quarter: str, list_name: str = LISTS[0], offset: int = 0, limit: int | None = MOST
) -> QuarterItems:
    """Return the items of a list of one quarter; nobody is named. ``limit`` None: all of them.

    ``list_name``: unplanned_work, changed_work or cancelled_work.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``stream_not_computed``. NotAllowedError: ``not_allowed``,
    ``stream_group_too_small`` where so few people stand behind the stream that the list would tell about them.
    InputError: ``quarter_unknown``, ``quarter_list_unknown``.
    """
    if list_name not in LISTS:
        raise InputError("quarter_list_unknown", name=list_name[:100], known=list(LISTS))
    chosen = quarter_named(quarter)
    row = seen_stream(actor, stream_id)
    if not actor.allows(ITEMS, unit=row.unit_id):
        raise NotAllowedError("not_allowed", permission=ITEMS)
    kept, snapshot = kept_items(row, None), _kept([row]).get(row.id)
    if snapshot is None:
        raise NotFoundError("stream_not_computed", name=row.name)
    structure = structure_on(actor.at.date())
    if floor_of(actor, structure).withholds(row.unit_id, snapshot.payload["people"]):
        raise NotAllowedError(REASON)
    found = (
        table_of_items(row, kept, PART)
        .filter((pl.col("quarter") == chosen.name) & (pl.col("list") == list_name))
        .sort("days", "item", descending=[True, False])
        .collect()
    )
    language = cast(Language, actor.language)
    return QuarterItems(
        stream=stream_of(row, structure),
        list=list_name,
        name=say(f"metric.{list_name}.label", language),
        quarter=chosen.name,
        quarter_name=quarter_name(chosen, language),
        unit=snapshot.payload["unit"],
        total=found.height,
        offset=max(0, offset),
        rows=tuple(_item(one, language) for one in found.slice(max(0, offset), limit).iter_rows(named=True)),
        freshness=freshness(row, snapshot, reading(), actor.at),
    )


def _kept(rows: Iterable[ValueStream]) -> dict[UUID, StreamSnapshot]:
    found = StreamSnapshot.objects.everything(because="of streams that the actor may see")
    wanted = found.filter(stream__in=[row.id for row in rows], kind=SnapshotKind.QUARTERS, preferred=True)
    return {one.stream_id: one for one in wanted}


def _stream(
    row: ValueStream,
    kept: StreamSnapshot | None,
    quarter: str,
    before: str,
    known: LakeReading | None,
    structure: Structure,
    floor: Floor,
    actor: Actor,
) -> QuarterStream:
    language = cast(Language, actor.language)
    figures: tuple[QuarterFigure, ...] = ()
    now = None if kept is None else _of_quarter(kept, quarter)
    hidden = kept is not None and floor.withholds(row.unit_id, kept.payload["people"])
    if kept is not None and now is not None:
        past = _of_quarter(kept, before)
        unit = kept.payload["unit"]
        figures = tuple(
            _hidden(name, language)
            if hidden
            else _figure(name, now["lists"][name], None if past is None else past["lists"][name], unit, language)
            for name in LISTS
        )
    return QuarterStream(
        stream=stream_of(row, structure),
        figures=figures,
        running=now is not None and now["running"],
        withheld=hidden,
        may_see_items=not hidden and actor.allows(ITEMS, unit=row.unit_id),
        freshness=None if kept is None else freshness(row, kept, known, actor.at),
    )


def _of_quarter(kept: StreamSnapshot, quarter: str) -> dict[str, Any] | None:
    return next((one for one in kept.payload["quarters"] if one["name"] == quarter), None)


def _figure(name: str, now: _Kept, before: _Kept | None, unit: str, language: Language) -> QuarterFigure:
    if now["status"] != _VALUE:
        return _without(name, now["status"], say(f"reason.{now['reason']}", language), language)
    past = before if before is not None and before["status"] == _VALUE else None
    share, past_share = _share(now), None if past is None else _share(past)
    return QuarterFigure(
        list=name,
        name=say(f"metric.{name}.label", language),
        definition=DEFINITIONS[name],
        status="value",
        sentence=list_sentence(
            name,
            language,
            n=now["n"],
            share=share,
            days=now["days"],
            unit=unit,
            not_started=now["not_started"],
            before=None if past is None else (past["n"], past_share),
        ),
        n=now["n"],
        of=now["of"],
        share=share,
        days=now["days"],
        not_started=now["not_started"],
        before_n=None if past is None else past["n"],
        before_share=past_share,
        share_change=None if share is None or past_share is None else share - past_share,
    )


def _total(
    name: str,
    counted: list[tuple[dict[str, Any] | None, dict[str, Any] | None, StreamSnapshot]],
    language: Language,
) -> QuarterFigure:
    """Return a list of all streams together; the quarter before counts where every one of them has it."""
    of_list = [
        (now["lists"][name], None if past is None else past["lists"][name], kept.payload["unit"])
        for now, past, kept in counted
        if now is not None
    ]
    there = [one for one in of_list if one[0]["status"] == _VALUE]
    if not there:
        asked = {one[0]["status"] for one in of_list}
        status = "not_configured" if asked == {"not_configured"} else "no_data"
        return _without(name, status, say(f"flow.quarters.none.{status}", language), language)
    past = [one[1] for one in there if one[1] is not None and one[1]["status"] == _VALUE]
    return _figure(
        name,
        # Elapsed and working days do not add up.
        {**_added([one[0] for one in there]), **({} if len({one[2] for one in there}) == 1 else {"days": None})},
        _added(past) if len(past) == len(there) else None,
        there[0][2],
        language,
    )


def _added(figures: list[Any]) -> dict[str, Any]:
    return {"status": _VALUE, **{key: sum(one[key] for one in figures) for key in ("n", "of", "days", "not_started")}}


def _share(figures: _Kept) -> float | None:
    return figures["n"] / figures["of"] if figures["of"] else None


def _hidden(name: str, language: Language) -> QuarterFigure:
    return _without(name, "withheld", say(f"reason.{REASON}", language), language)


def _without(name: str, status: Any, sentence: str, language: Language) -> QuarterFigure:
    return QuarterFigure(
        list=name, name=say(f"metric.{name}.label", language), definition=DEFINITIONS[name], status=status,
        sentence=sentence, n=None, of=None, share=None, days=None, not_started=None, before_n=None, before_share=None,
        share_change=None,
    )  # fmt: skip


def _item(one: dict[str, Any], language: Language) -> QuarterItem:
    codes = (one["what"] or "").split(",")
    return QuarterItem(
        item=one["item"] or "",
        type=one["type"],
        at=from_us(one["at_us"]),
        started=one["started"],
        days=one["days"],
        what=", ".join(term("changed", code, language) for code in codes if code),
    )
