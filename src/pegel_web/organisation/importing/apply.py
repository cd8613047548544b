"""Makes a plan true: writes where the draft differs from what is, and records each change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from pegel_web.core.audit import record
from pegel_web.core.person_keys import new_key
from pegel_web.organisation.importing.current import KnownPerson, Span
from pegel_web.organisation.importing.draft import Draft
from pegel_web.organisation.models import Identity, Membership, Person, Product, RoleAssignment, Unit, UnitPeriod
from pegel_web.organisation.services.timelines import write_periods

_AT_ONCE: Final = 500
_BECAUSE: Final = "the import that was confirmed names them"


def apply(draft: Draft, *, import_id: UUID) -> None:
    """Write a plan, as part of the open transaction, in the turn in which it was made."""
    _write_units(draft, import_id)
    _write_people(draft, import_id)
    _write_products(draft, import_id)
    _write_memberships(draft, import_id)
    _write_roles(draft, import_id)


def _write_units(draft: Draft, import_id: UUID) -> None:
    old = draft.current.timeline
    codes = {unit: code for code, unit in draft.codes.items()}
    fresh = {unit for unit in draft.timeline if unit in codes and codes[unit] not in draft.current.codes}
    Unit.objects.bulk_create([Unit(id=unit, code=codes[unit]) for unit in fresh], batch_size=_AT_ONCE)
    new_rows = []
    for unit, periods in draft.timeline.items():
        before = old.get(unit, ())
        if before == periods:
            continue
        if not before:
            new_rows += [
                UnitPeriod(
                    unit_id=unit,
                    parent_id=one.parent,
                    name=one.name,
                    kind=one.kind,
                    valid_from=one.valid_from,
                    valid_until=one.valid_until,
                )
                for one in periods
            ]
        else:
            write_periods(unit, before, periods)
        ended = (
            bool(before) and periods[-1].valid_until is not None and periods[-1].valid_until != before[-1].valid_until
        )
        event = "created" if unit in fresh else "ended" if ended else "changed"
        last = periods[-1]
        after = {"name": last.name, "kind": last.kind, "parent": last.parent, "valid_until": last.valid_until}
        was = before[-1] if before else None
        record(
            draft.actor,
            f"organisation.unit.{event}",
            subject=("unit", unit),
            unit=unit,
            before=None
            if was is None
            else {"name": was.name, "kind": was.kind, "parent": was.parent, "valid_until": was.valid_until},
            after={**after, "on": draft.effective, "import": import_id},
        )
    UnitPeriod.objects.bulk_create(new_rows, batch_size=_AT_ONCE)


def _write_people(draft: Draft, import_id: UUID) -> None:
    old = draft.current.people
    fresh = [one for one in draft.people.values() if one.id not in old]
    made = [
        Person(
            id=one.id, kind=one.kind, pseudonym=one.pseudonym, answers_for_id=one.answers_for, created_at=draft.actor.at
        )
        for one in sorted(fresh, key=lambda each: each.answers_for is not None)
    ]
    Person.objects.bulk_create(made, batch_size=_AT_ONCE)
    identities = [
        Identity(person_id=one.id, name=one.name, email=one.email, reference=one.reference, key=new_key())
        for one in fresh
    ]
    Identity.objects.bulk_create(identities, batch_size=_AT_ONCE)
    for one in fresh:
        # What the person is called stands in their identity alone; an import of thousands seals nothing one by one.
        after = {"kind": one.kind, "import": import_id}
        record(draft.actor, "organisation.person.imported", subject=("person", one.id), about=one.id, after=after)
    for one in draft.people.values():
        if one.id in old and one != old[one.id]:
            _change_person(draft, old[one.id], one, import_id)


def _change_person(draft: Draft, old: KnownPerson, new: KnownPerson, import_id: UUID) -> None:
    Identity.objects.filter(person_id=new.id).update(name=new.name, email=new.email, reference=new.reference)
    record(
        draft.actor,
        "organisation.person.renamed",
        subject=("person", new.id),
        about=new.id,
        before={"name": old.name, "email": old.email},
        after={"name": new.name, "email": new.email, "import": import_id},
    )


def _write_products(draft: Draft, import_id: UUID) -> None:
    for code, new in draft.products.items():
        old = draft.current.products.get(code)
        if old == new:
            continue
        values = {
            "name": new.name,
            "owner_unit_id": new.owner,
            "valid_from": new.valid_from,
            "valid_until": new.valid_until,
        }
        if old is None:
            Product.objects.create(id=new.id, code=code, **values)
        else:
            Product.objects.everything(because=_BECAUSE).filter(id=new.id).update(**values)
        verb = "created" if old is None else "ended" if old.valid_until != new.valid_until else "changed"
        record(
            draft.actor,
            f"organisation.product.{verb}",
            subject=("product", new.id),
            unit=new.owner,
            before=None if old is None else {"name": old.name, "owner_unit": old.owner, "valid_until": old.valid_until},
            after={
                "name": new.name,
                "owner_unit": new.owner,
                "valid_until": new.valid_until,
                "import": import_id,
            },
        )


def _write_memberships(draft: Draft, import_id: UUID) -> None:
    added = []
    for old, new in _differing(draft.current.memberships, draft.memberships):
        rows = Membership.objects.everything(because=_BECAUSE)
        span = old if new is None else new
        if span is None:
            continue
        if old is None:
            added.append(
                Membership(
                    person_id=span.person, unit_id=span.unit, valid_from=span.valid_from, valid_until=span.valid_until
                )
            )
        elif new is None:
            rows.filter(id=old.id).delete()
        else:
            rows.filter(id=old.id).update(valid_until=new.valid_until)
        verb = "began" if old is None else "ended"
        _record_span(draft, f"organisation.membership.{verb}", old, new, ("person", span.person), import_id)
    Membership.objects.bulk_create(added, batch_size=_AT_ONCE)


def _write_roles(draft: Draft, import_id: UUID) -> None:
    for old, new in _differing(draft.current.roles, draft.roles):
        rows = RoleAssignment.objects.everything(because=_BECAUSE)
        span = old if new is None else new
        if span is None:
            continue
        at = None if old is None else old.id
        if old is None:
            made = RoleAssignment.objects.create(
                person_id=span.person,
                role=span.role,
                unit_id=span.unit,
                valid_from=span.valid_from,
                valid_until=span.valid_until,
                granted_by_id=draft.actor.person_id,
            )
            at = made.id
        elif new is None:
            rows.filter(id=old.id).delete()
        else:
            rows.filter(id=old.id).update(valid_until=new.valid_until)
        verb = "assigned" if old is None else "ended"
        _record_span(draft, f"organisation.role.{verb}", old, new, ("role_assignment", at), import_id)


def _record_span(
    draft: Draft, event: str, old: Span | None, new: Span | None, subject: tuple[str, object], import_id: UUID
) -> None:
    span = old if new is None else new
    if span is None:
        return
    about = span.person if subject[0] == "person" else None
    told: dict[str, object] = {"import": import_id, "unit": span.unit}
    if span.role:
        told |= {"role": span.role, "person": span.person}
    record(
        draft.actor,
        event,
        subject=subject,
        unit=span.unit,
        about=about,
        before=None if old is None else {"valid_from": old.valid_from, "valid_until": old.valid_until},
        after={
            **told,
            **({} if new is None else {"valid_from": new.valid_from, "valid_until": new.valid_until}),
        },
    )


def _differing(
    before: Mapping[UUID, tuple[Span, ...]], after: Mapping[UUID, list[Span]]
) -> Iterator[tuple[Span | None, Span | None]]:
    """Yield what differs between two states: what it was (None: new) and what it is to be (None: gone)."""
    for person, spans in after.items():
        old = {span.id: span for span in before.get(person, ())}
        new = {span.id: span for span in spans if span.id is not None}
        yield from ((span, None) for at, span in old.items() if at not in new)
        yield from ((old[at], span) for at, span in new.items() if old[at] != span)
        yield from ((None, span) for span in spans if span.id is None)
