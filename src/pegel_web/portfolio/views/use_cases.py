"""The list of use cases, the page of one, registering, changing, moving."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel.errors import NotFoundError
from pegel.words import say
from pegel_web.core.actor import Actor
from pegel_web.core.entry import acting
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.organisation.pages.shared import unit_choice
from pegel_web.organisation.queries.own_records import own_units
from pegel_web.organisation.views.entry import answered, asked_id, status_of
from pegel_web.organisation.views.step import step
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.forms.use_cases import IdeaForm, MoveForm, UseCaseForm
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.pages.merging import merge_page
from pegel_web.portfolio.pages.use_case import move_label, use_case_page
from pegel_web.portfolio.pages.use_cases import list_page, trail
from pegel_web.portfolio.queries import use_cases as queries
from pegel_web.portfolio.queries.case_pages import case_pages
from pegel_web.portfolio.services import moves
from pegel_web.portfolio.services import use_cases as services
from pegel_web.ui.components import FormCard, PageHeader, exported
from pegel_web.ui.worded import language_now, worded

_W = "portfolio"


@require_safe
def use_case_list(request: HttpRequest) -> HttpResponse:
    """Show the use cases."""
    actor = acting(request)
    state = request.GET.get("state", "")
    chosen = CaseState(state) if state in set(map(str, CaseState)) else None
    text = request.GET.get("text", "")[:200]
    unit = asked_id(request, "unit")
    found = case_pages(actor=actor, state=chosen, unit_id=unit, text=text)
    page = list_page(
        request, found, actor=actor, chosen={"state": str(chosen or ""), "text": text, "unit": str(unit or "")}
    )
    page["choice"] = unit_choice(actor, queries.VIEW, unit)
    return exported(request, *page["tables"]) or render(request, "portfolio/use_cases.html", page)


@require_safe
def use_case(request: HttpRequest, *, use_case_id: UUID) -> HttpResponse:
    """Show one use case."""
    page = use_case_page(request, queries.use_case(actor=acting(request), use_case_id=use_case_id))
    return exported(request, *page["tables"]) or render(request, "portfolio/use_case.html", page)


@require_http_methods(["GET", "POST"])
def register_idea(request: HttpRequest) -> HttpResponse:
    """Register an idea."""
    actor = acting(request)
    actor.require_somewhere(queries.REGISTER)
    initial: dict[str, Any] = {
        "unit_id": asked_id(request, "unit") or _own_unit(actor),
        "stream_id": asked_id(request, "stream"),
        "step": request.GET.get("step", "")[:300],
    }
    return step(
        request,
        IdeaForm(request.POST or None, actor=actor, initial=initial),
        services.register_idea,
        actor=actor,
        title=worded(f"{_W}.list.register"),
        lead=worded(f"{_W}.list.register_lead"),
        trail=trail(),
        done=lambda made: (worded(f"{_W}.list.registered", title=made.line.title), page_of(made)),
    )


@require_http_methods(["GET", "POST"])
def change_use_case(request: HttpRequest, *, use_case_id: UUID) -> HttpResponse:
    """Change what is written about a use case; where two people wrote the same, both versions side by side."""
    actor = acting(request)
    found = changeable(request, use_case_id)
    form = UseCaseForm(request.POST or None, actor=actor, found=found)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        based_on = said.pop("based_on")
        try:
            made = answered(
                form,
                lambda **_: services.change_use_case(
                    actor=actor, use_case_id=use_case_id, changes=said, based_on=based_on
                ),
                shown=(NotFoundError,),
            )
        except ConflictError as error:
            if error.code != "use_case_changed_meanwhile":
                raise
            page = merge_page(form, found, [str(one) for one in cast("list[str]", error.values["fields"])])
            return render(request, "portfolio/merge.html", page, status=422)
        if made is not None and form.is_valid():
            messages.success(request, worded(f"{_W}.case.changed"))
            return redirect(page_of(made))
    title = worded(f"{_W}.case.change")
    header = PageHeader(title=title, breadcrumbs=[*trail(found), (title, None)])
    card = FormCard(form=form, submit_label=worded(f"{_W}.case.save"), cancel_href=page_of(found))
    return render(
        request, "organisation/parts.html", {"header": header, "tabs": None, "parts": [card]}, status=status_of(form)
    )


@require_http_methods(["GET", "POST"])
def move_use_case(request: HttpRequest, *, use_case_id: UUID, target: str) -> HttpResponse:
    """Take a step that needs no gate."""
    actor, language = acting(request), language_now()
    found = changeable(request, use_case_id)
    way = next((one for one in found.moves if one.target == target), None)
    if way is None or (way.gate is not None and way.direction == "forward"):
        raise ConflictError("move_not_possible", state=found.line.state, target=target[:40])
    others: list[tuple[str, str]] = []
    if way.needs_other:
        others = [
            (str(one.use_case_id), f"UC-{one.number} {one.title}")
            for one in queries.use_case_list(actor=actor).lines
            if one.use_case_id != use_case_id
        ]
    label = move_label(way, language)
    return step(
        request,
        MoveForm(request.POST or None, step=way, others=others),
        moves.move_use_case,
        actor=actor,
        use_case_id=use_case_id,
        target=CaseState(target),
        title=label,
        lead=say(f"{_W}.move.open", language, n=way.open) if way.open else None,
        trail=trail(found),
        danger=target in {"killed", "rejected"},
        done=lambda made: (
            worded(f"{_W}.case.moved", state=say(f"{_W}.state.{made.line.state}", language)),
            page_of(made),
        ),
    )


def changeable(request: HttpRequest, use_case_id: UUID) -> CaseReport:
    """Return a use case that whoever asks may change.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``.
    """
    found = queries.use_case(actor=acting(request), use_case_id=use_case_id)
    if not found.may_change:
        raise NotAllowedError("not_allowed", permission=queries.CHANGE)
    return found


def _own_unit(actor: Actor) -> UUID | None:
    """Return the unit that somebody belongs to, to begin with."""
    if actor.person_id is None:
        return None
    return next(iter(sorted(own_units(actor.person_id, on=actor.at.date()))), None)


def page_of(found: CaseReport) -> str:
    """Return the address of a use case."""
    return reverse("use_case", args=[found.line.use_case_id])
