"""The report of one stream, its drawings, and the snapshots they come from."""

from __future__ import annotations

from dataclasses import replace
from typing import cast
from uuid import UUID

from pegel.errors import InputError, NotFoundError
from pegel.words import Language
from pegel.words.names import policy_name
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.stream import CHARTS, REPORT
from pegel_web.flow.contracts.reports import Choice, ReportContent, StreamChart, StreamReport
from pegel_web.flow.models import SnapshotKind, StreamSnapshot, ValueStream
from pegel_web.flow.queries.overview import period_choices, require_period
from pegel_web.flow.queries.streams import CHANGE, ITEMS, freshness, may_refresh, reading, seen_stream, stream_of
from pegel_web.flow.queries.withholding import floor_of, withheld_report
from pegel_web.organisation.queries.structure import structure_on


def stream_report(*, actor: Actor, stream_id: UUID, period: str = DEFAULT, policy: str | None = None) -> StreamReport:
    """Return where a stream stalls and why, its figures, what is ageing and what comes next, as last computed.

    ``policy``: when the clock starts and stops; None: the one that suits the stream.

    Raises
    ------
    NotFoundError: ``stream_unknown``, also for a stream that the actor may not see. InputError: ``period_unknown``,
    ``policy_not_computed``.
    """
    require_period(period)
    row = seen_stream(actor, stream_id)
    language = cast(Language, actor.language)
    known, structure = reading(), structure_on(actor.at.date())
    computed = _policies(row)
    chosen = _chosen(computed, policy)
    kept = None if chosen is None else _kept(row, SnapshotKind.REPORT, chosen, period)
    content, hidden = None, False
    if kept is not None:
        content = REPORT.validate_python(kept.payload[language])
        hidden = floor_of(actor, structure).withholds(row.unit_id, content.people)
        content = withheld_report(content, language) if hidden else content
    sees_items = actor.allows(ITEMS, unit=row.unit_id)
    return StreamReport(
        stream=stream_of(row, structure),
        content=content if sees_items or content is None else _without_items(content),
        freshness=None if kept is None else freshness(row, kept, known, actor.at),
        periods=period_choices(period, language),
        policies=tuple(Choice(code=name, name=policy_name(name, language), chosen=name == chosen) for name in computed),
        withheld=hidden,
        may_refresh=may_refresh(actor, row.unit_id),
        may_change=actor.allows(CHANGE, unit=row.unit_id),
        may_see_items=sees_items,
    )


def stream_charts(*, actor: Actor, stream_id: UUID, policy: str | None = None) -> tuple[StreamChart, ...]:
    """Return the drawings of a stream; none where they would tell about a person, or nothing is computed.

    Raises
    ------
    NotFoundError: ``stream_unknown``. InputError: ``policy_not_computed``.
    """
    row = seen_stream(actor, stream_id)
    chosen = _chosen(_policies(row), policy)
    kept = None if chosen is None else _kept(row, SnapshotKind.CHARTS, chosen, "")
    if kept is None:
        return ()
    floor = floor_of(actor, structure_on(actor.at.date()))
    if floor.withholds(row.unit_id, kept.payload["people"]):
        return ()
    return CHARTS.validate_python(kept.payload[actor.language])


def kept_items(row: ValueStream, policy: str | None) -> StreamSnapshot:
    """Return where the tables behind the figures lie.

    Raises
    ------
    NotFoundError: ``stream_not_computed``. InputError: ``policy_not_computed``.
    """
    chosen = _chosen(_policies(row), policy)
    kept = None if chosen is None else _kept(row, SnapshotKind.ITEMS, chosen, "")
    if kept is None:
        raise NotFoundError("stream_not_computed", name=row.name)
    return kept


def _policies(row: ValueStream) -> list[str]:
    """Return the policies that a stream was computed with, the one that suits it first."""
    found = StreamSnapshot.objects.everything(because="of a stream that the actor may see")
    mine = found.filter(stream_id=row.id, kind=SnapshotKind.ITEMS).order_by("-preferred", "policy")
    return list(mine.values_list("policy", flat=True))


def _chosen(computed: list[str], policy: str | None) -> str | None:
    if policy is None:
        return computed[0] if computed else None
    if policy not in computed:
        raise InputError("policy_not_computed", name=policy, known=computed)
    return policy


def _kept(row: ValueStream, kind: SnapshotKind, policy: str, period: str) -> StreamSnapshot | None:
    found = StreamSnapshot.objects.everything(because="of a stream that the actor may see")
    return cast(
        "StreamSnapshot | None", found.filter(stream_id=row.id, kind=kind, policy=policy, period=period).first()
    )


def _without_items(content: ReportContent) -> ReportContent:
    """Return a report without single items, for people who may see figures only."""
    return replace(content, ageing=replace(content.ageing, items=()))
