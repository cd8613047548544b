"""From a token that Pegel granted to a program by OAuth to the actor behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.idp.oidc.models import Token as GrantedToken

from pegel_web.core.actor import Actor, Through
from pegel_web.core.errors import NotSignedInError
from pegel_web.organisation.models import Person
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.services.token_use import count_failure, may_act, require_few_failures


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a granted token says: who acts, through which program, for which resources (RFC 8707), until when."""

    actor: Actor
    client_id: str
    resources: tuple[str, ...]
    expires_at: datetime | None


def granted_of_token(
    *, secret: str, address: str, at: datetime, through: Through, request_id: str, language: str = "de"
) -> Granted:
    """Return what is behind a token that a program was granted.

    Raises
    ------
    NotSignedInError: ``token_unknown``, which also stands for an expired one. LimitedError: ``too_many_tokens_tried``.
    """
    require_few_failures(address)
    token = GrantedToken.objects.lookup(GrantedToken.Type.ACCESS_TOKEN, secret)
    person = None if token is None else Person.objects.select_related("user").filter(user_id=token.user_id).first()
    if token is None or token.client_id is None or person is None or not may_act(person):
        count_failure(address)
        raise NotSignedInError("token_unknown")
    actor = actor_of(
        person,
        at=at,
        through=through,
        request_id=request_id,
        scopes=frozenset(token.get_scopes()),
        language=language,
    )
    return Granted(
        actor=actor, client_id=token.client_id, resources=tuple(token.get_resources()), expires_at=token.expires_at
    )
