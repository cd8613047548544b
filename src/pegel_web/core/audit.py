"""Recording what was done: one entry in the transaction of the change, so that neither exists without the other."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from pegel.errors import InternalError
from pegel_web.core.actor import Actor
from pegel_web.core.events import event_type
from pegel_web.core.models import AuditEntry

_INSTEAD = "\N{REPLACEMENT CHARACTER}"
#: Beyond it programs that read JSON round whole numbers.
_LARGEST = 2**53
#: The one name inside a value that is kept under a person's key.
SEALED = "sealed"

#: Puts a personal value away under the key of the person it tells about: person, text, moment → what is kept.
Encipher = Callable[[UUID, str, datetime], str]
#: Reads such values again: (person, what was kept) → texts in the same order; None where the key is gone.
Decipher = Callable[[Sequence[tuple[UUID, str]]], Sequence[str | None]]

_keys: tuple[Encipher, Decipher] | None = None


def encipher_with(encipher: Encipher, decipher: Decipher) -> None:
    """Register how personal values are put away and read; called once by the app that keeps the people."""
    global _keys  # noqa: PLW0603  (a registry of one, filled when the apps are ready)
    _keys = (encipher, decipher)


def opened(values: Sequence[tuple[UUID, str]]) -> Sequence[str | None]:
    """Return personal values as they were said; None: the person was forgotten, or their time of keeping is over.

    Whether the reader may know them is the caller's question.
    """
    if not values:
        return ()
    if _keys is None:
        raise InternalError("personal_without_person", event="", name="")
    return _keys[1](values)


def record(
    actor: Actor,
    event: str,
    *,
    subject: tuple[str, object],
    unit: UUID | None = None,
    about: UUID | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Record what an actor did, as part of the open transaction.

    Parameters
    ----------
    subject: kind and id of what was changed, such as ``("unit", unit.id)``. unit: the part of the organisation whose
    responsible people may read the entry; None: only who may read everything. about: the person whom the personal
    values tell about.

    Raises
    ------
    InternalError: ``audit_outside_transaction``, ``event_unknown``, ``personal_without_person``.
    """
    if not connection.in_atomic_block:
        raise InternalError("audit_outside_transaction", event=event)
    personal = event_type(event).personal
    entry = AuditEntry(
        id=uuid4(),
        at=actor.at,
        event=event,
        actor_id=actor.person_id,
        through=str(actor.through),
        request_id=actor.request_id,
        subject_type=subject[0],
        subject_id=str(subject[1]),
        unit_id=unit,
        about_person_id=about,
        before=_kept(before, personal, about, event, actor.at),
        after=_kept(after, personal, about, event, actor.at),
    )
    entry.digest = entry_digest(entry)
    entry.save(force_insert=True)


def entry_digest(entry: AuditEntry) -> str:
    """Return the keyed digest of everything an entry says (HMAC-SHA-256 under the installation's secret, hex)."""
    said = {
        "id": str(entry.id),
        "at": entry.at.astimezone(UTC).isoformat(),
        "event": entry.event,
        "actor": None if entry.actor_id is None else str(entry.actor_id),
        "through": entry.through,
        "request": entry.request_id,
        "subject": [entry.subject_type, entry.subject_id],
        "unit": None if entry.unit_id is None else str(entry.unit_id),
        "about": None if entry.about_person_id is None else str(entry.about_person_id),
        "before": entry.before,
        "after": entry.after,
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(audit_key(), canonical.encode(), hashlib.sha256).hexdigest()


def audit_key() -> bytes:
    """Return the key of the audit, derived from the installation's secret and used for nothing else."""
    return hmac.new(settings.SECRET_KEY.encode(), b"pegel audit 1", hashlib.sha256).digest()


def _kept(
    values: Mapping[str, object] | None, personal: frozenset[str], about: UUID | None, event: str, at: datetime
) -> dict[str, Any] | None:
    if values is None:
        return None
    found: dict[str, Any] = {}
    for name, value in values.items():
        plain = _plain(value)
        if name in personal and plain is not None:
            if about is None or _keys is None:
                raise InternalError("personal_without_person", event=event, name=name)
            found[name] = {SEALED: _keys[0](about, json.dumps(plain), at)}
        else:
            found[name] = plain
    return found


def _plain(value: object) -> Any:
    """Return a value as JSON keeps it, the same in every database."""
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID | float) or (isinstance(value, int) and abs(value) > _LARGEST):
        # A database may write 1e5 as 100000; a digest must not depend on that.
        return str(value)
    if isinstance(value, str):
        # PostgreSQL keeps neither NUL nor halves of characters.
        return value.replace("\0", _INSTEAD).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return {_plain(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in (sorted(value, key=str) if isinstance(value, set | frozenset) else value)]
    return value
