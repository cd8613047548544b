"""Recording what was done: entries in the transaction of the change, so that neither exists without the other."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
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
#: So many entries are written, and so many keys of people read, at once.
_AT_ONCE: Final = 500

#: Puts personal values away under the keys of those they tell about: (person, text), moment → what is kept, in order.
Encipher = Callable[[Sequence[tuple[UUID, str]], datetime], Sequence[str]]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that was done.

    ``subject``: kind and id of what was changed, such as ``("unit", unit.id)``. ``unit``: the part of the organisation
    whose responsible people may read the entry; None: only who may read everything. ``about``: the person whom the
    personal values tell about.
    """

    event: str
    subject: tuple[str, object]
    unit: UUID | None = None
    about: UUID | None = None
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


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
    """Record what an actor did, as part of the open transaction; the arguments are those of :class:`Deed`.

    Raises
    ------
    InternalError: ``audit_outside_transaction``, ``event_unknown``, ``personal_without_person``.
    """
    deed = Deed(event=event, subject=subject, unit=unit, about=about, before=before, after=after)
    record_many(actor, (deed,))


def record_many(actor: Actor, deeds: Sequence[Deed]) -> None:
    """Record many things that an actor did at once, each as an entry of its own, as part of the open transaction.

    Raises
    ------
    InternalError: as :func:`record`; then nothing of it is recorded.
    """
    if not connection.in_atomic_block:
        raise InternalError("audit_outside_transaction", event=deeds[0].event if deeds else "")
    entries = [_entry(actor, deed) for deed in deeds]
    for start in range(0, len(entries), _AT_ONCE):
        part = entries[start : start + _AT_ONCE]
        _put_away(part, actor.at)
        for entry in part:
            entry.digest = entry_digest(entry)
    AuditEntry.objects.bulk_create(entries, batch_size=_AT_ONCE)


def _entry(actor: Actor, deed: Deed) -> AuditEntry:
    personal = event_type(deed.event).personal
    return AuditEntry(
        id=uuid4(),
        at=actor.at,
        event=deed.event,
        actor_id=actor.person_id,
        through=str(actor.through),
        request_id=actor.request_id,
        subject_type=deed.subject[0],
        subject_id=str(deed.subject[1]),
        unit_id=deed.unit,
        about_person_id=deed.about,
        before=_kept(deed.before, personal, deed),
        after=_kept(deed.after, personal, deed),
    )


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


def _kept(values: Mapping[str, object] | None, personal: frozenset[str], deed: Deed) -> dict[str, Any] | None:
    """Return values as JSON keeps them; personal ones wait as :class:`_Personal` for the key of their person."""
    if values is None:
        return None
    found: dict[str, Any] = {}
    for name, value in values.items():
        plain = _plain(value)
        if name in personal and plain is not None:
            if deed.about is None or _keys is None:
                raise InternalError("personal_without_person", event=deed.event, name=name)
            found[name] = _Personal(person=deed.about, text=json.dumps(plain))
        else:
            found[name] = plain
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Personal:
    """A value that tells something about a person and is not put away yet."""

    person: UUID
    text: str


def _put_away(entries: Sequence[AuditEntry], at: datetime) -> None:
    """Put every personal value of some entries away, with one question for the keys of all of them."""
    waiting = list(_personal_in(entries))
    if not waiting or _keys is None:
        return
    kept = _keys[0]([(one.person, one.text) for _, _, one in waiting], at)
    for (values, name, _), text in zip(waiting, kept, strict=True):
        values[name] = {SEALED: text}


def _personal_in(entries: Sequence[AuditEntry]) -> Iterator[tuple[dict[str, Any], str, _Personal]]:
    for entry in entries:
        for values in (entry.before, entry.after):
            if values is not None:
                yield from ((values, name, one) for name, one in values.items() if isinstance(one, _Personal))


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
