"""Asking when work will be done."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from pegel.errors import InputError
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import http_status
from pegel_web.flow.pages.forecast import forecast_page
from pegel_web.flow.queries.forecast import MOST_ITEMS, MOST_SPLIT, drawn_forecast
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now

#: What is asked where nobody says anything.
USUAL: Final = 20
_NUMBER: Final = re.compile(r"\d{1,7}([.,]\d{1,6})?", re.ASCII)


@require_GET
def stream_forecast(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Answer when so many items will be done and how many by a day; the address holds the question."""
    actor = acting(request)
    asked = {name: request.GET.get(name, "").strip()[:40] for name in ("items", "until", "split", "policy")}
    policy = asked["policy"] or None
    wrong, status = "", 200
    try:
        drawn = drawn_forecast(actor=actor, stream_id=stream_id, policy=policy, **_question(asked))
    except InputError as error:
        if error.code == "policy_not_computed":
            raise
        drawn = drawn_forecast(actor=actor, stream_id=stream_id, policy=policy)
        told = explain(error, language_now())
        # HTMX shows nothing of an answer that says by its status that it is none.
        wrong = f"{told.says} {told.do}".strip()
        status = 200 if request.headers.get("HX-Request") else http_status(error)
    page = forecast_page(request, drawn, asked, wrong=wrong)
    if page["table"] is not None and (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/forecast.html", page, status=status)


def _question(asked: dict[str, str]) -> dict[str, Any]:
    """Return what the form asks; a field that is there and holds no answer is none of ours."""
    nothing = not asked["items"] and not asked["until"]
    items = _number(asked["items"], "forecast_items_out_of_range", most=MOST_ITEMS) if asked["items"] else None
    if items is not None and not items.is_integer():
        raise InputError("forecast_items_out_of_range", most=MOST_ITEMS)
    try:
        until = date.fromisoformat(asked["until"]) if asked["until"] else None
    except ValueError:
        raise InputError("forecast_day_unreadable") from None
    return {
        "items": USUAL if nothing else None if items is None else int(items),
        "until": until,
        "split_rate": _number(asked["split"], "forecast_split_out_of_range", most=int(MOST_SPLIT))
        if asked["split"]
        else 1.0,
    }


def _number(text: str, code: str, **values: object) -> float:
    if _NUMBER.fullmatch(text) is None:
        raise InputError(code, **values)
    return float(text.replace(",", "."))
