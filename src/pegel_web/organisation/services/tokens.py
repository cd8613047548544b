"""Making and ending tokens."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from allauth.idp.oidc.models import Client
from allauth.idp.oidc.models import Token as GrantedToken
from django.db import transaction
from django.utils import timezone

from pegel.errors import NotFoundError, UserError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.organisation.contracts.tokens import AccessToken, IssuedToken
from pegel_web.organisation.models import Person, Token
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries.tokens import require_own, token_holders, token_scopes, tokens_of, told
from pegel_web.organisation.services.token_use import TOKEN_PREFIX, digest_of

MOST_DAYS: Final = 365
MOST_TOKENS: Final = 50
_LONGEST_NAME: Final = 100
_SHOWN: Final = 12


def issue_token(
    *, actor: Actor, name: str, scopes: Sequence[str], days: int, person_id: UUID | None = None
) -> IssuedToken:
    """Make a token for the actor, or for an agent or service that the actor answers for.

    Parameters
    ----------
    scopes: ``read``, ``write`` or single permissions. days: for how long, 1 to 365. person_id: for whom; None: actor.

    Raises
    ------
    NotAllowedError: ``token_needs_person`` (a token makes none), ``not_allowed``. NotFoundError: ``holder_unknown``.
    UserError: ``token_days_invalid``, ``token_scopes_missing``, ``token_scopes_unknown``. InputError: see ``cleaned``.
    ConflictError: ``too_many_tokens``.
    """
    require_own(actor)
    if actor.scopes is not None:
        raise NotAllowedError("token_needs_person")
    label = cleaned(name, field="name", most=_LONGEST_NAME)
    chosen = _chosen(actor, scopes)
    if not 1 <= days <= MOST_DAYS:
        raise UserError("token_days_invalid", days=days, most=MOST_DAYS)
    holder = actor.person() if person_id is None else person_id
    if all(one.person_id != holder for one in token_holders(actor=actor)):
        raise NotFoundError("holder_unknown", id=holder)
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        # Two tabs at once count one after the other.
        Person.objects.select_for_update().get(id=holder)
        alive = Token.objects.filter(person_id=holder, revoked_at=None, expires_at__gt=actor.at).count()
        if alive >= MOST_TOKENS:
            raise ConflictError("too_many_tokens", most=MOST_TOKENS)
        token = Token.objects.create(
            person_id=holder,
            created_by_id=actor.person(),
            name=label,
            digest=digest_of(secret),
            shown=secret[:_SHOWN],
            scopes=chosen,
            created_at=actor.at,
            expires_at=actor.at + timedelta(days=days),
        )
        after = {"shown": token.shown, "scopes": chosen, "expires_at": token.expires_at, "holder": holder}
        record(actor, "organisation.token.issued", subject=("token", token.id), after=after)
    return IssuedToken(token=told(token, actor.at), secret=secret)


def revoke_token(*, actor: Actor, token_id: UUID) -> AccessToken:
    """End a token at once; ending it twice changes nothing.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``token_not_found``.
    """
    require_own(actor)
    with transaction.atomic():
        token = tokens_of(actor).select_for_update(of=("self",)).filter(id=token_id).first()
        if token is None:
            raise NotFoundError("token_not_found", id=token_id)
        if token.revoked_at is None:
            token.revoked_at = actor.at
            token.save(update_fields=["revoked_at"])
            record(actor, "organisation.token.revoked", subject=("token", token.id), after={"shown": token.shown})
        return told(token, actor.at)


def disconnect_program(*, actor: Actor, client_id: str) -> int:
    """Take back what a program was granted by OAuth; returns how many of its tokens ended.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``program_unknown``.
    """
    require_own(actor)
    with transaction.atomic():
        ended, _ = GrantedToken.objects.filter(user__person=actor.person(), client_id=client_id).delete()
        if not ended:
            raise NotFoundError("program_unknown", id=client_id)
        record(actor, "organisation.program.disconnected", subject=("program", client_id[:64]))
    return int(ended)


def _chosen(actor: Actor, scopes: Sequence[str]) -> list[str]:
    offered = token_scopes(actor=actor)
    chosen = [scope for scope in offered if scope in scopes]
    if unknown := [scope for scope in scopes if scope not in offered]:
        raise UserError("token_scopes_unknown", names=unknown)
    if not chosen:
        raise UserError("token_scopes_missing")
    return chosen


def note_connected(*, actor: Actor, client_id: str, scopes: Sequence[str]) -> None:
    """Record that a person has let a program in by OAuth."""
    with transaction.atomic():
        after = {"scopes": list(scopes)}
        record(actor, "organisation.program.connected", subject=("program", client_id[:64]), after=after)


def forget_unused_programs() -> None:
    """Delete programs that registered themselves a day ago or earlier and were never let in by anybody."""
    before = timezone.now() - timedelta(days=1)
    Client.objects.filter(created_at__lt=before, data__dcr=True, token__isnull=True).delete()
