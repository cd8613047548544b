"""What the search finds of shared responsibility: decisions, lines of the frame, responsibilities, tools, platforms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.areas import areas
from pegel_web.organisation.models import FrameEntry, Platform, ToolUse
from pegel_web.organisation.models.units import UnitKind
from pegel_web.organisation.queries.decisions import visible
from pegel_web.organisation.queries.platform_names import platform_names
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.organisation.validity import valid_on
from pegel_web.search.registry import Hit


def find_decisions(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Find questions by their title, open ones first."""
    rows = list(visible(actor).filter(title__icontains=text).order_by("decided_at", "-raised_at")[:limit])
    names = unit_names((row.asked_by_unit_id for row in rows), structure_on(actor.at.date())) if rows else {}
    return [
        Hit(
            kind="decision",
            title=row.title,
            href=reverse("decision", args=[row.id]),
            detail=names.get(row.asked_by_unit_id),
        )
        for row in rows
    ]


def find_frame(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Find lines of the leadership frame that hold today."""
    day = actor.at.date()
    rows = list(
        FrameEntry.objects.visible_to(actor).filter(valid_on(day), text__icontains=text).order_by("valid_from")[:limit]
    )
    names = unit_names((row.unit_id for row in rows), structure_on(day)) if rows else {}
    return [
        Hit(kind="frame", title=row.text, href=_of_unit("frame_of", row.unit_id), detail=names.get(row.unit_id))
        for row in rows
    ]


def find_tools(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Find AI tools that units use."""
    names = ToolUse.objects.visible_to(actor).filter(tool__icontains=text, people__gt=0).values_list("tool", flat=True)
    return [Hit(kind="tool", title=name, href=reverse("tool_map")) for name in sorted(set(names))[:limit]]


def find_platforms(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Find platforms, also those to come and those that are over, by what they are called today."""
    wanted, day = text.casefold(), actor.at.date()
    rows = Platform.objects.visible_to(actor).filter(periods__name__icontains=text).distinct()
    owners = dict(rows.values_list("id", "owner_unit_id"))
    found = [one for one in platform_names(owners, day).items() if wanted in one[1].casefold()]
    found = sorted(found, key=lambda one: (one[1].casefold(), str(one[0])))[:limit]
    names = unit_names((owners[one] for one, _ in found), structure_on(day)) if found else {}
    return [
        Hit(kind="platform", title=name, href=reverse("platform_report", args=[one]), detail=names.get(owners[one]))
        for one, name in found
    ]


def find_areas(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Find areas of responsibility by their name in the reader's language."""
    if not actor.has("organisation.responsibility.view"):
        return []
    language = cast(Language, actor.language)
    named = [(say(f"organisation.responsibilities.area.{name}", language), area) for name, area in areas().items()]
    return [
        Hit(
            kind="responsibility",
            title=title,
            href=f"{reverse('responsibility_map')}?{urlencode({'map.q': title})}",
            detail=", ".join(
                say(f"organisation.level.{kind}", language) for kind in UnitKind.values if kind in area.at
            ),
        )
        for title, area in named
        if text.casefold() in title.casefold()
    ][:limit]


def _of_unit(address: str, unit: UUID) -> str:
    return f"{reverse(address)}?{urlencode({'unit': str(unit)})}"
