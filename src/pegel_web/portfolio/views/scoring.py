"""Map, ranking, board, scores, promised against realised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from pegel.errors import InputError, NotFoundError
from pegel.words import say
from pegel.words.explanation import explain
from pegel_web.core.entry import acting
from pegel_web.core.errors import NotAllowedError
from pegel_web.organisation.forms.fields import amount_of
from pegel_web.organisation.pages.shared import unit_choice
from pegel_web.organisation.views.step import step
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.forms.scoring import RealisedForm, ScoreForm, WeightsForm
from pegel_web.portfolio.pages.board import board_page
from pegel_web.portfolio.pages.effort_benefit import map_drawing, map_page
from pegel_web.portfolio.pages.portfolio_tabs import CaseFilter, filter_of
from pegel_web.portfolio.pages.ranking import promised_page, ranking_page
from pegel_web.portfolio.pages.use_cases import trail
from pegel_web.portfolio.queries import use_cases as queries
from pegel_web.portfolio.queries.board import case_board
from pegel_web.portfolio.queries.effort_benefit import effort_benefit_map
from pegel_web.portfolio.queries.promised import promised_realised as query_promised
from pegel_web.portfolio.queries.ranking import MOST_BUDGET, case_ranking
from pegel_web.portfolio.queries.scores import SETTING, criteria_weights, own_entry
from pegel_web.portfolio.scoring import INPUTS, Method
from pegel_web.portfolio.services import scores as services
from pegel_web.portfolio.views.use_cases import page_of
from pegel_web.ui.components import Notice, exported
from pegel_web.ui.stills import png_of, svg_of
from pegel_web.ui.worded import language_now, worded

_W = "portfolio.score"


@require_safe
def use_case_map(request: HttpRequest) -> HttpResponse:
    """Show use cases by effort and benefit."""
    actor, asked = acting(request), filter_of(request)
    found = effort_benefit_map(actor=actor, unit_id=asked.unit_id, horizon=asked.horizon, state=asked.state)
    page = map_page(request, found, asked)
    page["choice"] = unit_choice(actor, queries.VIEW, asked.unit_id)
    return exported(request, *page["tables"]) or render(request, "portfolio/map.html", page)


@require_safe
def use_case_map_chart(request: HttpRequest) -> HttpResponse:
    """Hand out the map, as the address asks by ``form``: its specification for browsers, or itself as a file."""
    asked, form = filter_of(request), request.GET.get("form", "json")
    found = effort_benefit_map(actor=acting(request), unit_id=asked.unit_id, horizon=asked.horizon, state=asked.state)
    drawing = map_drawing(found, language_now())
    drawn: dict[str, tuple[str, Callable[[], str | bytes]]] = {
        "json": ("application/json", lambda: drawing),
        "svg": ("image/svg+xml", lambda: svg_of(drawing, dark="dark" in request.GET)),
        "png": ("image/png", lambda: png_of(drawing)),
    }
    if form not in drawn:
        raise NotFoundError("chart_unknown", name=f"map.{form}"[:100])
    kind, draw = drawn[form]
    headers = {"Content-Disposition": f'inline; filename="pegel-use-cases.{form}"'}
    return HttpResponse(draw(), content_type=kind, headers=headers)


@require_safe
def use_case_ranking(request: HttpRequest) -> HttpResponse:
    """Show use cases, best first, with the line that a budget draws."""
    actor, asked = acting(request), filter_of(request)
    method = request.GET.get("method", "")
    typed = request.GET.get("budget", "").replace("\0", "").strip()[:40]
    budget, refused = _budget(typed)
    found = case_ranking(
        actor=actor,
        method=Method(method) if method in set(map(str, Method)) else Method.NET,
        unit_id=asked.unit_id,
        horizon=asked.horizon,
        state=asked.state,
        budget=budget,
    )
    page = ranking_page(request, found, asked, criteria_weights(actor=actor), typed)
    page["choice"] = unit_choice(actor, queries.VIEW, asked.unit_id)
    if refused is not None:
        page["notice"] = refused
    return exported(request, *page["tables"]) or render(request, "portfolio/ranking.html", page)


def _budget(typed: str) -> tuple[float | None, Notice | None]:
    """Return the budget that was entered; what is none is told above the ranking."""
    if not typed:
        return None, None
    try:
        found = float(amount_of(typed, language_now()))
    except ValueError:
        found = -1.0
    if 0 <= found <= MOST_BUDGET:
        return found, None
    words = explain(InputError("budget_invalid", field="budget"), language_now())
    return None, Notice(kind="warning", text=f"{words.says} {words.do}")


@require_safe
def use_case_board(request: HttpRequest) -> HttpResponse:
    """Show the main way as a board."""
    actor, asked = acting(request), filter_of(request)
    found = case_board(actor=actor, unit_id=asked.unit_id, horizon=asked.horizon)
    page = board_page(found, asked, may_register=actor.has(queries.REGISTER))
    page["choice"] = unit_choice(actor, queries.VIEW, asked.unit_id)
    return render(request, "portfolio/board.html", page)


@require_safe
def promised_realised(request: HttpRequest) -> HttpResponse:
    """Show what was promised against what came of it."""
    actor, asked = acting(request), filter_of(request)
    only_unit = CaseFilter(unit_id=asked.unit_id, horizon=None, state=None)
    page = promised_page(request, query_promised(actor=actor, unit_id=asked.unit_id), only_unit)
    page["choice"] = unit_choice(actor, queries.VIEW, asked.unit_id)
    return exported(request, *page["tables"]) or render(request, "portfolio/promised.html", page)


@require_http_methods(["GET", "POST"])
def score_use_case(request: HttpRequest, *, use_case_id: UUID, method: str) -> HttpResponse:
    """Enter what a method needs of a use case."""
    actor = acting(request)
    found = queries.use_case(actor=actor, use_case_id=use_case_id)
    if not found.may_estimate:
        raise NotAllowedError("not_allowed", permission=queries.ESTIMATE)
    if method not in set(map(str, INPUTS)):
        raise NotFoundError("score_method_unknown", name=method[:40])
    chosen = Method(method)
    own = own_entry(actor=actor, use_case_id=use_case_id, method=chosen)
    form = ScoreForm(request.POST or None, method=chosen, initial=own)

    def act(**_: Any) -> CaseReport:
        return services.give_score(actor=actor, use_case_id=use_case_id, method=chosen, values=form.said)

    language = language_now()
    return step(
        request,
        form,
        act,
        title=say(f"{_W}.give", language, method=say(f"{_W}.method.{chosen}", language)),
        lead=say(f"{_W}.definition.{chosen}", language),
        trail=trail(found),
        submit=worded("portfolio.case.save"),
        done=lambda made: (worded("portfolio.case.saved"), page_of(made)),
    )


@require_http_methods(["GET", "POST"])
def set_weights(request: HttpRequest) -> HttpResponse:
    """Say what the criteria weigh."""
    actor = acting(request)
    actor.require(SETTING)
    found = criteria_weights(actor=actor)

    def act(*, reason: str, based_on: int, **weights: int) -> object:
        return services.set_weights(actor=actor, weights=weights, reason=reason, based_on=based_on)

    address = f"{reverse('use_case_ranking')}?method=criteria"
    return step(
        request,
        WeightsForm(request.POST or None, found=found),
        act,
        title=worded("portfolio.ranking.weigh"),
        lead=worded("portfolio.ranking.weigh_lead"),
        trail=[(worded("portfolio.ranking.title"), address)],
        submit=worded("portfolio.case.save"),
        done=lambda _: (worded("portfolio.ranking.weighed"), address),
    )


@require_http_methods(["GET", "POST"])
def declare_realised(request: HttpRequest, *, use_case_id: UUID) -> HttpResponse:
    """Declare what a use case brings."""
    actor = acting(request)
    found = queries.use_case(actor=actor, use_case_id=use_case_id)
    if not actor.allows(services.DECLARE, unit=found.line.unit_id):
        raise NotAllowedError("not_allowed", permission=services.DECLARE)
    return step(
        request,
        RealisedForm(request.POST or None),
        services.declare_realised,
        actor=actor,
        use_case_id=use_case_id,
        title=worded(f"{_W}.realised.declare"),
        lead=worded(f"{_W}.realised.lead"),
        trail=trail(found),
        submit=worded("portfolio.case.save"),
        done=lambda _: (worded("portfolio.case.saved"), reverse("promised_realised")),
    )
