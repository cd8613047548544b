"""People, where they belong, and their accounts, for programs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Field, Query, Router, Schema, Status

from pegel_web.core.rest import ApiRequest
from pegel_web.organisation.contracts.people import Invited, PeoplePage, PersonReport
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries import people as queries
from pegel_web.organisation.services import accounts
from pegel_web.organisation.services import people as services

router = Router(tags=["people"])


class PersonNaming(Schema):
    """What a person is called."""

    name: str = Field(max_length=1000)
    email: str = Field("", max_length=1000)


class NewPerson(PersonNaming):
    """A person who comes, or an agent or service that a person answers for."""

    unit_id: UUID
    valid_from: date
    kind: PersonKind = PersonKind.PERSON
    answers_for_id: UUID | None = None


class NewMembership(Schema):
    """Where a person belongs, from when until when."""

    unit_id: UUID
    valid_from: date
    valid_until: date | None = Field(None, description="The first day on which it is over.")


class Move(Schema):
    """Where a person belongs alone from a day on."""

    unit_id: UUID
    on: date


class EndDay(Schema):
    """The first day on which something is over."""

    on: date


class PeopleAsked(Schema):
    """Which people, and which part of the list."""

    text: str = Field("", max_length=200, description="Part of a name, an address or a pseudonym.")
    unit_id: UUID | None = None
    on: date | None = None
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=1_000_000)


@router.get("/people", response=PeoplePage)
def people_list(
    request: ApiRequest,
    sent: Query[PeopleAsked],
) -> PeoplePage:
    """The people of the units you look after."""
    return queries.people_list(actor=request.actor, **sent.dict())


@router.get("/people/{uuid:person_id}", response=PersonReport)
def person_report(request: ApiRequest, person_id: UUID) -> PersonReport:
    """One person whom you may see, or yourself."""
    return queries.person_report(actor=request.actor, person_id=person_id)


@router.post("/people", response={201: PersonReport})
def create_person(request: ApiRequest, sent: NewPerson) -> Status[PersonReport]:
    """Add a person, agent or service to a unit."""
    return Status(201, services.create_person(actor=request.actor, **sent.dict()))


@router.put("/people/{uuid:person_id}", response=PersonReport)
def rename_person(request: ApiRequest, person_id: UUID, sent: PersonNaming) -> PersonReport:
    """Correct a name or address."""
    return services.rename_person(actor=request.actor, person_id=person_id, **sent.dict())


@router.post("/people/{uuid:person_id}/memberships", response=PersonReport)
def add_membership(request: ApiRequest, person_id: UUID, sent: NewMembership) -> PersonReport:
    """Let a person belong to a unit."""
    return services.add_membership(actor=request.actor, person_id=person_id, **sent.dict())


@router.post("/people/{uuid:person_id}/move", response=PersonReport)
def move_person(request: ApiRequest, person_id: UUID, sent: Move) -> PersonReport:
    """Let a person belong to one unit alone from a day on."""
    return services.move_person(actor=request.actor, person_id=person_id, **sent.dict())


@router.post("/memberships/{int:membership_id}/end", response={204: None})
def end_membership(request: ApiRequest, membership_id: int, sent: EndDay) -> Status[None]:
    """End a membership on a day."""
    services.end_membership(actor=request.actor, membership_id=membership_id, on=sent.on)
    return Status(204, None)


@router.post("/people/{uuid:person_id}/invite", response={201: Invited})
def invite_person(request: ApiRequest, person_id: UUID) -> Status[Invited]:
    """Give a person an account; `token` ends the address /account/join/TOKEN/ and is shown this once."""
    return Status(201, accounts.invite_person(actor=request.actor, person_id=person_id))


@router.post("/people/{uuid:person_id}/close", response={204: None})
def close_account(request: ApiRequest, person_id: UUID) -> Status[None]:
    """Let nobody sign in with an account any more."""
    accounts.close_account(actor=request.actor, person_id=person_id)
    return Status(204, None)


@router.post("/people/{uuid:person_id}/reopen", response={204: None})
def reopen_account(request: ApiRequest, person_id: UUID) -> Status[None]:
    """Open a closed account again."""
    accounts.reopen_account(actor=request.actor, person_id=person_id)
    return Status(204, None)
