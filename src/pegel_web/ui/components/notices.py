"""Short messages: a notice on a page, a badge in a line, and what stands where there is nothing yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pegel_web.ui.component import Component

Tone = Literal["neutral", "good", "warning", "bad", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(Component):
    """Something the person should know about this page; its kind is said in words and by a sign, not only by colour."""

    kind: Literal["info", "good", "warning", "bad"] = "info"
    text: str
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge(Component):
    """A state in one or two words."""

    text: str
    tone: Tone = "neutral"

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyState(Component):
    """What stands where there is nothing yet: what would be here, why it is not, and the next sensible step."""

    title: str
    text: str
    action_label: str | None = None
    action_href: str | None = None
