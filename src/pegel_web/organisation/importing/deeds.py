"""What the audit says of an import: one entry for each change, as if somebody had made it by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from pegel_web.core.audit import Deed
from pegel_web.organisation.importing.current import KnownProduct, Span
from pegel_web.organisation.importing.differences import PersonChange, ProductChange, SpanChange, UnitChange
from pegel_web.organisation.importing.draft import Draft
from pegel_web.organisation.timeline import Period


def of_units(draft: Draft, changes: Mapping[UUID, UnitChange], fresh: Collection[UUID], import_id: UUID) -> list[Deed]:
    """Return what is recorded of units; ``fresh``: those that are new."""
    return [
        Deed(
            event=f"organisation.unit.{_verb_of_unit(before, after, new=unit in fresh)}",
            subject=("unit", unit),
            unit=unit,
            before=_period(before[-1]) if before else None,
            after={**_period(after[-1]), "on": draft.effective, "import": import_id},
        )
        for unit, (before, after) in changes.items()
    ]


def of_people(changes: Sequence[PersonChange], import_id: UUID) -> list[Deed]:
    """Return what is recorded of people."""
    return [
        # What a new person is called stands in their identity alone.
        Deed(
            event="organisation.person.imported",
            subject=("person", new.id),
            about=new.id,
            after={"kind": new.kind, "import": import_id},
        )
        if old is None
        else Deed(
            event="organisation.person.renamed",
            subject=("person", new.id),
            about=new.id,
            before={"name": old.name, "email": old.email},
            after={"name": new.name, "email": new.email, "import": import_id},
        )
        for old, new in changes
    ]


def of_products(changes: Sequence[ProductChange], import_id: UUID) -> list[Deed]:
    """Return what is recorded of products."""
    return [
        Deed(
            event=f"organisation.product.{_verb_of_product(old, new)}",
            subject=("product", new.id),
            unit=new.owner,
            before=None if old is None else _product(old),
            after={**_product(new), "import": import_id},
        )
        for old, new in changes
    ]


def of_memberships(changes: Sequence[SpanChange], import_id: UUID) -> list[Deed]:
    """Return what is recorded of memberships."""
    return [
        Deed(
            event=f"organisation.membership.{'began' if old is None else 'ended'}",
            subject=("person", span.person),
            unit=span.unit,
            about=span.person,
            before=_days(old),
            after={"import": import_id, "unit": span.unit, **(_days(new) or {})},
        )
        for old, new in changes
        if (span := new or old) is not None
    ]


def of_roles(changes: Sequence[SpanChange], made: Sequence[UUID], import_id: UUID) -> list[Deed]:
    """Return what is recorded of roles; ``made``: the ids of the new assignments, in the order of the changes."""
    ids = iter(made)
    return [
        Deed(
            event=f"organisation.role.{'assigned' if old is None else 'ended'}",
            subject=("role_assignment", next(ids) if old is None else old.id),
            unit=span.unit,
            before=_days(old),
            after={
                "import": import_id,
                "unit": span.unit,
                "role": span.role,
                "person": span.person,
                **(_days(new) or {}),
            },
        )
        for old, new in changes
        if (span := new or old) is not None
    ]


def _verb_of_unit(before: Sequence[Period], after: Sequence[Period], *, new: bool) -> str:
    if new:
        return "created"
    until = after[-1].valid_until
    return "ended" if before and until is not None and until != before[-1].valid_until else "changed"


def _verb_of_product(old: KnownProduct | None, new: KnownProduct) -> str:
    if old is None:
        return "created"
    return "ended" if old.valid_until != new.valid_until else "changed"


def _period(one: Period) -> dict[str, object]:
    return {"name": one.name, "kind": one.kind, "parent": one.parent, "valid_until": one.valid_until}


def _product(one: KnownProduct) -> dict[str, object]:
    return {"name": one.name, "owner_unit": one.owner, "valid_until": one.valid_until}


def _days(span: Span | None) -> dict[str, object] | None:
    return None if span is None else {"valid_from": span.valid_from, "valid_until": span.valid_until}
