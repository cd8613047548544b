"""Value streams in the search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from django.db.models import Q
from django.urls import reverse

from pegel_web.core.actor import Actor
from pegel_web.flow.models import ValueStream
from pegel_web.flow.queries.names import with_name_like
from pegel_web.flow.queries.streams import visible_streams
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.search.registry import Hit, declare_search


def find_streams(*, actor: Actor, text: str, limit: int) -> Sequence[Hit]:
    """Return streams whose name, here or in the lake, contains the text."""
    named = Q(name__icontains=text) | Q(lake_name__icontains=text) | Q(id__in=with_name_like(text))
    found = cast("list[ValueStream]", list(visible_streams(actor).filter(named)[:limit]))
    if not found:
        return []
    nodes = structure_on(actor.at.date()).nodes
    return [
        Hit(
            kind="stream",
            title=row.name,
            href=reverse("stream", args=[row.id]),
            detail=nodes[row.unit_id].name if row.unit_id in nodes else None,
        )
        for row in found
    ]


declare_search(kind="stream", find=find_streams)
