"""What stands on a person's first page: each app adds its sections, and a person sees those they have the right for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pegel_web.core.actor import Actor
from pegel_web.core.permissions import permission as declared
from pegel_web.ui.component import Component

#: Returns what to show, or None where there is nothing that the person should look at.
Section = Callable[[Actor], Component | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSection:
    """A section: smaller ``order`` stands further up; those of the organisation itself stand between 100 and 199."""

    order: int
    permission: str
    function: Section


_DECLARED: Final[list[HomeSection]] = []


def declare_home_section(order: int, permission: str, function: Section) -> None:
    """Declare a section of the first page, once, when the app is ready."""
    declared(permission)
    section = HomeSection(order=order, permission=permission, function=function)
    if section not in _DECLARED:
        _DECLARED.append(section)
        _DECLARED.sort(key=lambda one: (one.order, one.permission))


def sections_for(actor: Actor) -> list[HomeSection]:
    """Return the sections whose permission an actor has somewhere, from top to bottom."""
    return [one for one in _DECLARED if actor.has(one.permission)]
