"""The head of a page: where it is, what it is, what can be done with it, and its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pegel_web.ui.component import Component


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Component):
    """Something to do: a link, or with ``method`` ``post`` a button that changes something."""

    label: str
    href: str
    kind: Literal["secondary", "primary", "danger"] = "secondary"
    method: Literal["get", "post"] = "get"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breadcrumbs(Component):
    """The way to this page: label and address of each step; the last one has no address."""

    trail: Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHeader(Component):
    """The title of a page, one sentence on it, the way to it and what can be done here."""

    title: str
    lead: str | None = None
    breadcrumbs: Breadcrumbs | Sequence[tuple[str, str | None]] | None = None
    actions: Sequence[Action] = ()

    @property
    def trail(self) -> Breadcrumbs | None:
        """Return the way as a component."""
        found = self.breadcrumbs
        return found if found is None or isinstance(found, Breadcrumbs) else Breadcrumbs(trail=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents(Component):
    """What a long page holds, to go there at once: title and ``id`` of each section, in their order."""

    places: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One part of a page that is a page of its own; ``count``: how much is behind it."""

    label: str
    href: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabs(Component):
    """The parts of a page, as links; ``label`` names the group for a screen reader."""

    items: Sequence[Tab]
    label: str | None = None
