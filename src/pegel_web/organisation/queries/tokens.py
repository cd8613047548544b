"""Reading tokens: everybody sees their own, and those of the agents and services they answer for."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from urllib.parse import urlsplit

from allauth.idp.oidc.models import Token as GrantedToken
from django.db.models import Q, QuerySet

from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.core.permissions import permissions
from pegel_web.organisation.contracts.tokens import AccessToken, ConnectedProgram, TokenHolder, TokenState
from pegel_web.organisation.models import Person, Token
from pegel_web.organisation.models.people import PersonKind

#: The broad scopes: everything that only looks, and everything else.
BROAD_SCOPES = ("read", "write")


def tokens(*, actor: Actor) -> tuple[AccessToken, ...]:
    """Return the actor's tokens, the newest first."""
    require_own(actor)
    return tuple(told(token, actor.at) for token in tokens_of(actor).order_by("-created_at", "id"))


def token_holders(*, actor: Actor) -> tuple[TokenHolder, ...]:
    """Return for whom the actor can make tokens, the actor first."""
    require_own(actor)
    found = Person.objects.filter(_own(actor), erased_at__isnull=True).select_related("identity")
    holders = [TokenHolder(person_id=one.id, kind=one.kind, name=_name(one)) for one in found]
    return tuple(sorted(holders, key=lambda one: (one.kind != PersonKind.PERSON, one.name.casefold())))


def token_scopes(*, actor: Actor) -> tuple[str, ...]:
    """Return the scopes that a token of the actor can have: the broad ones, then single permissions."""
    return (*BROAD_SCOPES, *(one.code for one in permissions() if actor.has(one.code)))


def connected_programs(*, actor: Actor) -> tuple[ConnectedProgram, ...]:
    """Return the programs that the actor has let in by OAuth, by name."""
    require_own(actor)
    granted = defaultdict(list)
    kinds = [GrantedToken.Type.ACCESS_TOKEN, GrantedToken.Type.REFRESH_TOKEN]
    mine = GrantedToken.objects.filter(user__person=actor.person(), type__in=kinds, client__isnull=False)
    for token in mine.exclude(expires_at__lte=actor.at).select_related("client").order_by("created_at"):
        granted[token.client].append(token)
    return tuple(
        sorted(
            (
                ConnectedProgram(
                    client_id=client.id,
                    name=client.name or client.id,
                    origins=tuple(sorted({_origin(uri) for uri in client.get_redirect_uris()})),
                    scopes=tuple(sorted({scope for token in found for scope in token.get_scopes()})),
                    granted_at=found[0].created_at,
                    expires_at=_latest([token.expires_at for token in found]),
                )
                for client, found in granted.items()
            ),
            key=lambda one: (one.name.casefold(), one.client_id),
        )
    )


def require_own(actor: Actor) -> None:
    """Refuse whoever may have no tokens at all; a token belongs to a person, not to a unit.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    if not actor.has("organisation.token.own"):
        raise NotAllowedError("not_allowed", permission="organisation.token.own")


def tokens_of(actor: Actor) -> QuerySet[Token]:
    """Return the records behind :func:`tokens`, for the services beside it."""
    own = Q(person_id=actor.person()) | Q(person__answers_for_id=actor.person())
    return Token.objects.filter(own).select_related("person__identity")


def told(token: Token, at: datetime) -> AccessToken:
    """Return what is told about a token at a moment."""
    return AccessToken(
        id=token.id,
        person_id=token.person_id,
        agent_name=None if token.person.kind == PersonKind.PERSON else _name(token.person),
        name=token.name,
        shown=token.shown,
        scopes=tuple(str(scope) for scope in token.scopes),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_on=token.last_used_on,
        state=_state(token, at),
    )


def _state(token: Token, at: datetime) -> TokenState:
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at <= at else "active"


def _own(actor: Actor) -> Q:
    return Q(id=actor.person()) | Q(answers_for_id=actor.person())


def _name(person: Person) -> str:
    identity = getattr(person, "identity", None)
    return person.pseudonym if identity is None else identity.name


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def _latest(moments: list[datetime | None]) -> datetime | None:
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None
