"""What calls for a look, in all streams and in one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, cast, get_args
from uuid import UUID

from django.db.models import Count, Q

from pegel.errors import InputError, NotFoundError
from pegel.words import Language, say
from pegel.words.names import state_name
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.alert_facts import FACTS, AlertFacts
from pegel_web.flow.computing.alert_rules import Condition, rules_of
from pegel_web.flow.contracts.alerts import (
    AlertKind,
    AlertReport,
    AlertStatus,
    AlertThresholds,
    RuleLine,
    StreamAlert,
)
from pegel_web.flow.models import SnapshotKind, StreamSnapshot, ValueStream
from pegel_web.flow.models import StreamAlert as AlertRow
from pegel_web.flow.models import StreamAlertThresholds as ThresholdsRow
from pegel_web.flow.queries.declared import declared_of
from pegel_web.flow.queries.streams import CHANGE, VIEW, seen_stream, stream_of, streams_seen
from pegel_web.flow.queries.withholding import Floor, floor_of
from pegel_web.organisation.queries.people import names_of
from pegel_web.organisation.queries.structure import Structure, structure_on

#: Closed alerts are listed for so long.
_LISTED: Final = timedelta(days=90)
#: Said of one state: not shown where the group is too small, as in the report.
_OF_A_STATE: Final = "state_load"


def open_alerts(actor: Actor) -> Mapping[UUID, int]:
    """Return how many alerts call for a look, by stream; streams without any, or that are not seen, are missing."""
    shown = _shown(actor, list(streams_seen(actor)))
    rows = AlertRow.objects.everything(because="of streams that the actor may see")
    mine = rows.filter(_calling(actor), _where(shown)).values_list("stream_id").annotate(n=Count("id"))
    return dict(mine)


def alert_overview(*, actor: Actor, status: AlertStatus = "open") -> tuple[StreamAlert, ...]:
    """Return the alerts of every stream that an actor may see, the newest first; closed ones of the last ninety days.

    Raises
    ------
    NotAllowedError: ``not_allowed``. InputError: ``alert_status_unknown``.
    """
    actor.require_somewhere(VIEW)
    if status not in get_args(AlertStatus):
        raise InputError("alert_status_unknown", name=status[:40], known=", ".join(get_args(AlertStatus)))
    streams = {row.id: row for row in streams_seen(actor)}
    rows = AlertRow.objects.everything(because="of streams that the actor may see")
    shown = _shown(actor, list(streams.values()))
    wanted = rows.filter(_where(shown), _with(status, actor)).order_by("-opened_at", "id")
    return alert_lines(actor, cast("Iterable[AlertRow]", wanted), streams)


def stream_alerts(*, actor: Actor, stream_id: UUID) -> AlertReport:
    """Return the rules of a stream with what each finds now, and its alerts.

    Raises
    ------
    NotFoundError: ``stream_unknown``, also for a stream that the actor may not see.
    """
    row = seen_stream(actor, stream_id)
    structure = structure_on(actor.at.date())
    kept, facts = facts_of(row.id)
    hidden = floor_of(actor, structure).withholds(row.unit_id, None if facts is None else facts.people)
    thresholds = thresholds_of([row.id])[row.id]
    rules = [line for line, _ in judged(row, kept, facts, thresholds, actor.at)]
    rows = AlertRow.objects.everything(because="of a stream that the actor may see").filter(_where({row.id: hidden}))
    alerts = rows.filter(closed_at=None).order_by("-opened_at", "id")
    closed = rows.filter(_with("closed", actor)).order_by("-closed_at", "id")
    streams = {row.id: row}
    return AlertReport(
        stream=stream_of(row, structure),
        rules=tuple(_withheld(line) if hidden and line.kind == _OF_A_STATE else line for line in rules),
        alerts=alert_lines(actor, cast("Iterable[AlertRow]", alerts), streams),
        closed=alert_lines(actor, cast("Iterable[AlertRow]", closed), streams),
        thresholds=thresholds,
        withheld=hidden,
        may_change=actor.allows(CHANGE, unit=row.unit_id),
    )


def stream_alert(*, actor: Actor, alert_id: UUID) -> StreamAlert:
    """Return one alert.

    Raises
    ------
    NotFoundError: ``alert_unknown``, also for one that the actor may not see.
    """
    streams = {row.id: row for row in streams_seen(actor)}
    rows = AlertRow.objects.everything(because="of streams that the actor may see")
    found = rows.filter(_where(_shown(actor, list(streams.values()))), pk=alert_id)
    lines = alert_lines(actor, cast("Iterable[AlertRow]", found), streams)
    if not lines:
        raise NotFoundError("alert_unknown", id=str(alert_id))
    return lines[0]


def facts_of(stream_id: UUID) -> tuple[StreamSnapshot | None, AlertFacts | None]:
    """Return what alerts of a stream are decided from, as last computed; None: it was not."""
    rows = StreamSnapshot.objects.everything(because="of a stream that the caller may see, or Pegel's own look")
    kept = cast("StreamSnapshot | None", rows.filter(stream_id=stream_id, kind=SnapshotKind.ALERTS).first())
    return (None, None) if kept is None else (kept, FACTS.validate_python(kept.payload))


def thresholds_of(streams: Iterable[UUID]) -> Mapping[UUID, AlertThresholds]:
    """Return from when on there is an alert about some streams that the caller may see."""
    wanted = list(streams)
    rows = ThresholdsRow.objects.everything(because="of streams that the caller may see").filter(stream__in=wanted)
    found = {
        row.stream_id: AlertThresholds(
            late_from=row.late_from,
            stalled_after_days=row.stalled_after_days,
            stale_after_days=row.stale_after_days,
        )
        for row in cast("Iterable[ThresholdsRow]", rows)
    }
    return {one: found.get(one, AlertThresholds()) for one in wanted}


def judged(
    row: ValueStream,
    kept: StreamSnapshot | None,
    facts: AlertFacts | None,
    thresholds: AlertThresholds,
    at: datetime,
) -> list[tuple[RuleLine, Condition | None]]:
    """Return every rule of a stream with what it finds at a moment."""
    declared = declared_of([row.id])[row.id]
    return list(rules_of(facts, declared, thresholds, as_of=None if kept is None else kept.as_of, at=at))


def alert_lines(actor: Actor, rows: Iterable[AlertRow], streams: Mapping[UUID, ValueStream]) -> tuple[StreamAlert, ...]:
    """Return alerts of streams that the actor may see, as they may see them."""
    found = list(rows)
    structure = structure_on(actor.at.date())
    people = {one.acknowledged_by for one in found if one.acknowledged_by is not None}
    names = {person: name.shown for person, name in names_of(actor=actor, person_ids=people).items()}
    hidden = _hidden({one.stream_id for one in found}, streams, floor_of(actor, structure))
    return tuple(
        _line(one, streams[one.stream_id], structure, actor, names, withheld=one.stream_id in hidden) for one in found
    )


def public_alert(actor: Actor, row: ValueStream, alert: AlertRow) -> StreamAlert | None:
    """Return an alert as programs outside are told of it: without who looked and what they wrote.

    None: it says something of a single state, and the group is too small for that.
    """
    hidden = _hidden([row.id], {row.id: row}, floor_of(actor, structure_on(actor.at.date())))
    if hidden and alert.kind == _OF_A_STATE:
        return None
    line = alert_lines(actor, [alert], {row.id: row})[0]
    return replace(line, acknowledged_by=None, reason=None, may_change=False)


def _line(
    one: AlertRow,
    row: ValueStream,
    structure: Structure,
    actor: Actor,
    names: Mapping[UUID, str],
    *,
    withheld: bool,
) -> StreamAlert:
    language, kind = cast(Language, actor.language), cast(AlertKind, one.kind)
    may_change = actor.allows(CHANGE, unit=row.unit_id)
    state = state_name(one.state, language) if one.state else ""
    return StreamAlert(
        id=one.id,
        stream=stream_of(row, structure),
        kind=kind,
        kind_name=say(f"flow.alert.kind.{kind}", language),
        state=one.state,
        state_name=state,
        count=one.count,
        limit=one.limit,
        new=None if withheld else one.new,
        sentence=say(f"flow.alert.sentence.{kind}", language, n=one.count, limit=one.limit, state=state),
        status=_status(one, actor),
        opened_at=one.opened_at,
        last_seen_at=one.last_seen_at,
        closed_at=one.closed_at,
        acknowledged_at=one.acknowledged_at,
        acknowledged_by=None if one.acknowledged_by is None else names.get(one.acknowledged_by),
        reason=one.reason if may_change and one.acknowledged_at is not None else None,
        snoozed_until=one.snoozed_until,
        may_change=may_change,
    )


def _status(one: AlertRow, actor: Actor) -> AlertStatus:
    if one.closed_at is not None:
        return "closed"
    snoozed = one.snoozed_until is not None and one.snoozed_until > actor.at.date()
    return "quiet" if snoozed or one.acknowledged_at is not None else "open"


def _calling(actor: Actor) -> Q:
    """Return what calls for a look: still so, not acknowledged, not snoozed."""
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=actor.at.date())
    return Q(closed_at__isnull=True, acknowledged_at__isnull=True) & awake


def _with(status: AlertStatus, actor: Actor) -> Q:
    if status == "closed":
        return Q(closed_at__gte=actor.at - _LISTED)
    calling = _calling(actor)
    return calling if status == "open" else Q(closed_at__isnull=True) & ~calling


def _shown(actor: Actor, rows: list[ValueStream]) -> Mapping[UUID, bool]:
    """Return the streams, each with whether its group is too small for what is said of single states."""
    streams = {row.id: row for row in rows}
    hidden = _hidden(set(streams), streams, floor_of(actor, structure_on(actor.at.date())))
    return {one: one in hidden for one in streams}


def _hidden(ids: Iterable[UUID], streams: Mapping[UUID, ValueStream], floor: Floor) -> set[UUID]:
    wanted = list(ids)
    kept = StreamSnapshot.objects.everything(because="of streams that the actor may see")
    facts = kept.filter(stream__in=wanted, kind=SnapshotKind.ALERTS).values_list("stream_id", "payload__people")
    people = dict(facts)
    return {one for one in wanted if floor.withholds(streams[one].unit_id, people.get(one))}


def _where(shown: Mapping[UUID, bool]) -> Q:
    hidden = [one for one, withheld in shown.items() if withheld]
    return Q(stream__in=list(shown)) & ~Q(stream__in=hidden, kind=_OF_A_STATE)


def _withheld(line: RuleLine) -> RuleLine:
    return RuleLine(kind=line.kind, state="", status="withheld", value=None, limit=None)
