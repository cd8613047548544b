"""My value streams, on a person's first page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.overview import StreamLine, StreamOverview
from pegel_web.flow.queries.overview import stream_overview
from pegel_web.organisation.home_registry import declare_home_section
from pegel_web.ui.components import Component

#: Streams listed at most; the others are one click away.
MOST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamsAtHome(Component):
    """Some streams, the most remarkable first, and the sentence on which to look at."""

    found: StreamOverview

    @property
    def lines(self) -> list[StreamLine]:
        """Return the streams shown: the one to look at first, then those with the most unusually old work."""
        first = None if self.found.first_stream is None else self.found.first_stream.id
        return sorted(
            self.found.lines,
            key=lambda line: (line.stream.id != first, -(line.content.late if line.content else 0), line.stream.name),
        )[:MOST]

    def html(self, language: str, page: Mapping[str, Any] | None = None) -> SafeString:
        """Return the section as HTML."""
        del page
        return render_to_string("flow/home.html", {"it": self, "language": language})


def my_streams(actor: Actor) -> StreamsAtHome | None:
    """Return the section; None for people who see no stream and may adopt none."""
    found = stream_overview(actor=actor)
    return StreamsAtHome(found=found) if found.lines or found.lake.unclaimed else None


declare_home_section(20, "flow.stream.view", my_streams)
