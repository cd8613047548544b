"""What words mean and what is known: a definition, and pairs of name and value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pegel_web.ui.component import Component


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition(Component):
    """A term and its meaning; ``href`` leads to the whole explanation."""

    term: str
    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Component):
    """What is known about one thing: name and value, in the order given. A value is raw or a component."""

    pairs: Sequence[tuple[str, object]]
