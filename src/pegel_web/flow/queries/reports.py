"""The report of one stream, its drawings, and the snapshots they come from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from pydantic import ValidationError

from pegel.errors import InputError, NotFoundError
from pegel.words import Language
from pegel.words.names import policy_name
from pegel_web.core.actor import Actor
from pegel_web.core.reading import once
from pegel_web.flow.computing.against import AGAINST
from pegel_web.flow.computing.drawings import STANDING, WITH_ITEMS
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.stream import REPORT
from pegel_web.flow.contracts.against import AgainstDeclared
from pegel_web.flow.contracts.reports import Choice, ReportContent, StreamChart, StreamReport
from pegel_web.flow.models import SnapshotKind, StreamSelection, StreamSnapshot, ValueStream
from pegel_web.flow.queries.overview import period_choices, require_period
from pegel_web.flow.queries.streams import CHANGE, ITEMS, freshness, may_refresh, reading, seen_stream, stream_of
from pegel_web.flow.queries.withholding import floor_of, withheld_against, withheld_report
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
    computed = policies_computed(row)
    chosen = _chosen(computed, policy)
    kept = None if chosen is None else _kept(row, SnapshotKind.REPORT, chosen, period)
    judged = None if chosen is None else _kept(row, SnapshotKind.AGAINST, chosen, period)
    against = None if judged is None else AGAINST.validate_python(judged.payload[language])
    found = report_as_seen(actor, row, kept, against)
    return replace(
        found,
        periods=period_choices(period, language),
        policies=tuple(Choice(code=name, name=policy_name(name, language), chosen=name == chosen) for name in computed),
    )


def report_as_seen(
    actor: Actor, row: ValueStream, kept: StreamSnapshot | StreamSelection | None, against: AgainstDeclared | None
) -> StreamReport:
    """Return a kept result as far as an actor may see it: below the group floor without rates, items for few."""
    language = cast(Language, actor.language)
    structure = structure_on(actor.at.date())
    content, hidden = None if kept is None else _read(kept, language), False
    if content is not None:
        hidden = floor_of(actor, structure).withholds(row.unit_id, content.people)
        if hidden:
            content = withheld_report(content, language)
            against = None if against is None else withheld_against(against, language)
    sees_items = actor.allows(ITEMS, unit=row.unit_id)
    return StreamReport(
        stream=stream_of(row, structure),
        content=content if sees_items or content is None else _without_items(content),
        against=against,
        freshness=None if kept is None or content is None else freshness(row, kept, reading(), actor.at),
        periods=(),
        policies=(),
        withheld=hidden,
        may_refresh=may_refresh(actor, row.unit_id),
        may_change=actor.allows(CHANGE, unit=row.unit_id),
        may_see_items=sees_items,
    )


def stream_chart(
    *, actor: Actor, stream_id: UUID, name: str, period: str = DEFAULT, policy: str | None = None
) -> StreamChart:
    """Return a drawing of a stream, one of those that its report names.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``chart_unknown``: also where it would tell about a person, or shows single items
    to somebody who may see figures only. InputError: ``period_unknown``, ``policy_not_computed``.
    """
    require_period(period)
    row = seen_stream(actor, stream_id)
    chosen = _chosen(policies_computed(row), policy)
    standing = "" if name in STANDING else period
    kept = None if chosen is None else _kept(row, SnapshotKind.CHARTS, chosen, standing)
    return chart_as_seen(actor, row, None if kept is None else kept.payload, name)


def chart_as_seen(actor: Actor, row: ValueStream, drawings: dict[str, Any] | None, name: str) -> StreamChart:
    """Return one of the kept drawings of a stream; None: nothing is kept.

    Raises
    ------
    NotFoundError: ``chart_unknown``; see ``stream_chart``.
    """
    floor = floor_of(actor, structure_on(actor.at.date()))
    hidden = name in WITH_ITEMS and not actor.allows(ITEMS, unit=row.unit_id)
    specification = None if drawings is None or hidden else drawings[actor.language].get(name)
    if drawings is None or specification is None or floor.withholds(row.unit_id, drawings["people"]):
        raise NotFoundError("chart_unknown", name=name[:100])
    return StreamChart(name=name, specification=specification)


def kept_items(row: ValueStream, policy: str | None) -> StreamSnapshot:
    """Return where the tables behind the figures lie.

    Raises
    ------
    NotFoundError: ``stream_not_computed``. InputError: ``policy_not_computed``.
    """
    chosen = _chosen(policies_computed(row), policy)
    kept = None if chosen is None else _kept(row, SnapshotKind.ITEMS, chosen, "")
    if kept is None:
        raise NotFoundError("stream_not_computed", name=row.name)
    return kept


def kept_part(
    row: ValueStream, kind: SnapshotKind, period: str = "", policy: str | None = None
) -> StreamSnapshot | None:
    """Return a further result of a stream that the actor may see; None: it is not computed (yet).

    Raises
    ------
    InputError: ``policy_not_computed``.
    """
    chosen = _chosen(policies_computed(row), policy)
    return None if chosen is None else _kept(row, kind, chosen, period)


def policies_computed(row: ValueStream) -> list[str]:
    """Return the policies that a stream was computed with, the one that suits it first."""
    found = StreamSnapshot.objects.everything(because="of a stream that the actor may see")
    mine = found.filter(stream_id=row.id, kind=SnapshotKind.ITEMS).order_by("-preferred", "policy")
    return once(("policies", row.id), lambda: list(mine.values_list("policy", flat=True)))


def _chosen(computed: list[str], policy: str | None) -> str | None:
    if policy is None:
        return computed[0] if computed else None
    if policy not in computed:
        raise InputError("policy_not_computed", name=policy, known=computed)
    return policy


def _kept(row: ValueStream, kind: SnapshotKind, policy: str, period: str) -> StreamSnapshot | None:
    found = StreamSnapshot.objects.everything(because="of a stream that the actor may see")
    wanted = found.filter(stream_id=row.id, kind=kind, policy=policy, period=period)
    return once(("snapshot", row.id, kind, policy, period), lambda: cast("StreamSnapshot | None", wanted.first()))


def _read(kept: StreamSnapshot | StreamSelection, language: Language) -> ReportContent | None:
    """Return what a snapshot says; None: an older Pegel wrote it in another form, and it is being computed anew."""
    try:
        return REPORT.validate_python(kept.payload[language])
    except ValidationError:
        return None


def _without_items(content: ReportContent) -> ReportContent:
    """Return a report without single items, for people who may see figures only."""
    charts = tuple(one for one in content.charts if one.name not in WITH_ITEMS)
    return replace(content, ageing=replace(content.ageing, items=()), charts=charts)
