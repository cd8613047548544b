"""What can be found: each app registers a function that looks among what it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from pegel_web.core.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something found: ``kind`` (words ``search.kind.KIND``), its name, its page, and a word on where it belongs."""

    kind: str
    title: str
    href: str
    detail: str | None = None


class Find(Protocol):
    """Looks for a text among what an actor may see; best first, at most ``limit``."""

    def __call__(self, *, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
        """Return what was found."""


_FINDERS: Final[dict[str, Find]] = {}


def declare_search(*, kind: str, find: Find) -> None:
    """Register how things of a kind are found, once, in an app's ``search.py``."""
    _FINDERS[kind] = find


def finders() -> dict[str, Find]:
    """Return every registered search by kind, in the order of registration."""
    return dict(_FINDERS)
