"""The navigation: each app declares its entries; a person sees those whose permission they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pegel_web.core.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationEntry:
    """One entry: words ``nav.NAME``, the name of the address, the permission without which it is not offered.

    ``order``: smaller stands further up. ``section``: words ``nav.section.SECTION``.
    """

    name: str
    url_name: str
    permission: str
    section: str
    order: int


_DECLARED: Final[list[NavigationEntry]] = []


def declare_navigation(*entries: NavigationEntry) -> None:
    """Declare the entries of an app, once, in its ``navigation.py``."""
    _DECLARED.extend(entry for entry in entries if entry not in _DECLARED)
    _DECLARED.sort(key=lambda entry: (entry.order, entry.name))


def navigation_of(actor: Actor) -> list[NavigationEntry]:
    """Return what an actor is offered."""
    return [entry for entry in _DECLARED if actor.has(entry.permission)]
