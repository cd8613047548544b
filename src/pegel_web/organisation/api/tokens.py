"""Tokens, for programs."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.organisation.contracts.tokens import AccessToken, IssuedToken
from pegel_web.organisation.queries import tokens as queries
from pegel_web.organisation.services import tokens as services

router = Router(tags=["tokens"])


class NewToken(Schema):
    """A token to be made."""

    name: str = Field(max_length=500)
    scopes: list[str] = Field(max_length=200, description="`read`, `write` or single permissions.")
    days: int = Field(90, description="For how long, 1 to 365.")
    person_id: UUID | None = Field(None, description="For whom: an agent or service; left out: yourself.")


@router.get("/tokens", response=list[AccessToken])
@paginate
def tokens(request: ApiRequest) -> tuple[AccessToken, ...]:
    """Your tokens, and those of the agents and services you answer for."""
    return queries.tokens(actor=request.actor)


@router.post("/tokens", response={201: IssuedToken})
def issue_token(request: ApiRequest, sent: NewToken) -> Status[IssuedToken]:
    """Make a token; `secret` is shown this once. Needs a signed-in person: a token makes no tokens."""
    made = services.issue_token(
        actor=request.actor, name=sent.name, scopes=sent.scopes, days=sent.days, person_id=sent.person_id
    )
    return Status(201, made)


@router.delete("/tokens/{uuid:token_id}", response=AccessToken)
def revoke_token(request: ApiRequest, token_id: UUID) -> AccessToken:
    """End a token at once."""
    return services.revoke_token(actor=request.actor, token_id=token_id)
