"""Use cases in the search."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse

from pegel.words import say
from pegel_web.core.actor import Actor
from pegel_web.portfolio.queries.use_cases import VIEW, visible
from pegel_web.search.registry import Hit, declare_search
from pegel_web.ui.worded import language_now


def find_use_cases(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Return use cases whose title, pain or number is meant."""
    if not actor.has(VIEW):
        return ()
    wanted = Q(title__icontains=text) | Q(pain__icontains=text)
    number = text.strip().upper().removeprefix("UC-")
    if number.isascii() and number.isdecimal() and len(number) < 9:
        wanted |= Q(number=int(number))
    return [
        Hit(
            kind="use_case",
            title=f"UC-{row.number} {row.title}",
            href=reverse("use_case", args=[row.id]),
            detail=say(f"portfolio.state.{row.state}", language_now()),
        )
        for row in visible(actor).filter(wanted).order_by("-number")[:limit]
    ]


declare_search(kind="use_case", find=find_use_cases)
