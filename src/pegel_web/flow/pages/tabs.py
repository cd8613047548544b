"""The pages of one stream, as tabs: each page of a stream shows them under its title."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.queries.streams import ITEMS, VIEW
from pegel_web.ui.components import Tab, Tabs
from pegel_web.ui.worded import language_now

#: Pages of a stream in the order of the tabs: the name of the address, with which the code of the label ends, and the
#: permission without which it is not offered.
PAGES: Final = (
    ("stream", VIEW),
    ("stream_items", ITEMS),
    ("stream_forecast", VIEW),
    ("stream_alerts", VIEW),
    ("stream_desk", ITEMS),
    ("stream_variants", VIEW),
    ("stream_responsibility", VIEW),
    ("stream_dependencies", VIEW),
    ("stream_stalls", VIEW),
    ("stream_start_small", VIEW),
    ("stream_workflow", VIEW),
    ("declare_stream", VIEW),
)


def stream_tabs(request: HttpRequest, stream: Stream, current: str) -> Tabs:
    """Return the pages of a stream that the person may open. ``current``: the name of the address that is shown."""
    actor, language = acting(request), language_now()
    return Tabs(
        label=say("flow.tabs.label", language),
        items=[
            Tab(
                label=say(f"flow.tabs.{name}", language),
                href=reverse(name, args=[stream.id]),
                current=name == current,
            )
            for name, permission in PAGES
            if actor.allows(permission, unit=stream.unit_id)
        ],
    )
