"""The keys of people: each stands in the person's identity and goes with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from pegel_web.core.audit import encipher_with
from pegel_web.core.person_keys import decipher, encipher, moved_on, new_key
from pegel_web.organisation.models import Identity


def put_away(person: UUID, text: str, at: datetime) -> str:
    """Return a text under the key of a person; empty when the person was forgotten, because then nothing is kept."""
    found = Identity.objects.filter(person_id=person)
    if (key := _key_in(found.values_list("key", flat=True))) == "":
        found.filter(key="").update(key=new_key())
        key = _key_in(found.values_list("key", flat=True))
    return "" if not key else encipher(key, text, at=at)


def read_again(values: Sequence[tuple[UUID, str]]) -> Sequence[str | None]:
    """Return texts that were put away; None where the key is gone."""
    people = {person for person, _ in values}
    keys = dict(Identity.objects.filter(person_id__in=people).exclude(key="").values_list("person_id", "key"))
    return [decipher(keys[person], text) if person in keys and text else None for person, text in values]


def move_keys_on(*, to: date) -> int:
    """Make personal values from before the month of a day unreadable for good; returns how many keys moved."""
    moved = 0
    for identity in Identity.objects.exclude(key="").only("pk", "key").iterator():
        later = moved_on(identity.key, to=to)
        if later != identity.key:
            moved += Identity.objects.filter(pk=identity.pk, key=identity.key).update(key=later)
    return moved


def keys_to_move(*, to: date) -> int:
    """Return how many keys :func:`move_keys_on` would move."""
    keys = Identity.objects.exclude(key="").values_list("key", flat=True)
    return sum(moved_on(key, to=to) != key for key in keys.iterator())


def _key_in(found: Iterable[str]) -> str | None:
    return next(iter(found), None)


encipher_with(put_away, read_again)
