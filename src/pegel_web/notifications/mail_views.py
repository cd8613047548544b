"""The pages of digests and of the mail server."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pegel.errors import UserError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError
from pegel_web.notifications.digests import choosing, queries
from pegel_web.notifications.forms import DigestForm
from pegel_web.notifications.mail_pages import mail_page, own_digest_page
from pegel_web.notifications.place import mail_place
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_http_methods(["GET", "HEAD", "POST"])
def own_digest(request: HttpRequest) -> HttpResponse:
    """Show how often the person gets a digest, and what became of the newest; keep another choice."""
    actor, place = acting(request), mail_place()
    found = queries.own_digest(actor=actor, place=place)
    form = DigestForm(request.POST or None, initial={"rhythm": found.rhythm}, place=place)
    if request.method == "POST" and form.is_valid():
        try:
            choosing.choose_digest(actor=actor, rhythm=form.cleaned_data["rhythm"], place=place)
        except UserError as error:
            told = explain(error, language_now())
            form.add_error(None, f"{told.says} {told.do}".strip())
        else:
            messages.success(request, say("notifications.digest.saved", language_now()))
            return redirect("own_digest")
    page = own_digest_page(request, found, form)
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "notifications/mail.html", page, status=422 if request.method == "POST" else 200)


@require_GET
def mail_report(request: HttpRequest) -> HttpResponse:
    """Show the mail server and what became of the newest digests."""
    page = mail_page(request, queries.mail_report(actor=acting(request), place=mail_place()))
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "notifications/mail.html", page)


@require_POST
def ask_for_test_mail(request: HttpRequest) -> HttpResponse:
    """Have a test mail sent and go on to where its fate is shown."""
    try:
        job = choosing.ask_for_test_mail(actor=acting(request), place=mail_place())
    except ConflictError as error:
        messages.warning(request, explain(error, language_now()).says)
        return redirect("mail_report")
    return redirect("job_report", job_id=job.id)
