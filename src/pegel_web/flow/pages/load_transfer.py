"""The page of what would change if load moved between two streams."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.flow.contracts.network import TransferChoices, TransferOutcome
from pegel_web.flow.pages.addresses import definition_href
from pegel_web.flow.pages.network import freshness_notices
from pegel_web.flow.pages.sections import section_tabs
from pegel_web.flow.queries.load_transfer import MOST_ITEMS
from pegel_web.ui.components import Badge, Column, EmptyState, Notice, PageHeader, Table, table_of
from pegel_web.ui.worded import language_now


def transfer_page(
    request: HttpRequest, choices: TransferChoices, found: TransferOutcome | None, *, wrong: str = ""
) -> dict[str, Any]:
    """Return the context of the page. ``found`` None: nothing was asked yet; ``wrong``: why it could not be told."""
    language, asked = language_now(), request.GET
    title = say("flow.transfer.title", language)
    return {
        "title": title,
        "header": PageHeader(
            title=title,
            lead=say("flow.transfer.lead", language),
            breadcrumbs=(
                (say("flow.overview.title", language), reverse("streams")),
                (say("flow.network.title", language), reverse("stream_network")),
                (title, None),
            ),
        ),
        "tabs": section_tabs(request, "stream_network"),
        "notices": [
            *([Notice(kind="bad", text=wrong)] if wrong else []),
            *freshness_notices(None if found is None else found.freshness, language),
        ],
        "empty": None if len(choices.streams) > 1 else _empty(choices, language),
        "streams": choices.streams,
        "giver": asked.get("from", choices.streams[0].code if choices.streams else ""),
        "taker": asked.get("to", choices.streams[1].code if len(choices.streams) > 1 else ""),
        "items": asked.get("items", "1")[:10],
        "capacity": asked.get("capacity", "0")[:10],
        "most": MOST_ITEMS,
        "found": found,
        "table": None if found is None or not found.sides else _table(request, found, language),
        "definition_href": definition_href("load_transfer"),
    }


def _table(request: HttpRequest, found: TransferOutcome, language: Language) -> Table:
    rows = [
        {
            "stream": side.name,
            "measure": one.name,
            "before": one.before.text,
            "after": one.after.text,
            "difference": one.difference.text,
            "verdict": Badge(
                text=say("flow.transfer.usual" if one.usual else "flow.transfer.more", language),
                tone="neutral" if one.usual else "info",
            )
            if one.difference.middle is not None
            else None,
        }
        for side in found.sides
        for one in side.measures
    ]
    columns = (
        Column(key="stream", label=say("column.stream", language)),
        *(
            Column(key=name, label=say(f"column.transfer_{name}", language))
            for name in ("measure", "before", "after", "difference")
        ),
        Column(key="verdict", label=say("column.transfer_verdict", language), kind="badge"),
    )
    return table_of(
        request,
        identity="transfer",
        caption=say("transfer.table", language),
        columns=columns,
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=" ".join(found.sentences)),
    )


def _empty(choices: TransferChoices, language: Language) -> EmptyState:
    return EmptyState(
        title=say("flow.transfer.none_title", language),
        text=say("flow.transfer.none_text" if choices.computed else "flow.network.not_computed", language),
        action_label=say("flow.network.to_streams", language),
        action_href=reverse("streams"),
    )
