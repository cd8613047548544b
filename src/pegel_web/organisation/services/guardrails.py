"""Setting, changing and ending the guardrails of platforms."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation import entered
from pegel_web.organisation.contracts.platforms import GuardrailLine
from pegel_web.organisation.models import Guardrail, Platform
from pegel_web.organisation.models.platforms import Enforcement, GuardrailKind
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries import platforms as queries
from pegel_web.organisation.services.platforms import LONGEST_NAME, LONGEST_TEXT, require_owner


def set_guardrail(
    *,
    actor: Actor,
    name: str,
    rule: str,
    kind: GuardrailKind,
    enforcement: Enforcement,
    owner_unit_id: UUID,
    platform_id: UUID | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> GuardrailLine:
    """Let a rule hold for a platform (``platform_id``; None: for all of them) from a date on (today).

    It takes the right in the unit that owns the rule, and in the one that owns the platform.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``, ``platform_unknown``. InputError: those of
    ``entered``.
    """
    require_owner(actor, owner_unit_id)
    row = Guardrail(valid_from=valid_from or actor.at.date())
    with transaction.atomic():
        _fill(row, actor, name, rule, kind, enforcement, owner_unit_id, platform_id, valid_until)
        row.save(force_insert=True)
        _record(actor, "set", row, after=_said(row))
        return queries.guardrail(actor=actor, guardrail_id=row.id)


def change_guardrail(
    *,
    actor: Actor,
    guardrail_id: UUID,
    name: str,
    rule: str,
    kind: GuardrailKind,
    enforcement: Enforcement,
    owner_unit_id: UUID,
    platform_id: UUID | None = None,
    valid_until: date | None = None,
) -> GuardrailLine:
    """Replace a guardrail from today on; until yesterday the old one held and stays on record.

    Raises
    ------
    NotFoundError: ``guardrail_unknown``. ConflictError: ``guardrail_over``. The rest as for ``set_guardrail``.
    """
    today = actor.at.date()
    with transaction.atomic():
        old = _changeable(guardrail_id, actor)
        require_owner(actor, owner_unit_id)
        before = _said(old)
        # What has not held in its old form for a whole day is the same row, said anew.
        row = old if old.valid_from >= today else Guardrail(valid_from=today)
        _fill(row, actor, name, rule, kind, enforcement, owner_unit_id, platform_id, valid_until)
        if row is not old:
            old.valid_until = today
            old.save(update_fields=["valid_until"])
        row.save()
        _record(actor, "changed", row, before=before, after=_said(row))
        return queries.guardrail(actor=actor, guardrail_id=row.id)


def end_guardrail(*, actor: Actor, guardrail_id: UUID, on: date | None = None) -> None:
    """End a guardrail on a date (today), the first day without it; one that has not begun yet never will.

    Raises
    ------
    NotFoundError: ``guardrail_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``guardrail_over``.
    InputError: ``change_in_the_past``.
    """
    ends = entered.day(on or actor.at.date())
    with transaction.atomic():
        row = _changeable(guardrail_id, actor)
        before = _said(row)
        if ends < actor.at.date():
            raise InputError("change_in_the_past", day=ends)
        if row.valid_until is not None and ends >= row.valid_until:
            raise ConflictError("guardrail_over")
        _record(actor, "ended", row, before=before, after={"valid_until": ends})
        if ends <= row.valid_from:
            row.delete()
        else:
            row.valid_until = ends
            row.save(update_fields=["valid_until"])


def _changeable(guardrail_id: UUID, actor: Actor) -> Guardrail:
    rows = Guardrail.objects.visible_to(actor).select_for_update()
    row: Guardrail | None = rows.filter(id=guardrail_id).first()
    if row is None:
        raise NotFoundError("guardrail_unknown", id=guardrail_id)
    actor.require(queries.CHANGE, unit=row.owner_unit_id)
    if row.valid_until is not None and row.valid_until <= actor.at.date():
        raise ConflictError("guardrail_over")
    return row


def _fill(
    row: Guardrail,
    actor: Actor,
    name: str,
    rule: str,
    kind: GuardrailKind,
    enforcement: Enforcement,
    owner_unit_id: UUID,
    platform_id: UUID | None,
    valid_until: date | None,
) -> None:
    """Write what was entered into a row, cleaned and checked."""
    entered.forward(row.valid_from, valid_until)
    if platform_id is not None and platform_id != row.platform_id:
        platform: Platform | None = Platform.objects.visible_to(actor).filter(id=platform_id).first()
        if platform is None:
            raise NotFoundError("platform_unknown", id=platform_id)
        actor.require(queries.CHANGE, unit=platform.owner_unit_id)
    row.name = cleaned(name, field="name", most=LONGEST_NAME)
    row.rule = entered.paragraph(rule, field="rule", most=LONGEST_TEXT, required=True)
    row.kind, row.enforcement = kind, enforcement
    row.owner_unit_id, row.platform_id, row.valid_until = owner_unit_id, platform_id, valid_until


def _record(
    actor: Actor,
    what: str,
    row: Guardrail,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    record(
        actor,
        f"organisation.guardrail.{what}",
        subject=("guardrail", row.id),
        unit=row.owner_unit_id,
        before=before,
        after=after,
    )


def _said(row: Guardrail) -> dict[str, object]:
    return {
        "name": row.name,
        "rule": row.rule,
        "kind": str(row.kind),
        "enforcement": str(row.enforcement),
        "platform": row.platform_id,
        "owner_unit": row.owner_unit_id,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
    }
