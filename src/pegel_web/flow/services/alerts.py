"""Alerts open, persist and close by what the figures say; people acknowledge them, or let them be quiet for a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Final, cast
from uuid import UUID

from django.db import transaction
from pydantic import TypeAdapter

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.computing.alert_rules import Condition
from pegel_web.flow.contracts.alerts import AlertThresholds, StreamAlert
from pegel_web.flow.models import StreamAlert as AlertRow
from pegel_web.flow.models import StreamAlertThresholds as ThresholdsRow
from pegel_web.flow.models import ValueStream
from pegel_web.flow.queries.alerts import alert_lines, facts_of, judged, public_alert, thresholds_of
from pegel_web.flow.services.streams import locked_stream
from pegel_web.jobs.actors import pegel_itself
from pegel_web.notifications.publishing import publish

OPENED: Final = "flow.alert.opened"
CLOSED: Final = "flow.alert.closed"
LONGEST_REASON: Final = 500
#: An alert can be quiet for so long at most; who wants longer changes the threshold.
LONGEST_SNOOZE: Final = timedelta(days=92)
#: Thresholds, smallest and largest.
BOUNDS: Final = {"late_from": (1, 10_000), "stalled_after_days": (1, 365), "stale_after_days": (1, 365)}
#: How long closed alerts are kept.
KEPT: Final = timedelta(days=365)

ALERT: Final[TypeAdapter[StreamAlert]] = TypeAdapter(StreamAlert)


def settle_alerts(
    *, actor: Actor, stream_id: UUID, writing: Callable[[], AbstractContextManager[object]] = transaction.atomic
) -> None:
    """Open what has become so, go on with what still is, close what is no longer so; the second time nothing changes.

    ``writing``: around everything that is written; a job puts its own in there.
    """
    with writing():
        rows = ValueStream.objects.everything(because="Pegel looks after the alerts").select_for_update()
        row = cast("ValueStream | None", rows.filter(pk=stream_id, valid_until=None).first())
        if row is None:
            return
        kept, facts = facts_of(row.id)
        if kept is None:
            return
        found = judged(row, kept, facts, thresholds_of([row.id])[row.id], actor.at)
        conditions: dict[tuple[str, str], Condition] = {
            (one.kind, one.state): one for _, one in found if one is not None
        }
        mine = AlertRow.objects.everything(because="the same").filter(stream_id=row.id, closed_at=None)
        opened = {(one.kind, one.state): one for one in cast("list[AlertRow]", list(mine))}
        for place, alert in opened.items():
            condition = conditions.get(place)
            if condition is None:
                alert.closed_at, alert.items = max(actor.at, alert.opened_at), []
                alert.save(update_fields=["closed_at", "items"])
                _tell(actor, CLOSED, row, alert)
            else:
                _go_on(alert, condition, kept.content_hash, actor.at)
        for place, fresh in conditions.items():
            if place not in opened:
                _tell(actor, OPENED, row, _opened(row, fresh, kept.content_hash, actor.at))


def acknowledge_alert(*, actor: Actor, alert_id: UUID, reason: str) -> StreamAlert:
    """Say that somebody has looked, and what comes of it. It stays quiet until it closes by itself.

    Raises
    ------
    NotFoundError: ``alert_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``alert_closed``. InputError:
    ``alert_reason_missing``, ``alert_reason_too_long``.
    """
    with transaction.atomic():
        row, stream = _locked(actor, alert_id)
        text = " ".join(reason.replace("\0", "").split())
        if not text:
            raise InputError("alert_reason_missing")
        if len(text) > LONGEST_REASON:
            raise InputError("alert_reason_too_long", most=LONGEST_REASON)
        row.acknowledged_at, row.acknowledged_by, row.reason = actor.at, actor.person_id, text
        row.save(update_fields=["acknowledged_at", "acknowledged_by", "reason"])
        _record(actor, "acknowledged", row, stream, after={"kind": row.kind})
        return alert_lines(actor, [row], {stream.id: stream})[0]


def snooze_alert(*, actor: Actor, alert_id: UUID, until: date) -> StreamAlert:
    """Let an alert be quiet until a day; from then on it calls again if it is still so.

    Raises
    ------
    NotFoundError: ``alert_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``alert_closed``. InputError:
    ``alert_snooze_day`` (from, until).
    """
    first, last = actor.at.date() + timedelta(days=1), actor.at.date() + LONGEST_SNOOZE
    with transaction.atomic():
        row, stream = _locked(actor, alert_id)
        if not first <= until <= last:
            raise InputError("alert_snooze_day", first=first.isoformat(), last=last.isoformat())
        before, row.snoozed_until = row.snoozed_until, until
        row.save(update_fields=["snoozed_until"])
        _record(actor, "snoozed", row, stream, before={"until": before}, after={"kind": row.kind, "until": until})
        return alert_lines(actor, [row], {stream.id: stream})[0]


def change_alert_thresholds(
    *, actor: Actor, stream_id: UUID, late_from: int, stalled_after_days: int, stale_after_days: int
) -> AlertThresholds:
    """Say from when on there is an alert about a stream; the rules are applied at once.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``. InputError: ``alert_threshold_out_of_range``.
    """
    new = {"late_from": late_from, "stalled_after_days": stalled_after_days, "stale_after_days": stale_after_days}
    with transaction.atomic():
        row = locked_stream(actor, stream_id)
        for name, value in new.items():
            least, most = BOUNDS[name]
            if not least <= value <= most:
                raise InputError("alert_threshold_out_of_range", name=name, least=least, most=most)
        old = thresholds_of([row.id])[row.id]
        before = {name: getattr(old, name) for name in new}
        if before != new:
            rows = ThresholdsRow.objects.everything(because="of the stream that was locked above")
            rows.update_or_create(stream=row, defaults=new)
            record(
                actor, "flow.alert.thresholds_changed", subject=("stream", row.id), unit=row.unit_id,
                before=before, after=new,
            )  # fmt: skip
            settle_alerts(actor=actor, stream_id=row.id)
        return AlertThresholds(**new)


def forget_old_alerts(*, before: datetime) -> int:
    """Delete alerts that closed before a moment, with what people wrote to them; returns how many."""
    rows = AlertRow.objects.everything(because="retention").filter(closed_at__lt=before)
    gone: int = rows.delete()[0]
    return gone


def _opened(row: ValueStream, condition: Condition, version: str, at: datetime) -> AlertRow:
    made: AlertRow = AlertRow.objects.create(
        stream=row,
        kind=condition.kind,
        state=condition.state,
        count=condition.count,
        limit=condition.limit,
        items=list(condition.items),
        version=version,
        opened_at=at,
        last_seen_at=at,
    )
    return made


def _go_on(alert: AlertRow, condition: Condition, version: str, at: datetime) -> None:
    if alert.version != version and condition.kind == "ageing":
        alert.new = len(set(condition.items) - set(alert.items))
    alert.count, alert.limit, alert.items = condition.count, condition.limit, list(condition.items)
    alert.version, alert.last_seen_at = version, max(at, alert.last_seen_at)
    alert.save(update_fields=["new", "count", "limit", "items", "version", "last_seen_at"])


def _tell(actor: Actor, kind: str, row: ValueStream, alert: AlertRow) -> None:
    """Tell the endpoints what whoever sees the stream may know; neither names nor reasons leave."""
    pegel = pegel_itself(at=actor.at, request_id=actor.request_id, language=actor.language)
    line = public_alert(pegel, row, alert)
    if line is not None:
        publish(actor=pegel, kind=kind, data=ALERT.dump_python(line, mode="json"))


def _record(
    actor: Actor,
    event: str,
    row: AlertRow,
    stream: ValueStream,
    *,
    after: Mapping[str, object],
    before: Mapping[str, object] | None = None,
) -> None:
    record(actor, f"flow.alert.{event}", subject=("alert", row.id), unit=stream.unit_id, before=before, after=after)


def _locked(actor: Actor, alert_id: UUID) -> tuple[AlertRow, ValueStream]:
    seen = AlertRow.objects.visible_to(actor).filter(pk=alert_id).values_list("stream_id", flat=True).first()
    if seen is None:
        raise NotFoundError("alert_unknown", id=str(alert_id))
    # The stream first, as where alerts are settled, so that the two wait for each other and never both.
    stream = locked_stream(actor, seen)
    rows = AlertRow.objects.everything(because="of a stream that was locked in the line above").select_for_update()
    row = cast("AlertRow | None", rows.filter(pk=alert_id).first())
    if row is None:
        raise NotFoundError("alert_unknown", id=str(alert_id))
    if row.closed_at is not None:
        raise ConflictError("alert_closed")
    return row, stream
