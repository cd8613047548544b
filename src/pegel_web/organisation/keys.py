"""The keys of people: each stands in the person's identity and goes with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from pegel_web.core.audit import encipher_with
from pegel_web.core.person_keys import decipher, encipher_all, moved_on, new_key
from pegel_web.organisation.models import Identity


def put_away(values: Sequence[tuple[UUID, str]], at: datetime) -> Sequence[str]:
    """Return texts under the keys of their people; empty for who was forgotten, because then nothing is kept."""
    texts: dict[UUID, list[str]] = defaultdict(list)
    for person, text in values:
        texts[person].append(text)
    keys = _keys_of(texts)
    kept = {
        person: iter(encipher_all(keys[person], said, at=at) if keys.get(person) else [""] * len(said))
        for person, said in texts.items()
    }
    return [next(kept[person]) for person, _ in values]


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


def _keys_of(people: Iterable[UUID]) -> dict[UUID, str]:
    """Return the keys of people; who has none yet gets one."""
    found = Identity.objects.filter(person_id__in=list(people))
    keys = dict(found.values_list("person_id", "key"))
    if "" in keys.values():
        without = list(found.filter(key="").select_for_update().only("pk", "key"))
        for identity in without:
            identity.key = new_key()
        Identity.objects.bulk_update(without, ["key"])
        keys = dict(found.values_list("person_id", "key"))
    return keys


encipher_with(put_away, read_again)
