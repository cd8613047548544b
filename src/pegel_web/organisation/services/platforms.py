"""Declaring, changing and ending platforms."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation import entered
from pegel_web.organisation.contracts.platforms import PlatformReport
from pegel_web.organisation.models import Person, Platform, PlatformPeriod
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.models.platforms import PlatformKind
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries.platforms import CHANGE, platform_report
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.validity import not_ended_by

LONGEST_NAME: Final = 120
LONGEST_TEXT: Final = 500
LONGEST_ACCESS: Final = 300


def declare_platform(
    *,
    actor: Actor,
    name: str,
    kind: PlatformKind,
    purpose: str,
    owner_unit_id: UUID,
    accountable_id: UUID | None = None,
    access: str = "",
    allowed_for: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> PlatformReport:
    """Offer a platform from a date on (today where it is not said); before that day it is planned.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``, ``person_unknown``. ConflictError:
    ``platform_exists``. InputError: ``responsibility_of_program`` and those of ``entered``.
    """
    require_owner(actor, owner_unit_id)
    begins = valid_from or actor.at.date()
    row = PlatformPeriod(valid_from=begins)
    with transaction.atomic():
        platform = Platform(owner_unit_id=owner_unit_id)
        _fill(
            row, actor, platform, name, kind, purpose, owner_unit_id, accountable_id, access, allowed_for, valid_until
        )
        platform.save(force_insert=True)
        row.platform = platform
        row.save(force_insert=True)
        _record(actor, "declared", platform, after=row)
        return platform_report(actor=actor, platform_id=platform.id)


def change_platform(
    *,
    actor: Actor,
    platform_id: UUID,
    name: str,
    kind: PlatformKind,
    purpose: str,
    owner_unit_id: UUID,
    accountable_id: UUID | None = None,
    access: str = "",
    allowed_for: str = "",
    valid_until: date | None = None,
) -> PlatformReport:
    """Say anew what a platform is, from today on; what it was until yesterday stays on record. It keeps its beginning.

    Raises
    ------
    NotAllowedError: it takes the right in the unit that owns it and in the one that is to. NotFoundError:
    ``platform_unknown``. ConflictError: ``platform_over``. The rest as for ``declare_platform``.
    """
    today = actor.at.date()
    with transaction.atomic():
        platform, periods = _changeable(platform_id, actor)
        require_owner(actor, owner_unit_id)
        last = periods[-1]
        before = _said(last)
        # What has not held in its old form for a whole day is the same period, said anew.
        row = last if last.valid_from >= today else PlatformPeriod(platform=platform, valid_from=today)
        _fill(
            row, actor, platform, name, kind, purpose, owner_unit_id, accountable_id, access, allowed_for, valid_until
        )
        if row is not last:
            last.valid_until = today
            last.save(update_fields=["valid_until"])
        row.save()
        platform.owner_unit_id = owner_unit_id
        platform.save(update_fields=["owner_unit"])
        _record(actor, "changed", platform, before=before, after=row)
        return platform_report(actor=actor, platform_id=platform.id)


def end_platform(*, actor: Actor, platform_id: UUID, on: date | None = None) -> None:
    """Retire a platform on a date (today), the first day without it; one that has not begun yet never will.

    Raises
    ------
    NotFoundError: ``platform_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``platform_over``,
    ``platform_ends_at_start``. InputError: ``change_in_the_past``.
    """
    today, ends = actor.at.date(), entered.day(on or actor.at.date())
    with transaction.atomic():
        platform, periods = _changeable(platform_id, actor)
        last = periods[-1]
        before = _said(last)
        if ends < today:
            raise InputError("change_in_the_past", day=ends)
        if last.valid_until is not None and ends >= last.valid_until:
            raise ConflictError("platform_over")
        if last.valid_from < ends:
            last.valid_until = ends
            last.save(update_fields=["valid_until"])
        elif len(periods) > 1:
            # Changed today and ended today: the change leaves no period behind, the one before it ends today already.
            last.delete()
            platform.owner_unit_id = periods[-2].owner_unit_id
            platform.save(update_fields=["owner_unit"])
        elif last.valid_from > today:
            _record(actor, "ended", platform, before=before)
            platform.delete()
            return
        else:
            raise ConflictError("platform_ends_at_start")
        _record(actor, "ended", platform, before=before, until=ends)


def require_owner(actor: Actor, unit: UUID) -> None:
    """Refuse a unit that is not there, or in which the actor may not decide about platforms.

    Raises
    ------
    NotFoundError: ``unit_unknown``. NotAllowedError: ``not_allowed``.
    """
    if unit not in structure_on(actor.at.date()).nodes:
        raise NotFoundError("unit_unknown", id=unit)
    actor.require(CHANGE, unit=unit)


def _changeable(platform_id: UUID, actor: Actor) -> tuple[Platform, list[PlatformPeriod]]:
    rows = Platform.objects.visible_to(actor).select_for_update()
    platform: Platform | None = rows.filter(id=platform_id).first()
    if platform is None:
        raise NotFoundError("platform_unknown", id=platform_id)
    actor.require(CHANGE, unit=platform.owner_unit_id)
    periods = list(platform.periods.order_by("valid_from"))
    until = periods[-1].valid_until
    if until is not None and until <= actor.at.date():
        raise ConflictError("platform_over")
    return platform, periods


def _fill(
    row: PlatformPeriod,
    actor: Actor,
    platform: Platform,
    name: str,
    kind: PlatformKind,
    purpose: str,
    owner_unit_id: UUID,
    accountable_id: UUID | None,
    access: str,
    allowed_for: str,
    valid_until: date | None,
) -> None:
    """Write what was entered into a period, cleaned and checked."""
    entered.forward(row.valid_from, valid_until)
    row.name = cleaned(name, field="name", most=LONGEST_NAME)
    row.kind = kind
    row.purpose = entered.paragraph(purpose, field="purpose", most=LONGEST_TEXT, required=True)
    row.access = entered.line(access, field="access", most=LONGEST_ACCESS)
    row.allowed_for = entered.paragraph(allowed_for, field="allowed_for", most=LONGEST_TEXT)
    row.owner_unit_id, row.valid_until = owner_unit_id, valid_until
    others = PlatformPeriod.objects.filter(not_ended_by(actor.at.date())).exclude(platform_id=platform.id)
    if row.name.casefold() in {one.casefold() for one in others.values_list("name", flat=True)}:
        raise ConflictError("platform_exists", name=row.name)
    if accountable_id is not None and accountable_id != row.accountable_id:
        person = Person.objects.filter(id=accountable_id, erased_at=None).first()
        if person is None:
            raise NotFoundError("person_unknown", id=accountable_id)
        if person.kind != PersonKind.PERSON:
            raise InputError("responsibility_of_program")
    row.accountable_id = accountable_id


def _record(
    actor: Actor,
    what: str,
    platform: Platform,
    *,
    before: dict[str, object] | None = None,
    after: PlatformPeriod | None = None,
    until: date | None = None,
) -> None:
    record(
        actor,
        f"organisation.platform.{what}",
        subject=("platform", platform.id),
        unit=platform.owner_unit_id,
        about=None if after is None else after.accountable_id,
        before=before,
        after={"valid_until": until} if after is None else _said(after),
    )


def _said(row: PlatformPeriod) -> dict[str, object]:
    return {
        "name": row.name,
        "kind": str(row.kind),
        "purpose": row.purpose,
        "owner_unit": row.owner_unit_id,
        "accountable": row.accountable_id,
        "access": row.access,
        "allowed_for": row.allowed_for,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
    }
