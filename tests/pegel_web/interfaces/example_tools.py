"""Tools that exist for the tests only; their permissions are those of the organisation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from pegel_web.core import tools
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.models import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A contract with all kinds of values."""

    id: UUID
    name: str
    amount: Decimal | None
    on: date
    codes: tuple[str, ...]


def example_look(actor: Actor, *, name: str, limit: Annotated[int, Field(ge=1, le=10)] = 3) -> Shape:
    """Look at something.

    Second paragraph.
    """
    units = Unit.objects.visible_to(actor).order_by("code")[:limit]
    return Shape(
        id=actor.person(), name=name, amount=Decimal("1.50"), on=actor.at.date(), codes=tuple(u.code for u in units)
    )


def example_list(actor: Actor) -> tuple[Shape, ...]:
    """List things."""
    return (example_look(actor, name="a"), example_look(actor, name="b", limit=1))


def example_change(actor: Actor, *, unit_id: UUID) -> Shape:
    """Change something."""
    actor.require("organisation.unit.change", unit=unit_id)
    raise ConflictError("too_many_tokens", most=1)


def example_break(actor: Actor) -> Shape:
    """Break."""
    raise RuntimeError(f"secret inside of {actor.request_id}")


@contextmanager
def example_tools() -> Iterator[None]:
    """Register the tools, and only them, for the time of a test."""
    before = dict(tools._TOOLS)
    tools._TOOLS.clear()
    tools.tool(permission="organisation.unit.view")(example_look)
    tools.tool(permission="organisation.unit.view")(example_list)
    tools.tool(permission="organisation.unit.change", reads=False)(example_change)
    tools.tool(permission="organisation.unit.view")(example_break)
    try:
        yield
    finally:
        tools._TOOLS.clear()
        tools._TOOLS.update(before)
