"""Keeping things only as long as they are meant to be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.jobs.ended import forget_ended_jobs
from pegel_web.notifications.digests.choosing import forget_old_digests
from pegel_web.organisation.keys import move_keys_on
from pegel_web.organisation.services.old_sign_ins import forget_old_sign_ins
from pegel_web.privacy.contracts import RetentionRun
from pegel_web.privacy.erased_people import ErasedPeople
from pegel_web.privacy.kept import kept_elsewhere
from pegel_web.privacy.models import Access, RetentionPeriod
from pegel_web.privacy.queries.retention import cutoff, days_kept
from pegel_web.privacy.statements import retention_kinds


def change_retention(*, actor: Actor, kind: str, days: int) -> int:
    """Choose how long a kind is kept; returns the days.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``retention_unknown``. InputError: ``retention_out_of_range``
    (least, most). ConflictError: ``rule_unchanged``.
    """
    actor.require("privacy.settings.change")
    known = retention_kinds().get(kind)
    if known is None:
        raise NotFoundError("retention_unknown", name=kind[:40])
    if not known.least <= days <= known.most:
        raise InputError("retention_out_of_range", least=known.least, most=known.most)
    with transaction.atomic():
        before = days_kept(kind)
        if before == days:
            raise ConflictError("rule_unchanged")
        RetentionPeriod.objects.update_or_create(kind=kind, defaults={"days": days, "changed_at": actor.at})
        record(
            actor,
            "privacy.retention.changed",
            subject=("retention", kind),
            before={"days": before},
            after={"days": days},
        )
    return days


def apply_retention(*, actor: Actor, erased: ErasedPeople) -> RetentionRun:
    """Let go of what has been kept long enough; each kind in a transaction of its own, recorded when something went.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require("privacy.settings.change")
    gone = []
    for kind in retention_kinds():
        days = days_kept(kind)
        before = cutoff(kind, actor.at, days)
        with transaction.atomic():
            count = erased.drop(before=before) if kind == "erased_people" else _let_go(kind, before)
            if count:
                record(
                    actor,
                    "privacy.retention.applied",
                    subject=("retention", kind),
                    after={"count": count, "before": before, "days": days},
                )
        gone.append((kind, count))
    return RetentionRun(at=actor.at, gone=tuple(gone))


def _let_go(kind: str, before: datetime) -> int:
    own = _GO.get(kind)
    return kept_elsewhere(kind).let_go(before) if own is None else own(before)


def _forget_accesses(before: datetime) -> int:
    gone: int = Access.objects.everything(because="retention").filter(at__lt=before).delete()[0]
    return gone


_GO: Final[Mapping[str, Callable[[datetime], int]]] = {
    "access_log": _forget_accesses,
    "finished_jobs": lambda before: forget_ended_jobs(before=before),
    "digests": lambda before: forget_old_digests(before=before),
    "sessions": lambda before: forget_old_sign_ins(before=before),
    "audit_values": lambda before: move_keys_on(to=before.date()),
}
