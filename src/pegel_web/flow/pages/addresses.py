"""Addresses that the pages of a stream lead to, in the period and under the policy that are shown."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from pegel_web.flow.contracts.reports import StreamReport
from pegel_web.flow.selection_form import address_of
from pegel_web.ui.components import ChartAddress


def items_href(found: StreamReport, metric: str, state: str | None = None) -> str:
    """Return the address of the items behind a figure."""
    chosen = address_of(found.selection) if found.selection else urlencode(_chosen(found), errors="replace")
    there = "" if state is None else f"&{urlencode({'state': state}, errors='replace')}"
    return f"{reverse('stream_items', args=[found.stream.id])}?metric={metric}&{chosen}{there}"


def chart_address(found: StreamReport, name: str, events: str = "") -> ChartAddress:
    """Return where a drawing lies; another computation is another address, so that none is shown that is overtaken.

    ``events``: what stands for the events that are marked in it.
    """
    made = 0 if found.freshness is None else int(found.freshness.computed_at.timestamp())
    chosen = address_of(found.selection) if found.selection else urlencode(_chosen(found), errors="replace")
    asked = f"{chosen}&{urlencode({'made': made, **({'events': events} if events else {})}, errors='replace')}"
    forms = {form: f"{reverse('stream_chart', args=[found.stream.id, name, form])}?{asked}" for form in _FORMS}
    return ChartAddress(specification=forms["json"], svg=forms["svg"], png=forms["png"])


def paper_href(found: StreamReport) -> str:
    """Return the address of the report as PDF, of what is shown."""
    chosen = address_of(found.selection) if found.selection else urlencode(_chosen(found), errors="replace")
    return f"{reverse('stream_paper', args=[found.stream.id])}?{chosen}"


def definition_href(metric: str) -> str:
    """Return the address of a definition."""
    return reverse("metric_definition", args=[metric])


def declare_href(found: StreamReport) -> str | None:
    """Return where people say what a stream is measured against; None: this person may not."""
    return reverse("declare_stream", args=[found.stream.id]) if found.may_change else None


def forecast_href(found: StreamReport) -> str:
    """Return where people ask when work will be done."""
    address, chosen = reverse("stream_forecast", args=[found.stream.id]), _chosen(found)
    return f"{address}?{urlencode({'policy': chosen['policy']}, errors='replace')}" if chosen else address


_FORMS = ("json", "svg", "png")


def _chosen(found: StreamReport) -> dict[str, str]:
    content = found.content
    return {} if content is None else {"period": content.period, "policy": content.policy}
