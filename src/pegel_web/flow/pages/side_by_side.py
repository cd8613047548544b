"""The page of two selections of a stream next to each other."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.dates import date_text
from pegel_web.flow.contracts.selection import SelectionChoices
from pegel_web.flow.contracts.side_by_side import Side, SideBySide
from pegel_web.flow.pages.addresses import definition_href
from pegel_web.flow.pages.selection import selection_sentence
from pegel_web.flow.pages.stream import progress_of
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.flow.selection_form import address_of
from pegel_web.jobs.contracts import JobReport
from pegel_web.ui.components import Column, EmptyState, Notice, PageHeader, Table, table_of
from pegel_web.ui.worded import language_now

#: What a line is about, by its definition.
_DEFINED = {"state": "time_in_state", "wait": "waits"}


def side_by_side_page(
    request: HttpRequest, found: SideBySide, choices: tuple[SelectionChoices, SelectionChoices], job: JobReport | None
) -> dict[str, Any]:
    """Return the context of the page. ``job``: the computation that is waited for."""
    language = language_now()
    title = say("flow.side.title", language)
    trail = (
        (say("flow.overview.title", language), reverse("streams")),
        (found.stream.name, reverse("stream", args=[found.stream.id])),
        (title, None),
    )
    notice = None
    if found.status == "withheld":
        notice = Notice(kind="info", text=say("reason.stream_group_too_small", language))
    elif found.status == "not_computed":
        notice = Notice(kind="info", text=say("flow.stream.not_computed_title", language))
    return {
        "title": title,
        "header": PageHeader(
            title=title, lead=say("flow.side.lead", language, name=found.stream.name), breadcrumbs=trail
        ),
        "tabs": stream_tabs(request, found.stream, "stream"),
        "progress": None if job is None else progress_of(job, language, href=request.get_full_path()),
        "notice": notice,
        "found": found,
        "sides": [
            {
                "label": say(f"flow.side.{name}", language),
                "sentence": _sentence(side, language),
                "href": f"{reverse('stream', args=[found.stream.id])}?{address_of(side.selection)}",
                "choices": chosen,
                "asked": side.selection,
                "prefix": prefix,
            }
            for name, prefix, side, chosen in (
                ("first", "", found.first, choices[0]),
                ("second", "with_", found.second, choices[1]),
            )
        ],
        "table": _table(request, found, language) if found.lines else None,
    }


def _sentence(side: Side, language: Language) -> str:
    said = selection_sentence(side.selection, language)
    if side.from_at is None or side.until_at is None:
        return said
    days = f"{date_text(side.from_at, language)} \N{EN DASH} {date_text(side.until_at, language)}"
    n = "" if side.finished is None else f" · {say('card.n_finished', language, n=side.finished)}"
    return f"{said} ({days}){n}"


def _table(request: HttpRequest, found: SideBySide, language: Language) -> Table:
    rows = [
        {
            "part": say(f"flow.side.part.{one.part}", language),
            "name": one.name,
            "href": definition_href(_DEFINED.get(one.part, one.code)),
            "first": one.first_text,
            "second": one.second_text,
            "difference": one.difference_text or say("flow.side.incomparable", language),
        }
        for one in found.lines
    ]
    heads = {
        "part": "flow.side.part.label", "name": "flow.side.what", "first": "flow.side.first",
        "second": "flow.side.second", "difference": "flow.side.difference",
    }  # fmt: skip
    return table_of(
        request,
        identity="sides",
        caption=say("flow.side.caption", language),
        columns=[
            Column(key=key, label=say(code, language), href_key="href" if key == "name" else None)
            for key, code in heads.items()
        ],
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=found.most),
        page_size=100,
    )
