"""The ways of the work: looking, and saying something about them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from pegel.errors import InputError, NotFoundError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError, http_status
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.variants import SHOWS
from pegel_web.flow.pages.variants import variants_page
from pegel_web.flow.queries.variants import stream_variants as ways_of_stream
from pegel_web.flow.services import variants as services
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_GET
def stream_variants(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show the ways of a stream's work."""
    found = ways_of_stream(
        actor=acting(request),
        stream_id=stream_id,
        period=request.GET.get("period") or DEFAULT,
        show=_show(request.GET.get("show", "")),
    )
    page = variants_page(request, found)
    tables = [page[name] for name in ("ways", "steps") if name in page]
    if (file := exported(request, *tables)) is not None:
        return file
    return render(request, "flow/variants.html", page)


@require_POST
def say_about_variants(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Say something about one way, or about the whole picture."""
    actor = acting(request)
    sent = {name: str(request.POST.get(name, "")) for name in ("variant", "picture", "judgement", "reason", "period")}
    show = _show(request.POST.get("show", ""))
    period = sent["period"] or DEFAULT
    try:
        services.say_about_variants(
            actor=actor,
            stream_id=stream_id,
            judgement=sent["judgement"],  # type: ignore[arg-type]  # the service refuses what it does not know
            variant=sent["variant"] or None,
            picture=None if sent["variant"] else sent["picture"],
            reason=sent["reason"],
            period=period,
            show=show,
        )
    except (InputError, ConflictError, NotFoundError) as error:
        told = explain(error, language_now())
        found = ways_of_stream(actor=actor, stream_id=stream_id, period=period, show=show)
        page = variants_page(request, found, wrong=f"{told.says} {told.do}".strip(), sent=sent)
        return render(request, "flow/variants.html", page, status=http_status(error))
    messages.success(request, say("flow.variants.noted", language_now()))
    address = reverse("stream_variants", args=[stream_id])
    return redirect(f"{address}?{urlencode({'period': period, 'show': str(show)})}")


def _show(text: str) -> int:
    """Return which part of the items is shown; what is no number is none of ours."""
    if not text:
        return SHOWS[0]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 0
