"""What is kept about single people here: who declared a folder, because files are picked up with their rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pegel_web.organisation.personal_registry import PersonalRecords, declare_personal_records
from pegel_web.pickup.models import PickupFolder


def _declared(person: UUID, because: str) -> Any:
    return PickupFolder.objects.everything(because=because).filter(person=person)


def own_folders(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return which folders a person has declared."""
    found = _declared(person, "a person may see what is kept about them")
    return list(found.order_by("pk").values("name", "state", "created_at"))


def forget_folders(person: UUID) -> int:
    """Take a person out of the folders that they declared; the next look pauses them."""
    found: int = _declared(person, "a person is forgotten").update(person=None)
    return found


declare_personal_records(PersonalRecords(subject="pickup_folders", own=own_folders, forget=forget_folders))
