"""From a token that was sent to the actor behind it: known, valid, not tried too often."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from typing import Final

from django.core.cache import cache
from django.db.models import Q

from pegel_web.core.actor import Actor, Through
from pegel_web.core.errors import LimitedError, NotSignedInError
from pegel_web.organisation.models import Person, Token
from pegel_web.organisation.queries.actors import actor_of

TOKEN_PREFIX: Final = "pegel_"  # noqa: S105  (how tokens begin, not a token)
_FORM: Final = re.compile(r"pegel_[A-Za-z0-9_-]{43}")
#: So many wrong tokens from one address in so many seconds; then nothing from there is looked at any more.
_MOST_FAILURES: Final = 20
_WINDOW_SECONDS: Final = 300


def actor_of_token(
    *, secret: str, address: str, at: datetime, through: Through, request_id: str, language: str = "de"
) -> Actor:
    """Return the actor behind a token: the person's rights, cut to the token's scopes.

    Parameters
    ----------
    secret: the token as it was sent. address: where it was sent from, for counting wrong ones.

    Raises
    ------
    NotSignedInError: ``token_unknown``, ``token_expired``, ``token_revoked``.
    LimitedError: ``too_many_tokens_tried``.
    """
    require_few_failures(address)
    token = _known(secret)
    if token is None:
        count_failure(address)
        raise NotSignedInError("token_unknown")
    if token.revoked_at is not None:
        raise NotSignedInError("token_revoked", name=token.name)
    if token.expires_at <= at:
        raise NotSignedInError("token_expired", name=token.name, on=token.expires_at.date())
    _note_use(token, at.date())
    return actor_of(
        token.person,
        at=at,
        through=through,
        request_id=request_id,
        scopes=frozenset(str(scope) for scope in token.scopes),
        language=language,
    )


def may_act(person: Person) -> bool:
    """Tell whether somebody may act through programs: not forgotten, and the account, theirs or that of the person who
    answers for them, is not switched off.
    """
    answering = person.answers_for or person
    return (
        person.erased_at is None
        and answering.erased_at is None
        and all(one.user is None or one.user.is_active for one in (person, answering))
    )


def digest_of(secret: str) -> str:
    """Return what is kept of a token (SHA-256, hex); 256 random bits need no slow digest."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def require_few_failures(address: str) -> None:
    """Refuse an address from which too many wrong tokens came.

    Raises
    ------
    LimitedError: ``too_many_tokens_tried``.
    """
    if cache.get(_key(address), 0) >= _MOST_FAILURES:
        raise LimitedError("too_many_tokens_tried", seconds=_WINDOW_SECONDS)


def count_failure(address: str) -> None:
    """Count a wrong token."""
    key = _key(address)
    if not cache.add(key, 1, timeout=_WINDOW_SECONDS):
        try:
            cache.incr(key)
        except ValueError:
            cache.add(key, 1, timeout=_WINDOW_SECONDS)


def _known(secret: str) -> Token | None:
    if _FORM.fullmatch(secret) is None:
        return None
    found = (
        Token.objects.select_related("person__user", "person__answers_for__user")
        .filter(digest=digest_of(secret))
        .first()
    )
    return found if found is not None and may_act(found.person) else None


def _note_use(token: Token, day: date) -> None:
    """Keep the day of the last use: by day, because more would be a record of when somebody works."""
    if token.last_used_on is None or token.last_used_on < day:
        older = Q(last_used_on__isnull=True) | Q(last_used_on__lt=day)
        Token.objects.filter(older, id=token.id).update(last_used_on=day)


def _key(address: str) -> str:
    return f"token-failures:{hashlib.sha256(address.encode()).hexdigest()[:32]}"
