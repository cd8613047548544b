"""The navigation: each app declares its entries; a person sees those whose permission they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from django.urls import reverse

from pegel_web.core.actor import Actor

#: Sections from top to bottom; what is declared for ``account`` stands in the menu of the account.
SECTIONS: Final = ("work", "steer", "organisation", "trust", "system", "account")


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationEntry:
    """One entry: words ``nav.NAME``, the name of the address, the permission without which it is not offered.

    ``order``: smaller stands further up. ``section``: one of :data:`SECTIONS`, words ``nav.section.SECTION``.
    """

    name: str
    url_name: str
    permission: str
    section: str
    order: int

    def __post_init__(self) -> None:
        if self.section not in SECTIONS:
            raise ValueError(self.section)


class Place(NamedTuple):
    """An entry as it stands on a page: words, address, whether this page belongs to it."""

    words: str
    href: str
    current: bool


class Section(NamedTuple):
    """Some entries that belong together."""

    name: str
    places: Sequence[Place]


_DECLARED: Final[list[NavigationEntry]] = []


def declare_navigation(*entries: NavigationEntry) -> None:
    """Declare the entries of an app, once, in its ``navigation.py``."""
    _DECLARED.extend(entry for entry in entries if entry not in _DECLARED)
    _DECLARED.sort(key=lambda entry: (SECTIONS.index(entry.section), entry.order, entry.name))


def navigation_of(actor: Actor) -> list[NavigationEntry]:
    """Return what an actor is offered."""
    return [entry for entry in _DECLARED if actor.has(entry.permission)]


def sections_of(actor: Actor, path: str) -> list[Section]:
    """Return what an actor is offered, by section; the entry with the longest address around ``path`` is current."""
    offered = [(entry, reverse(entry.url_name)) for entry in navigation_of(actor)]
    around = [href for _, href in offered if path == href or (href != "/" and path.startswith(href.rstrip("/") + "/"))]
    current = max(around, key=len, default=None)
    return [
        Section(name, [Place(f"nav.{entry.name}", href, href == current) for entry, href in entries])
        for name, entries in groupby(offered, key=lambda one: one[0].section)
    ]
