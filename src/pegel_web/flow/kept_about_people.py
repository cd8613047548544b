"""What is kept about single people here: who reported that work stalls, who joined, who answered, who took a baseline,
who said at a desk what an item is worth or decided on new work, who noted an event.

Nobody is shown who reported or joined; the person themselves gets it with their own data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from pegel_web.flow.models import Baseline, InflowDecision, ItemValue, StallReport, StallStep, StallVoice, StreamEvent
from pegel_web.organisation.personal_registry import PersonalRecords, declare_personal_records
from pegel_web.privacy.kept import Kept, declare_kept

_OWN: Final = "a person may see what is kept about them"
_RETENTION: Final = "retention"


def _rows(found: Any, *names: str) -> list[Mapping[str, object]]:
    return list(found.order_by("pk").values(*names))


def own_reports(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return what a person has reported, with their words."""
    found = StallReport.objects.everything(because=_OWN).filter(author=person)
    return _rows(
        found, "stream__name", "state", "friction", "why", "often", "hours_per_week", "reported_at", "status", "outcome"
    )


def own_voices(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return which reports a person has joined."""
    found = StallVoice.objects.everything(because=_OWN).filter(person=person)
    return _rows(found, "report__stream__name", "report__state", "report__friction", "joined_at")


def own_answers(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return what a person has answered to reports."""
    found = StallStep.objects.everything(because=_OWN).filter(by=person)
    return _rows(found, "report__stream__name", "report__state", "kind", "outcome", "text", "plan", "at")


def own_baselines(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return which baselines a person has taken."""
    return _rows(Baseline.objects.everything(because=_OWN).filter(taken_by=person), "stream__name", "state", "at")


def own_events(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return what a person has noted about streams."""
    found = StreamEvent.objects.everything(because=_OWN).filter(author=person)
    return _rows(found, "stream__name", "day", "text", "noted_at", "withdrawn_at")


def forget_events(person: UUID) -> int:
    """Take a person out of what they noted; the words tell about the stream and stay."""
    found: int = (
        StreamEvent.objects.everything(because="a person is forgotten").filter(author=person).update(author=None)
    )
    return found


def own_values(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return what a person said items are worth."""
    found = ItemValue.objects.everything(because=_OWN).filter(by=person)
    return _rows(found, "stream__name", "item", "points", "cost_of_delay", "currency", "reason", "at")


def own_inflow_decisions(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return a person's decisions on new work."""
    found = InflowDecision.objects.everything(because=_OWN).filter(by=person)
    return _rows(found, "stream__name", "item", "decision", "until_date", "reason", "outcome", "override", "at")


def forget_reports(person: UUID) -> int:
    """Take a person out of their reports; the words stay, as they do elsewhere, and count."""
    found: int = (
        StallReport.objects.everything(because="a person is forgotten").filter(author=person).update(author=None)
    )
    return found


def forget_voices(person: UUID) -> int:
    """Take a person out of the reports they joined; that somebody joined stays."""
    found: int = (
        StallVoice.objects.everything(because="a person is forgotten").filter(person=person).update(person=None)
    )
    return found


def _old(before: datetime) -> Any:
    ended = Q(stream__valid_until__isnull=False, stream__valid_until__lt=before.date())
    return StallReport.objects.everything(because=_RETENTION).filter(Q(closed_at__lt=before) | ended)


def old_reports(before: datetime) -> int:
    """Return how many reports were closed, or their streams ended, before a moment."""
    count: int = _old(before).count()
    return count


def let_old_reports_go(before: datetime) -> int:
    """Delete those reports, with who joined them and what was answered."""
    count = old_reports(before)
    _old(before).delete()
    return count


declare_personal_records(PersonalRecords(subject="stall_reports", own=own_reports, forget=forget_reports))
declare_personal_records(PersonalRecords(subject="stall_voices", own=own_voices, forget=forget_voices))
declare_personal_records(PersonalRecords(subject="stall_answers", own=own_answers))
declare_personal_records(PersonalRecords(subject="stream_events", own=own_events, forget=forget_events))
declare_personal_records(PersonalRecords(subject="baselines", own=own_baselines))
declare_personal_records(PersonalRecords(subject="item_values", own=own_values))
declare_personal_records(PersonalRecords(subject="inflow_decisions", own=own_inflow_decisions))
declare_kept(Kept(kind="stall_reports", due=old_reports, let_go=let_old_reports_go))
