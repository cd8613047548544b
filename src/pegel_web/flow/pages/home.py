"""My value streams and what calls for a look in them, on a person's first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.alerts import StreamAlert
from pegel_web.flow.contracts.desk import DeskLine
from pegel_web.flow.contracts.overview import StreamLine, StreamOverview
from pegel_web.flow.queries.alerts import alert_overview
from pegel_web.flow.queries.desk import own_desks
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsAtHome(Component):
    """What calls for a look in the streams that a person may change."""

    found: tuple[StreamAlert, ...]

    @property
    def shown(self) -> tuple[StreamAlert, ...]:
        """Return the newest."""
        return self.found[:MOST]

    def html(self, language: str, page: Mapping[str, Any] | None = None) -> SafeString:
        """Return the section as HTML."""
        del page
        return render_to_string("flow/home_alerts.html", {"it": self, "language": language})


def my_alerts(actor: Actor) -> AlertsAtHome | None:
    """Return the section; None where nothing calls."""
    found = tuple(one for one in alert_overview(actor=actor) if one.may_change)
    return AlertsAtHome(found=found) if found else None


declare_home_section(10, "flow.stream.change", my_alerts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DesksAtHome(Component):
    """The desks at which a person decides, those with most that is late or too much first."""

    lines: Sequence[DeskLine]

    @property
    def shown(self) -> Sequence[DeskLine]:
        """Return the desks listed; the others are found by their streams."""
        return self.lines[:MOST]

    def html(self, language: str, page: Mapping[str, Any] | None = None) -> SafeString:
        """Return the section as HTML."""
        del page
        return render_to_string("flow/home_desks.html", {"it": self, "language": language})


def my_desks(actor: Actor) -> DesksAtHome | None:
    """Return the section; None for people who decide at no desk."""
    lines = own_desks(actor=actor)
    return DesksAtHome(lines=lines) if lines else None


declare_home_section(15, "flow.desk.decide", my_desks)
declare_home_section(20, "flow.stream.view", my_streams)
