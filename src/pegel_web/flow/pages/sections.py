"""The pages about all value streams together, as tabs: each of them shows them under its title."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.flow.queries.streams import VIEW
from pegel_web.ui.components import Tab, Tabs
from pegel_web.ui.worded import language_now

#: Pages in the order of the tabs: the name of the address, with which the code of the label ends, and the permission
#: without which it is not offered.
SECTIONS: Final = (
    ("streams", VIEW),
    ("start_small", VIEW),
    ("stream_rollup", VIEW),
    ("stream_comparison", VIEW),
    ("stream_network", VIEW),
    ("between_quarters", VIEW),
)


def section_tabs(request: HttpRequest, current: str) -> Tabs:
    """Return the pages that the person may open. ``current``: the name of the address that is shown."""
    actor, language = acting(request), language_now()
    return Tabs(
        label=say("flow.sections.label", language),
        items=[
            Tab(label=say(f"flow.sections.{name}", language), href=reverse(name), current=name == current)
            for name, permission in SECTIONS
            if actor.has(permission)
        ],
    )
