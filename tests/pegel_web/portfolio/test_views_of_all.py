"""Map, board, promised against realised: what they hold, what they leave out, and how their pages show it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.urls import reverse

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import CaseStep, UseCase
from pegel_web.portfolio.queries import board, effort_benefit
from pegel_web.portfolio.queries.board import case_board
from pegel_web.portfolio.queries.effort_benefit import effort_benefit_map
from pegel_web.portfolio.queries.promised import promised_realised
from pegel_web.portfolio.services import estimates, moves, scores
from tests.pegel_web.company import AT, Company
from tests.pegel_web.portfolio.conftest import euros, make_ready
from tests.pegel_web.portfolio.test_scoring import register

TODAY = AT.date()


def estimate(actor: Actor, case: UUID, benefit: tuple[int, int, int], effort: tuple[int, int, int]) -> None:
    estimates.give_estimate(actor=actor, use_case_id=case, benefit=euros(*benefit), effort=euros(*effort))


def test_the_map_has_means_low_to_high_and_says_who_is_missing(
    company: Company, lead: Actor, department: Actor
) -> None:
    first, harm, open_ = (register(company, lead, title).line for title in ("First", "Harm", "Open"))
    estimate(lead, first.use_case_id, (100, 200, 400), (50, 80, 90))
    estimate(department, first.use_case_id, (0, 100, 200), (50, 120, 210))
    estimate(lead, harm.use_case_id, (-900, -500, 10), (1, 2, 3))
    found = effort_benefit_map(actor=lead)
    # The largest benefit or harm first. Means: (100 + 0) ÷ 2, (200 + 100) ÷ 2, …
    assert [(one.number, one.benefit.likely, one.authors) for one in found.points] == [(2, -500, 1), (1, 150, 2)]
    both = found.points[1]
    assert (both.benefit.low, both.benefit.high, both.effort.low, both.effort.likely, both.effort.high) == (
        50, 300, 50, 100, 150
    )  # fmt: skip
    assert [(one.number, one.may_estimate) for one in found.not_estimated] == [(3, True)]
    # 150 ≥ 100; −500 < 2.
    assert (found.total, found.within_a_year, found.harmful) == (3, 1, 1)
    assert found.sentence == (
        "2 of 3 use cases are estimated; of 1 the likely benefit of one year is at least the effort. "
        "One is expected to do harm."
    )
    employee = effort_benefit_map(actor=company.actor("employee", "S1"))
    assert [one.may_estimate for one in employee.not_estimated] == [False]
    assert open_.number == 3


def test_the_map_draws_no_more_than_can_be_seen(company: Company, lead: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort_benefit, "MOST_DRAWN", 2)
    for title, benefit in (("A", 5), ("B", -9), ("C", 7)):
        case = register(company, lead, title).line.use_case_id
        estimate(lead, case, (benefit, benefit, benefit), (1, 1, 1))
    found = effort_benefit_map(actor=lead)
    assert [(one.title, one.drawn) for one in found.points] == [("B", True), ("C", True), ("A", False)]
    assert found.sentence.endswith("Drawn are the 2 with the largest likely benefit or harm; the table has all.")


def test_the_map_filters_and_leaves_out_what_has_ended(company: Company, lead: Actor, idea: CaseReport) -> None:
    assert effort_benefit_map(actor=lead, unit_id=company.unit("S")).total == 0
    assert effort_benefit_map(actor=lead, unit_id=company.unit("K")).total == 1
    assert effort_benefit_map(actor=lead, horizon=1).total == 0
    moves.move_use_case(actor=lead, use_case_id=idea.line.use_case_id, target=CaseState.REJECTED, reason="No")
    assert effort_benefit_map(actor=lead).total == 0
    assert effort_benefit_map(actor=lead, state=CaseState.REJECTED).total == 1
    with pytest.raises(NotFoundError, match="unit_unknown"):
        effort_benefit_map(actor=lead, unit_id=UUID(int=1))


def test_the_board_has_the_longest_first_and_cuts(
    company: Company, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "MOST_CARDS", 2)
    for title in ("A", "B", "C"):
        register(company, lead, title)
    UseCase.objects.everything(because="the test ages it").filter(number=3).update(state_since=AT - timedelta(days=40))
    owned = UseCase.objects.everything(because="the test reads it").get(number=1)
    make_ready(company, lead, owned.id, CaseState.PRIORITISED)
    found = case_board(actor=lead)
    ideas = found.columns[0]
    assert (ideas.state, ideas.count) == ("idea", 3)
    assert [(one.number, one.days, one.has_owner) for one in ideas.cards] == [(3, 40, False), (1, 0, True)]
    assert [one.state for one in found.columns] == [
        "idea", "assessed", "prioritised", "pilot", "production", "scaled", "retired"
    ]  # fmt: skip
    page = company.client("employee", "S1").get(reverse("use_case_board")).content.decode()
    assert "and one more" in page
    assert "no result owner" in page
    assert 'role="region" tabindex="0"' in page


def test_pages_show_sentence_table_and_files(company: Company, lead: Actor, idea: CaseReport) -> None:
    estimate(lead, idea.line.use_case_id, (100, 200, 400), (50, 80, 90))
    client = company.client("employee", "S1")
    address = reverse("use_case_map")
    page = client.get(address, {"unit": str(company.unit("K")), "horizon": "x"}).content.decode()
    assert "Estimated: 1 of 1." in page
    assert f"/use-cases/map/drawing/?form=json&amp;unit={company.unit('K')}" in page
    chart = client.get(reverse("use_case_map_chart"), {"form": "json"}).json()
    assert chart["layer"][4]["data"]["values"][0]["name"].startswith("UC-1 ")
    assert client.get(reverse("use_case_map_chart"), {"form": "svg"}).content.startswith(b"<svg")
    assert client.get(reverse("use_case_map_chart"), {"form": "png"}).content.startswith(b"\x89PNG")
    assert client.get(reverse("use_case_map_chart"), {"form": "exe"}).status_code == 404
    csv = client.get(address, {"map-cases.export": "csv"}).content.decode()
    # Likely, low, high of benefit and of effort, to the cent.
    assert "Idea,Motor,200.0,100.0,400.0,80.0,50.0,90.0,1" in csv
    ranking = client.get(reverse("use_case_ranking"), {"method": "net", "budget": "80"}).content.decode()
    assert "With a budget of €80 the line stands after 1 of them." in ranking
    refused = client.get(reverse("use_case_ranking"), {"budget": "lots"})
    assert (refused.status_code, "This is no budget" in refused.content.decode()) == (200, True)


def test_harm_can_be_entered_in_the_form(company: Company, idea: CaseReport) -> None:
    client = company.client("team_lead", "K1")
    form = {
        "benefit_low": "-1,000", "benefit_likely": "−500", "benefit_high": "200", "effort_low": "1",
        "effort_likely": "2", "effort_high": "3",
    }  # fmt: skip
    assert client.post(reverse("give_estimate", args=[idea.line.use_case_id]), form).status_code == 302
    (point,) = effort_benefit_map(actor=company.actor("employee", "S1")).points
    assert (point.benefit.low, point.benefit.likely, point.benefit.high) == (-1000, -500, 200)
    again = client.get(reverse("give_estimate", args=[idea.line.use_case_id])).content.decode()
    assert 'value="-500.00"' in again
    refused = client.post(reverse("give_estimate", args=[idea.line.use_case_id]), {**form, "effort_low": "-1"})
    assert refused.status_code == 422


def test_scores_weights_and_benefits_are_entered_on_their_pages(company: Company, idea: CaseReport) -> None:
    one, client = idea.line.use_case_id, company.client("team_lead", "K1")
    address = reverse("score_use_case", args=[one, "rice"])
    assert "some evidence, such as counts or a comparison" in client.get(address).content.decode()
    form = {"reach": "500", "impact": "2.0", "confidence": "0.8", "months": "4"}
    assert client.post(address, form).status_code == 302
    assert 'value="0.8" id="id_confidence_1" required checked' in client.get(address).content.decode().replace(
        'required id="id_confidence_1"', 'id="id_confidence_1" required'
    )
    criteria = reverse("score_use_case", args=[one, "criteria"])
    assert client.post(criteria, {"goal": "5.0", "relief": ""}).status_code == 302
    assert client.get(reverse("score_use_case", args=[one, "net"])).status_code == 404
    boss = company.client("programme_lead")
    weights = {"goal": 1, "relief": 0, "data": 0, "control": 0, "reuse": 0, "reason": "Goals", "based_on": 0}
    assert boss.post(reverse("set_weights"), weights).status_code == 302
    ranking = client.get(reverse("use_case_ranking"), {"method": "criteria"}).content.decode()
    assert "version 1" in ranking
    assert boss.post(reverse("set_weights"), weights).status_code == 422
    realised = {"amount": "-300", "seen_on": "2026-02-01", "document": "Report 7"}
    assert client.post(reverse("declare_realised", args=[one]), realised).status_code == 302
    assert "Report 7" in client.get(reverse("promised_realised")).content.decode()


def test_promised_is_what_was_said_before_production_and_small_groups_are_withheld(
    company: Company, lead: Actor
) -> None:
    crowd = [company.actor("champion", unit, at=AT) for unit in ("C", "K", "K1")]
    crowd += [company.actor("team_lead", "K1"), company.actor("department_lead", "K"), company.actor("executive")]
    finance, hr = (register(company, lead, title).line.use_case_id for title in ("Invoices", "Letters"))
    rows = UseCase.objects.everything(because="the test sets their functions")
    rows.filter(id=finance).update(function="finance")
    rows.filter(id=hr).update(function="hr")
    for actor, benefit in zip(crowd, (100, 100, 100, 100, 100, 400), strict=True):
        estimate(actor, finance, (benefit, benefit, benefit), (1, 1, 1))
    for actor in crowd[:2]:
        estimate(actor, hr, (50, 50, 50), (1, 1, 1))
    CaseStep.objects.create(use_case_id=finance, source="pilot", target="production", at=AT + timedelta(days=1))
    later = company.actor("champion", "K1", at=AT + timedelta(days=2))
    estimate(later, finance, (75, 75, 75), (1, 1, 1))  # said when it was seen already: no promise
    boss = company.actor("programme_lead", at=AT + timedelta(days=30))
    day = TODAY + timedelta(days=20)
    for case, amount in ((finance, 75), (hr, 50)):
        scores.declare_realised(actor=boss, use_case_id=case, amount=Decimal(amount), seen_on=day, document="Report")
    found = promised_realised(actor=boss)
    whole, *groups = found.lines
    assert (found.declared, found.compared, found.least) == (2, 2, 5)
    # Only hr is below the floor; finance, the next smallest, is withheld with it, or hr would follow from the whole.
    assert [(one.function, one.withheld, one.ratio) for one in groups] == [("finance", True, None), ("hr", True, None)]
    # Promised: finance (5 · 100 + 400) ÷ 6 = 150, hr 50. Mean of 75 ÷ 150 and 50 ÷ 50 = 0.75.
    assert (whole.cases, whole.ratio, whole.promised, whole.realised) == (2, 0.75, 200, 125)


def test_a_benefit_needs_a_ground_a_day_that_is_over_and_the_right(
    company: Company, lead: Actor, idea: CaseReport
) -> None:
    one, given = idea.line.use_case_id, {"amount": Decimal(10), "seen_on": TODAY, "document": "Report"}
    for changed, code in (
        ({"document": ""}, "realised_without_ground"),
        ({"seen_on": TODAY + timedelta(days=1)}, "realised_in_the_future"),
        ({"amount": Decimal("0.001")}, "amount_invalid"),
        ({"amount": Decimal("NaN")}, "amount_invalid"),
    ):
        with pytest.raises(InputError, match=code):
            scores.declare_realised(actor=lead, use_case_id=one, **{**given, **changed})
    for actor in (company.actor("employee", "K1"), company.actor("team_lead", "S1")):
        with pytest.raises(NotAllowedError):
            scores.declare_realised(actor=actor, use_case_id=one, **given)
    scores.declare_realised(actor=lead, use_case_id=one, **given)
    again = scores.declare_realised(actor=lead, use_case_id=one, **{**given, "amount": Decimal(-20)})
    assert again.amount == -20
    assert [each.amount for each in promised_realised(actor=lead).cases] == [-20]
