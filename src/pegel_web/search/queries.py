"""One search over everything a person may see."""

from __future__ import annotations

from typing import Final

from pegel_web.core.actor import Actor
from pegel_web.search.contracts import Found, Group
from pegel_web.search.registry import finders

LONGEST_TEXT: Final = 200
_SHORTEST_TEXT: Final = 2


def found(*, actor: Actor, text: str, limit: int = 8) -> Found:
    """Return what a text finds, by kind, at most ``limit`` of each. What the actor may not see is not there."""
    asked = " ".join(text.replace("\0", " ").split())[:LONGEST_TEXT]
    if len(asked) < _SHORTEST_TEXT:
        return Found(text=asked, groups=(), too_short=bool(asked))
    if not actor.has("search.result.view"):
        return Found(text=asked, groups=())
    groups = ((kind, tuple(find(actor=actor, text=asked, limit=limit))[:limit]) for kind, find in finders().items())
    return Found(text=asked, groups=tuple(Group(kind=kind, hits=hits) for kind, hits in groups if hits))
