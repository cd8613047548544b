"""Setting the frame: direction, limits, budgets, offers, each from one date until another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor, Risk
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.organisation import entered
from pegel_web.organisation.contracts.frame import FrameLine
from pegel_web.organisation.models import FrameEntry
from pegel_web.organisation.models.frame import FrameKind
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries import frame as queries
from pegel_web.organisation.queries.structure import Structure, structure_on

LONGEST_TEXT: Final = 300


def set_frame_entry(
    *,
    actor: Actor,
    unit_id: UUID,
    kind: FrameKind,
    text: str,
    amount: Decimal | None = None,
    risk: Risk | None = None,
    level: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> FrameLine:
    """Add a line to the frame of a unit and everything below it.

    Limits and budgets are given from above: whoever sets them needs the right one level up. A limit with an amount or a
    risk is what roles may decide there from its first day on; Pegel refuses what goes beyond.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``. InputError: ``amount_missing``,
    ``amount_not_applicable``, ``limit_needs_level``, ``level_unknown`` and those of ``entered``.
    """
    structure = structure_on(actor.at.date())
    if unit_id not in structure.nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    if not queries.may_set(kind, unit_id, actor=actor, structure=structure):
        raise NotAllowedError("not_allowed", permission=queries.CHANGE)
    begins = valid_from or actor.at.date()
    entered.forward(begins, valid_until)
    row = FrameEntry(
        unit_id=unit_id,
        kind=kind,
        text=cleaned(text, field="text", most=LONGEST_TEXT),
        amount=entered.amount(amount),
        risk=risk,
        level=level,
        valid_from=begins,
        valid_until=valid_until,
        set_by_id=actor.person(),
    )
    _fits(row, structure)
    with transaction.atomic():
        row.save(force_insert=True)
        record(actor, "organisation.frame.set", subject=("frame", row.id), unit=unit_id, after=_said(row))
        return queries.frame_line(row, actor=actor, structure=structure)


def change_frame_entry(
    *,
    actor: Actor,
    entry_id: UUID,
    text: str,
    amount: Decimal | None = None,
    risk: Risk | None = None,
    level: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> FrameLine:
    """Replace a line from a date on (today where it is not said); until then the old one holds and stays on record.

    Raises
    ------
    NotFoundError: ``frame_entry_unknown``. ConflictError: ``frame_entry_over``. InputError: ``change_in_the_past``:
    what was in force stays on record. The rest as for ``set_frame_entry``.
    """
    structure = structure_on(actor.at.date())
    begins = valid_from or actor.at.date()
    with transaction.atomic():
        old = _changeable(entry_id, actor, structure)
        entered.forward(begins, valid_until)
        _not_in_the_past(begins, actor)
        if old.valid_until is not None and begins >= old.valid_until:
            raise ConflictError("frame_entry_over")
        if begins <= old.valid_from:
            # It never held in its old form for a whole day: the same line, said anew.
            row, before = old, _said(old)
        else:
            row, before = FrameEntry(unit_id=old.unit_id, kind=old.kind), _said(old)
            old.valid_until = begins
            old.save(update_fields=["valid_until"])
        row.text = cleaned(text, field="text", most=LONGEST_TEXT)
        row.amount, row.risk, row.level = entered.amount(amount), risk, level
        row.valid_from, row.valid_until, row.set_by_id = begins, valid_until, actor.person()
        _fits(row, structure)
        row.save()
        record(
            actor,
            "organisation.frame.changed",
            subject=("frame", row.id),
            unit=row.unit_id,
            before=before,
            after=_said(row),
        )
        return queries.frame_line(row, actor=actor, structure=structure)


def end_frame_entry(*, actor: Actor, entry_id: UUID, on: date | None = None) -> None:
    """End a line on a date, which is the first day without it; one that has not begun yet never will.

    Raises
    ------
    NotFoundError: ``frame_entry_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``frame_entry_over``.
    InputError: ``change_in_the_past``.
    """
    structure = structure_on(actor.at.date())
    ends = entered.day(on or actor.at.date())
    with transaction.atomic():
        row = _changeable(entry_id, actor, structure)
        before = _said(row)
        _not_in_the_past(ends, actor)
        if row.valid_until is not None and ends >= row.valid_until:
            raise ConflictError("frame_entry_over")
        if ends <= row.valid_from:
            row.delete()
        else:
            row.valid_until = ends
            row.save(update_fields=["valid_until"])
        record(
            actor,
            "organisation.frame.ended",
            subject=("frame", entry_id),
            unit=row.unit_id,
            before=before,
            after={"valid_until": ends},
        )


def _changeable(entry_id: UUID, actor: Actor, structure: Structure) -> FrameEntry:
    rows = FrameEntry.objects.visible_to(actor)
    row: FrameEntry | None = rows.select_for_update().filter(id=entry_id).first()
    if row is None:
        raise NotFoundError("frame_entry_unknown", id=entry_id)
    if not queries.may_set(row.kind, row.unit_id, actor=actor, structure=structure):
        raise NotAllowedError("not_allowed", permission=queries.CHANGE)
    if row.valid_until is not None and row.valid_until <= actor.at.date():
        raise ConflictError("frame_entry_over")
    return row


def _not_in_the_past(day: date, actor: Actor) -> None:
    if day < actor.at.date():
        raise InputError("change_in_the_past", day=day)


def _fits(row: FrameEntry, structure: Structure) -> None:
    """Refuse figures that do not belong to the kind of line."""
    if row.kind == FrameKind.BUDGET and row.amount is None:
        raise InputError("amount_missing")
    if row.kind not in queries.FROM_ABOVE and row.amount is not None:
        raise InputError("amount_not_applicable", kind=str(row.kind))
    if row.kind != FrameKind.LIMIT and (row.risk is not None or row.level):
        raise InputError("limit_not_applicable", permission=str(row.kind))
    if row.level not in {"", *UnitKind.values}:
        raise InputError("level_unknown", known=list(UnitKind.values))
    sets_limit = row.amount is not None or row.risk is not None
    node = structure.nodes[row.unit_id]
    at_the_top = node.parent_id not in structure.nodes
    # At the top a limit for all levels would leave nobody to decide what lies beyond it.
    if row.kind == FrameKind.LIMIT and sets_limit and at_the_top and row.level in {"", node.kind}:
        raise InputError("limit_needs_level")


def _said(row: FrameEntry) -> dict[str, object]:
    return {
        "kind": str(row.kind),
        "text": row.text,
        "amount": row.amount,
        "risk": row.risk,
        "level": row.level,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
    }
