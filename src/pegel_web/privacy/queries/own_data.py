"""What Pegel knows about the person who asks, and who looked at their units."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Max

from pegel_web.core.actor import Actor
from pegel_web.core.queries import audit_about
from pegel_web.jobs.queries import jobs
from pegel_web.organisation.queries.own_records import own_records, own_units
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.privacy.contracts import OwnAccess, OwnData, PrivacyNotice
from pegel_web.privacy.models import Access
from pegel_web.privacy.queries.rules import in_force, rules

_LATELY: Final = timedelta(days=90)
_REASON: Final = "a person may know who looked at what is about them"


def privacy_notice(*, actor: Actor) -> PrivacyNotice:
    """Return what a person is told about themselves. Who looked is told by role, never by person.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    if not actor.has("privacy.notice.view"):
        actor.require("privacy.notice.view")
    person = actor.person()
    records = own_records(person)
    return PrivacyNotice(
        rules=rules(),
        mode_since=in_force()[2],
        pseudonym=str(records["person"][0]["pseudonym"]),
        kept=(
            *((subject, len(rows)) for subject, rows in records.items() if subject != "person"),
            ("audit", audit_about(actor=actor, limit=1).total),
            ("looks", Access.objects.everything(because=_REASON).filter(person_id=person).count()),
        ),
        accesses=_looked_at(person, actor),
        access_days=_LATELY.days,
    )


def own_data(*, actor: Actor) -> OwnData:
    """Return everything kept about the person who asks (GDPR Art. 15). ``services.export_own_data`` records that.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    if not actor.has("privacy.notice.view"):
        actor.require("privacy.notice.view")
    person = actor.person()
    records = own_records(person)
    looks = Access.objects.everything(because=_REASON).filter(person_id=person).order_by("-at", "-id")
    return OwnData(
        made_at=actor.at,
        person_id=str(person),
        pseudonym=str(records["person"][0]["pseudonym"]),
        records=records,
        jobs=[asdict(one) for one in jobs(actor=actor)],
        looks=list(looks.values("at", "what", "unit_id", "roles", "through")),
        audit=audit_about(actor=actor).lines,
    )


def _looked_at(person: UUID, actor: Actor) -> tuple[OwnAccess, ...]:
    """Count the looks at a person's units, and at everything, by role; the person's own are left out."""
    units = own_units(person, on=actor.at.date())
    rows = (
        Access.objects.everything(because=_REASON)
        .filter(unit_id__in=units, at__gte=actor.at - _LATELY)
        .exclude(person_id=person)
        .values_list("what", "unit_id", "roles")
        .annotate(looks=Count("id"), last_at=Max("at"))
        .order_by("-looks", "what", "roles")
    )
    found = list(rows)
    names = unit_names({row[1] for row in found}, structure_on(actor.at.date()))
    return tuple(
        OwnAccess(what=what, unit_name=names.get(unit, ""), role=roles, looks=looks, last_at=last)
        for what, unit, roles, looks, last in found
    )
