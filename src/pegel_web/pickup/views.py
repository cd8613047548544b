"""The pages of folders from which files are picked up."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pegel.errors import UserError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import NotAllowedError
from pegel_web.pickup import queries, services
from pegel_web.pickup.forms import FolderForm
from pegel_web.pickup.pages import folder_page, overview_page
from pegel_web.ui.components import FormCard, exported
from pegel_web.ui.worded import language_now

_W: Final = "pickup"


@require_http_methods(["GET", "POST"])
def pickup_folders(request: HttpRequest) -> HttpResponse:
    """Show the folders, and let one more be declared."""
    actor, language = acting(request), language_now()
    found = queries.pickup_overview(actor=actor)
    page = overview_page(request, found)
    if (file := exported(request, page["table"])) is not None:
        return file
    examples = queries.examples(actor=actor)
    form = FolderForm(request.POST or None, examples=examples)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = services.declare_folder(actor=actor, name=said["folder"], file_id=UUID(said["like"]))
        except UserError as error:
            if isinstance(error, NotAllowedError):
                raise
            words = explain(error, language)
            form.add_error("folder", f"{words.says} {words.do}")
        else:
            return redirect("pickup_folder", folder_id=made.line.id)
    if found.configured and examples:
        submit, title = say(f"{_W}.action.declare", language), say(f"{_W}.form.title", language)
        page["form"] = FormCard(form=form, submit_label=submit, title=title)
    return render(request, "pickup/folders.html", page, status=422 if form.is_bound and form.errors else 200)


@require_safe
def pickup_folder(request: HttpRequest, *, folder_id: UUID) -> HttpResponse:
    """Show one folder with its latest files."""
    page = folder_page(request, queries.pickup_folder(actor=acting(request), folder_id=folder_id))
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "pickup/folder.html", page)


@require_POST
def pause_pickup(request: HttpRequest, *, folder_id: UUID) -> HttpResponse:
    """Look into a folder no more."""
    services.pause_folder(actor=acting(request), folder_id=folder_id)
    return redirect("pickup_folder", folder_id=folder_id)


@require_POST
def resume_pickup(request: HttpRequest, *, folder_id: UUID) -> HttpResponse:
    """Look into a folder again."""
    services.resume_folder(actor=acting(request), folder_id=folder_id)
    return redirect("pickup_folder", folder_id=folder_id)


@require_POST
def remove_pickup(request: HttpRequest, *, folder_id: UUID) -> HttpResponse:
    """Forget a folder."""
    services.remove_folder(actor=acting(request), folder_id=folder_id)
    messages.success(request, say(f"{_W}.removed", language_now()))
    return redirect("pickup_folders")
