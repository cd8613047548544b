"""What the states of a stream mean: looking, trying, saving."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pegel.errors import BusyError, InputError, NotFoundError, UserError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.actor import Actor
from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError, http_status
from pegel_web.flow.pages.workflow import effect_panel, workflow_page
from pegel_web.flow.queries import workflow as queries
from pegel_web.flow.services import workflow as services
from pegel_web.flow.workflow_form import Chosen, chosen_in
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_GET
def stream_workflow(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show what the states mean, to be changed by those who may."""
    actor = acting(request)
    found = queries.stream_workflow(
        actor=actor,
        stream_id=stream_id,
        version=_version(request.GET.get("version")),
        lake_name=request.GET.get("of") or None,
    )
    page = workflow_page(request, found)
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/workflow.html", page)


@require_POST
def workflow_effect(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show what the choices on the form would change: in its panel, or on the whole page without scripts."""
    actor = acting(request)
    chosen = chosen_in(request.POST)
    try:
        effect = queries.workflow_effect(
            actor=actor,
            stream_id=stream_id,
            changes=chosen.changes,
            kinds=chosen.kinds,
            lake_name=_name(request),
        )
    except (InputError, ConflictError, BusyError) as error:
        return _wrong(request, actor, stream_id, chosen, error)
    if request.headers.get("HX-Request"):
        panel = effect_panel(stream_id, effect, revision=chosen.revision)
        return render(request, "flow/workflow_effect.html", panel)
    if effect.revision != chosen.revision:
        return _wrong(
            request, actor, stream_id, chosen, ConflictError("workflow_changed_meanwhile", name=effect.stream.name)
        )
    found = queries.stream_workflow(actor=actor, stream_id=stream_id, lake_name=_name(request))
    return render(request, "flow/workflow.html", workflow_page(request, found, chosen=chosen, effect=effect))


@require_POST
def confirm_workflow(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Save the choices on the form."""
    actor = acting(request)
    chosen = chosen_in(request.POST)
    try:
        chosen.require_finished()
        saved = services.confirm_workflow(
            actor=actor,
            stream_id=stream_id,
            changes=chosen.changes,
            kinds=chosen.kinds,
            revision=chosen.revision,
            lake_name=_name(request),
        )
    except (InputError, ConflictError, BusyError) as error:
        return _wrong(request, actor, stream_id, chosen, error)
    messages.success(request, say("flow.workflow.saved", language_now(), n=saved.version))
    return _back(request, stream_id)


@require_POST
def restore_workflow(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Bring an older version back."""
    actor = acting(request)
    try:
        saved = services.restore_workflow(
            actor=actor,
            stream_id=stream_id,
            version=_version(request.POST.get("version")) or 0,
            revision=request.POST.get("revision", ""),
            lake_name=_name(request),
        )
    except (ConflictError, BusyError) as error:
        return _wrong(request, actor, stream_id, None, error)
    messages.success(request, say("flow.workflow.saved", language_now(), n=saved.version))
    return _back(request, stream_id)


def _name(request: HttpRequest) -> str | None:
    """Return of which project of the stream the states on the form are; None: of its first one."""
    return request.POST.get("of") or None


def _back(request: HttpRequest, stream_id: UUID) -> HttpResponse:
    page, name = reverse("stream_workflow", args=[stream_id]), _name(request)
    return redirect(page if name is None else f"{page}?{urlencode({'of': name}, errors='replace')}")


def _wrong(
    request: HttpRequest, actor: Actor, stream_id: UUID, chosen: Chosen | None, error: UserError
) -> HttpResponse:
    """Show what is wrong, with the choices as they were made, beside the mapping as it is now."""
    told = explain(error, language_now())
    text = f"{told.says} {told.do}".strip()
    if request.headers.get("HX-Request"):
        panel = effect_panel(stream_id, None, revision="", wrong=text)
        return render(request, "flow/workflow_effect.html", panel)
    found = queries.stream_workflow(actor=actor, stream_id=stream_id, lake_name=_name(request))
    page = workflow_page(request, found, chosen=chosen, wrong=text)
    return render(request, "flow/workflow.html", page, status=http_status(error))


def _version(text: str | None) -> int | None:
    """Return the number of a version; what is no number is no version of ours."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 8):
        raise NotFoundError("workflow_version_unknown", version=text[:20])
    return int(text)
