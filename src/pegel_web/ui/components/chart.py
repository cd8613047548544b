"""A chart: its sentence, the drawing (alive where scripts run, still otherwise), its table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from pegel_web.ui.component import Component
from pegel_web.ui.components.table import Table
from pegel_web.ui.stills import keep_specification


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartAddress:
    """Where a drawing can be had: its specification for a browser, and itself as files."""

    specification: str
    svg: str
    png: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart(Component):
    """A drawing of ``pegel.charts`` as a Vega-Lite specification.

    ``summary``: what it shows, in one sentence. ``table``: the same numbers as rows. ``title``: names it on the page.
    ``address``: where the specification lies, so that the page does not have to carry it; else it is ``specification``.
    """

    identity: str
    specification: Mapping[str, Any] | None = None
    address: ChartAddress | None = None
    summary: str
    table: Table | None = None
    title: str | None = None

    def html(self, language: str, page: Mapping[str, Any] | None = None) -> SafeString:
        """Return the chart as HTML; the still drawing needs to know by ``page`` who looks."""
        known = dict(page or {})
        request = known.get("request")
        if self.specification is not None and request is not None and request.user.is_authenticated:
            known["still"] = keep_specification(self.specification, reader=str(request.user.pk))
        return Component.html(self, language, known)
