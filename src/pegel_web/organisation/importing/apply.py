"""Makes a plan true: writes where the draft differs from what is, many rows at a time, and records each change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from pegel_web.core.audit import record_many
from pegel_web.core.person_keys import new_key
from pegel_web.organisation.importing import deeds
from pegel_web.organisation.importing.current import KnownPerson, Span
from pegel_web.organisation.importing.differences import (
    SpanChange,
    membership_changes,
    person_changes,
    product_changes,
    role_changes,
    unit_changes,
)
from pegel_web.organisation.importing.draft import Draft
from pegel_web.organisation.models import Identity, Membership, Person, Product, RoleAssignment, Unit
from pegel_web.organisation.services.product_owners import keep_owners
from pegel_web.organisation.services.timelines import AT_ONCE, in_parts, write_timeline

#: The parts of :func:`apply`, in order.
STEPS: Final = ("units", "people", "products", "memberships", "roles")
_BECAUSE: Final = "the import that was confirmed names them"
_NAMING: Final = ("name", "email", "reference")


def apply(draft: Draft, *, import_id: UUID, step: Callable[[str], None]) -> None:
    """Write a plan, as part of the open transaction, in the turn in which it was made.

    ``step``: called before each of the ``STEPS`` with its name; what it raises leaves the transaction to its owner.
    """
    parts = (_write_units, _write_people, _write_products, _write_memberships, _write_roles)
    for name, write in zip(STEPS, parts, strict=True):
        step(name)
        write(draft, import_id)


def _write_units(draft: Draft, import_id: UUID) -> None:
    changes = unit_changes(draft)
    codes = {unit: code for code, unit in draft.codes.items()}
    fresh = {unit for unit in changes if unit in codes and codes[unit] not in draft.current.codes}
    Unit.objects.bulk_create([Unit(id=unit, code=codes[unit]) for unit in fresh], batch_size=AT_ONCE)
    write_timeline(
        {unit: before for unit, (before, _) in changes.items()}, {unit: after for unit, (_, after) in changes.items()}
    )
    record_many(draft.actor, deeds.of_units(draft, changes, fresh, import_id))


def _write_people(draft: Draft, import_id: UUID) -> None:
    changes = person_changes(draft)
    fresh = [new for old, new in changes if old is None]
    people = [
        Person(
            id=one.id, kind=one.kind, pseudonym=one.pseudonym, answers_for_id=one.answers_for, created_at=draft.actor.at
        )
        for one in fresh
    ]
    Person.objects.bulk_create(people, batch_size=AT_ONCE)
    Identity.objects.bulk_create([_identity(one, key=new_key()) for one in fresh], batch_size=AT_ONCE)
    renamed = [_identity(new) for old, new in changes if old is not None]
    # An insertion that meets what is there and changes it: several times as fast as an update of many rows, each of
    # which has a condition of its own.
    Identity.objects.bulk_create(
        renamed, update_conflicts=True, unique_fields=["person"], update_fields=_NAMING, batch_size=AT_ONCE
    )
    record_many(draft.actor, deeds.of_people(changes, import_id))


def _identity(one: KnownPerson, **more: str) -> Identity:
    return Identity(person_id=one.id, name=one.name, email=one.email, reference=one.reference, **more)


def _write_products(draft: Draft, import_id: UUID) -> None:
    changes = product_changes(draft)
    new = [
        (
            old is None,
            Product(
                id=one.id,
                code=one.code,
                name=one.name,
                owner_unit_id=one.owner,
                valid_from=one.valid_from,
                valid_until=one.valid_until,
            ),
        )
        for old, one in changes
    ]
    Product.objects.bulk_create([row for fresh, row in new if fresh], batch_size=AT_ONCE)
    Product.objects.everything(because=_BECAUSE).bulk_update(
        [row for fresh, row in new if not fresh], ["name", "owner_unit", "valid_until"], batch_size=AT_ONCE
    )
    keep_owners([row for _, row in new], draft.effective)
    record_many(draft.actor, deeds.of_products(changes, import_id))


def _write_memberships(draft: Draft, import_id: UUID) -> None:
    changes = membership_changes(draft)
    _end_spans(Membership, changes)
    added = [
        Membership(person_id=one.person, unit_id=one.unit, valid_from=one.valid_from, valid_until=one.valid_until)
        for one in _added(changes)
    ]
    Membership.objects.bulk_create(added, batch_size=AT_ONCE)
    record_many(draft.actor, deeds.of_memberships(changes, import_id))


def _write_roles(draft: Draft, import_id: UUID) -> None:
    changes = role_changes(draft)
    _end_spans(RoleAssignment, changes)
    added = [
        RoleAssignment(
            person_id=one.person,
            role=one.role,
            unit_id=one.unit,
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            granted_by_id=draft.actor.person_id,
        )
        for one in _added(changes)
    ]
    RoleAssignment.objects.bulk_create(added, batch_size=AT_ONCE)
    record_many(draft.actor, deeds.of_roles(changes, [row.id for row in added], import_id))


def _added(changes: Sequence[SpanChange]) -> list[Span]:
    return [new for old, new in changes if old is None and new is not None]


def _end_spans(model: type[Membership] | type[RoleAssignment], changes: Sequence[SpanChange]) -> None:
    """Write what ended, and delete what will never have been; only one span of a kind may be open, so this is first."""
    rows = model.objects.everything(because=_BECAUSE)
    gone = [old.id for old, new in changes if old is not None and new is None]
    for part in in_parts(gone):
        rows.filter(id__in=part).delete()
    # Most end on the day of the import, so that a day is one change of many rows.
    ended: dict[date | None, list[int | UUID | None]] = defaultdict(list)
    for old, new in changes:
        if old is not None and new is not None:
            ended[new.valid_until].append(old.id)
    for day, ids in ended.items():
        for part in in_parts(ids):
            rows.filter(id__in=part).update(valid_until=day)
