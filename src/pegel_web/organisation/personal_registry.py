"""What apps above keep about single people: handed to them when they ask, and let go when they are forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalRecords:
    """One kind of records; words ``privacy.kept.SUBJECT`` and, with ``forget``, ``audit.value.SUBJECT``.

    ``own``: the records of a person as named plain values. ``forget``: takes the person out of them, as part of the
    open transaction, and returns how many there were; None: they stay, with a number that no longer leads to a name.
    """

    subject: str
    own: Callable[[UUID], Sequence[Mapping[str, object]]]
    forget: Callable[[UUID], int] | None = None


_DECLARED: Final[dict[str, PersonalRecords]] = {}


def declare_personal_records(records: PersonalRecords) -> None:
    """Declare a kind of records, once, when the app that keeps them is ready."""
    _DECLARED[records.subject] = records


def personal_records() -> tuple[PersonalRecords, ...]:
    """Return every declared kind, by subject."""
    return tuple(_DECLARED[subject] for subject in sorted(_DECLARED))
