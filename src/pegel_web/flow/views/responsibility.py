"""Who is accountable for each step: looking, and saying so for all steps at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from pegel.errors import InputError, NotFoundError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError, http_status
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.responsibility import StepOwner
from pegel_web.flow.pages.responsibility import responsibility_page
from pegel_web.flow.queries.responsibility import stream_responsibility as responsibility_of_stream
from pegel_web.flow.services.responsibility import change_responsibility
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.ui.components import exported
from pegel_web.ui.worded import language_now


@require_http_methods(["GET", "HEAD", "POST"])
def stream_responsibility(request: HttpRequest, *, stream_id: UUID) -> HttpResponse:
    """Show who is accountable for each step, and let those who may say so for all of them."""
    actor = acting(request)
    structure = structure_on(actor.at.date())
    if request.method == "POST":
        sent = _sent(request.POST)
        try:
            change_responsibility(
                actor=actor, stream_id=stream_id, owners=_owners(sent), revision=str(request.POST.get("revision", ""))
            )
        except (InputError, ConflictError, NotFoundError) as error:
            found = responsibility_of_stream(actor=actor, stream_id=stream_id)
            told = explain(error, language_now())
            page = responsibility_page(
                request, found, structure, wrong=f"{told.says} {told.do}".strip(), sent=sent
            )  # fmt: skip
            return render(request, "flow/responsibility.html", page, status=http_status(error))
        messages.success(request, say("flow.responsibility.saved", language_now()))
        return redirect("stream_responsibility", stream_id=stream_id)
    period = request.GET.get("period") or DEFAULT
    found = responsibility_of_stream(actor=actor, stream_id=stream_id, period=period)
    page = responsibility_page(request, found, structure)
    if (file := exported(request, page["table"])) is not None:
        return file
    return render(request, "flow/responsibility.html", page)


def _sent(form: QueryDict) -> dict[str, str]:
    """Return the chosen unit by step: ``step-N`` names the step, ``unit-N`` the unit, empty for nobody."""
    numbers = [name.removeprefix("step-") for name in form if name.startswith("step-")]
    return {str(form[f"step-{one}"]): str(form.get(f"unit-{one}", "")) for one in numbers}


def _owners(sent: dict[str, str]) -> list[StepOwner]:
    try:
        return [StepOwner(state=state, unit_id=UUID(unit) if unit else None) for state, unit in sent.items()]
    except ValueError:
        raise InputError("request_malformed") from None
