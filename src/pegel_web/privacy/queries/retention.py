"""How long things are kept, and what would go now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from pegel_web.core.actor import Actor
from pegel_web.core.reading import once
from pegel_web.jobs.ended import ended_jobs
from pegel_web.notifications.digests.queries import old_digests
from pegel_web.organisation.keys import keys_to_move
from pegel_web.organisation.services.old_sign_ins import old_sign_ins
from pegel_web.privacy.contracts import RetentionLine
from pegel_web.privacy.erased_people import ErasedPeople
from pegel_web.privacy.kept import kept_elsewhere
from pegel_web.privacy.models import Access, RetentionPeriod
from pegel_web.privacy.statements import retention_kinds


def retention_preview(*, actor: Actor, erased: ErasedPeople) -> tuple[RetentionLine, ...]:
    """Return each kind with its period and how much would go if the rules were applied now; nothing is changed.

    ``erased``: the file of forgotten people.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require("privacy.settings.view")
    chosen = chosen_days()
    found = []
    for name, kind in retention_kinds().items():
        days = chosen.get(name, kind.default)
        before = cutoff(name, actor.at, days)
        due = sum(at < before for at in erased.read().values()) if name == "erased_people" else _due(name, before)
        found.append(
            RetentionLine(
                kind=name, days=days, default=kind.default, least=kind.least, most=kind.most, before=before, due=due
            )
        )
    return tuple(found)


def days_kept(kind: str) -> int:
    """Return how many days a kind is kept."""
    return chosen_days().get(kind, retention_kinds()[kind].default)


def chosen_days() -> Mapping[str, int]:
    """Return the periods that somebody chose."""
    return once("chosen days", lambda: dict(RetentionPeriod.objects.values_list("kind", "days")))


def cutoff(kind: str, at: datetime, days: int) -> datetime:
    """Return the moment before which things of a kind go. Personal values in the audit go by whole months."""
    before = at - timedelta(days=days)
    if kind == "audit_values":
        return before.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return before


def _due(kind: str, before: datetime) -> int:
    own = _DUE.get(kind)
    return kept_elsewhere(kind).due(before) if own is None else own(before)


def _old_accesses(before: datetime) -> int:
    count: int = Access.objects.everything(because="retention").filter(at__lt=before).count()
    return count


_DUE: Final[Mapping[str, Callable[[datetime], int]]] = {
    "access_log": _old_accesses,
    "finished_jobs": lambda before: ended_jobs(before=before),
    "digests": lambda before: old_digests(before=before),
    "sessions": lambda before: old_sign_ins(before=before),
    "audit_values": lambda before: keys_to_move(to=before.date()),
}
