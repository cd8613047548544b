"""The organisation as it is, in the shape that an import is compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pegel_web.organisation.models import Membership, Person, Product, RoleAssignment, Unit
from pegel_web.organisation.queries.timelines import read_timeline
from pegel_web.organisation.references import reference_of
from pegel_web.organisation.timeline import Period

_BECAUSE = "an import is compared with everything; it takes the right to import for the whole organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """A person. ``sign_in``: the address they sign in with, empty without an account."""

    id: UUID
    kind: str
    pseudonym: str
    name: str
    email: str | None
    reference: str | None
    answers_for: UUID | None
    sign_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A person belongs to a unit, or has a ``role`` in it (empty: belongs). ``id``: None where it is new."""

    id: int | UUID | None
    person: UUID
    unit: UUID
    role: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProduct:
    """A product."""

    id: UUID
    code: str
    name: str
    owner: UUID
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """Everything that an import may touch. ``by_sign``: people by the digests under which a file may name them."""

    codes: Mapping[str, UUID]
    timeline: Mapping[UUID, tuple[Period, ...]]
    people: Mapping[UUID, KnownPerson]
    by_sign: Mapping[str, UUID]
    memberships: Mapping[UUID, tuple[Span, ...]]
    roles: Mapping[UUID, tuple[Span, ...]]
    products: Mapping[str, KnownProduct]


def read_current() -> Current:
    """Read the organisation. Take a turn first where something is going to be changed by it.

    Everything comes in an order of its own: a plan that is made again has to have the same digest.
    """
    people = {
        person.id: person
        for person in (
            KnownPerson(
                id=person,
                kind=kind,
                pseudonym=pseudonym,
                name=name or "",
                email=email,
                reference=reference,
                answers_for=answers_for,
                sign_in=sign_in or "",
            )
            for person, kind, pseudonym, name, email, reference, answers_for, sign_in in Person.objects.filter(
                erased_at=None, identity__isnull=False
            )
            .order_by("id")
            .values_list(
                "id",
                "kind",
                "pseudonym",
                "identity__name",
                "identity__email",
                "identity__reference",
                "answers_for_id",
                "user__email",
            )
        )
    }
    by_sign = {reference_of(one.email): one.id for one in people.values() if one.email}
    by_sign |= {one.reference: one.id for one in people.values() if one.reference}
    products = (
        Product.objects.everything(because=_BECAUSE)
        .order_by("code")
        .values_list("id", "code", "name", "owner_unit_id", "valid_from", "valid_until")
    )
    return Current(
        codes=dict(Unit.objects.everything(because=_BECAUSE).order_by("code").values_list("code", "id")),
        timeline=read_timeline(),
        people=people,
        by_sign=by_sign,
        memberships=_spans(Membership),
        roles=_spans(RoleAssignment),
        products={
            code: KnownProduct(id=at, code=code, name=name, owner=owner, valid_from=begun, valid_until=until)
            for at, code, name, owner, begun, until in products
        },
    )


def _spans(model: type[Membership] | type[RoleAssignment]) -> dict[UUID, tuple[Span, ...]]:
    found: dict[UUID, list[Span]] = defaultdict(list)
    names = ["id", "person_id", "unit_id", "valid_from", "valid_until", *(["role"] if model is RoleAssignment else [])]
    for row in model.objects.everything(because=_BECAUSE).order_by("person_id", "valid_from", "id").values_list(*names):
        at, person, unit, begun, until = row[:5]
        role = row[5] if len(row) > 5 else ""
        found[person].append(Span(id=at, person=person, unit=unit, role=role, valid_from=begun, valid_until=until))
    return {person: tuple(spans) for person, spans in found.items()}
