"""Scores on absolute scales: the arithmetic, what is not scored, and that one idea more changes no other's score."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.portfolio.contracts.scoring import CaseRanking
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.models import CaseScore, UseCase
from pegel_web.portfolio.queries.ranking import case_ranking
from pegel_web.portfolio.queries.scores import criteria_weights
from pegel_web.portfolio.scoring import CRITERIA, Method, Said, by_estimates, by_inputs
from pegel_web.portfolio.services import estimates, scores
from pegel_web.portfolio.services import use_cases as services
from tests.pegel_web.company import Company
from tests.pegel_web.portfolio.conftest import euros

WSJF = {"user_value": 8.0, "time_criticality": 5.0, "risk_reduction": 2.0, "job_size": 5.0}
RICE = {"reach": 500.0, "impact": 2.0, "confidence": 0.8, "months": 4.0}
FIVES = dict.fromkeys(CRITERIA, 4.0)


def register(company: Company, actor: Actor, title: str, unit: str = "K1") -> CaseReport:
    return services.register_idea(actor=actor, pain=title, unit_id=company.unit(unit))


def by_number(found: CaseRanking) -> dict[int, tuple[int | None, float | None]]:
    return {one.number: (one.place, one.score) for one in found.lines}


def test_rice_wsjf_and_criteria_by_hand() -> None:
    # 500 people · 2 · 80 % ÷ 4 person-months = 200.
    assert by_inputs(Method.RICE, [RICE], {}).value == pytest.approx(200)
    # (8 + 5 + 2) ÷ 5 = 3; a second person with size 3 says 5: mean 4, from 3 to 5.
    found = by_inputs(Method.WSJF, [WSJF, {**WSJF, "job_size": 3.0}], {})
    assert (found.value, found.low, found.high, found.people) == (4, 3, 5, 2)
    # (2 · 5 + 1 · 2) ÷ 3 = 4; a criterion that weighs nothing need not be judged.
    weights = {"goal": 2, "relief": 1, "data": 0}
    assert by_inputs(Method.CRITERIA, [{"goal": 5.0, "relief": 2.0}], weights).value == 4


def test_who_left_out_what_counts_does_not_count_and_nothing_is_not_zero() -> None:
    weights = {"goal": 1, "relief": 1}
    found = by_inputs(Method.CRITERIA, [{"goal": 5.0}, {"goal": 3.0, "relief": 1.0}], weights)
    assert (found.value, found.people) == (2, 1)
    nothing = by_inputs(Method.CRITERIA, [{"goal": 5.0}], weights)
    assert (nothing.standing, nothing.value) == ("not_scored", None)
    assert by_estimates(Method.NET, []).standing == "not_scored"


def test_net_and_ratio_by_hand() -> None:
    said = [Said(benefit=300, effort=100), Said(benefit=-100, effort=100)]
    # Means: benefit 100, effort 100: net 0, ratio 1; one says +200, the other −200.
    net = by_estimates(Method.NET, said)
    assert (net.value, net.low, net.high) == (0, -200, 200)
    assert by_estimates(Method.RATIO, said).value == 1
    assert by_estimates(Method.RATIO, [Said(benefit=5, effort=0)]).standing == "undefined"


def test_the_ranking_has_the_best_first_and_what_nobody_scored_last(company: Company, lead: Actor) -> None:
    small, large, third = (register(company, lead, title) for title in ("Small", "Large", "Third"))
    for case, job_size in ((small, 5.0), (large, 1.0)):
        scores.give_score(
            actor=lead, use_case_id=case.line.use_case_id, method=Method.WSJF, values={**WSJF, "job_size": job_size}
        )
    found = case_ranking(actor=lead, method=Method.WSJF)
    # 15 ÷ 1 = 15 before 15 ÷ 5 = 3; the third has no score, which is not zero.
    assert [(one.number, one.place, one.score) for one in found.lines] == [(2, 1, 15), (1, 2, 3), (3, None, None)]
    assert (found.scored, found.total, third.line.number) == (2, 3, 3)


def test_ones_last_entry_counts_and_two_people_are_both_heard(
    company: Company, lead: Actor, department: Actor, idea: CaseReport
) -> None:
    one = idea.line.use_case_id
    for actor, size in ((lead, 20.0), (lead, 5.0), (department, 3.0)):
        scores.give_score(actor=actor, use_case_id=one, method=Method.WSJF, values={**WSJF, "job_size": size})
    (line,) = case_ranking(actor=lead, method=Method.WSJF).lines
    # The lead's 15 ÷ 20 was overtaken by 15 ÷ 5 = 3; the department says 15 ÷ 3 = 5.
    assert (line.score, line.low, line.high, line.people) == (4, 3, 5, 2)
    assert CaseScore.objects.count() == 3


def test_the_cut_line_stops_at_the_first_that_does_not_fit_and_marks_what_runs(company: Company, lead: Actor) -> None:
    for title, benefit, effort in (("A", 900, 100), ("B", 800, 500), ("C", 400, 200), ("D", 150, 100)):
        case = register(company, lead, title).line.use_case_id
        amounts = {"benefit": euros(benefit, benefit, benefit), "effort": euros(effort, effort, effort)}
        estimates.give_estimate(actor=lead, use_case_id=case, **amounts)
    register(company, lead, "E")
    UseCase.objects.everything(because="the test moves them").filter(number__in=[1, 4]).update(state="pilot")
    found = case_ranking(actor=lead, method=Method.NET, budget=500)
    # Net: A 800, B 300, C 200, D 50. Efforts add up to 100, 600, 800, 900: the line at 500 stands after A.
    assert [(one.title, one.score, one.effort_so_far, one.side, one.running_below) for one in found.lines] == [
        ("A", 800, 100, "above", False),
        ("B", 300, 600, "below", False),
        ("C", 200, 800, "below", False),
        ("D", 50, 900, "below", True),
        ("E", None, None, "unknown", False),
    ]
    assert (found.above, found.running_below) == (1, 1)
    assert {one.side for one in case_ranking(actor=lead).lines} == {"none"}
    with pytest.raises(InputError, match="budget_invalid"):
        case_ranking(actor=lead, budget=float("nan"))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 10**9), st.sampled_from([1.0, 2.0, 20.0])),
        min_size=2, max_size=5,
    )
)  # fmt: skip
def test_one_idea_more_never_changes_the_score_of_another(
    company: Company, lead: Actor, said: list[tuple[int, int, float]]
) -> None:
    UseCase.objects.everything(because="the example before is gone").all().delete()
    for number, (benefit, effort, size) in enumerate(said):
        before = {method: by_number(case_ranking(actor=lead, method=method)) for method in Method}
        case = register(company, lead, f"Idea {number}").line.use_case_id
        estimates.give_estimate(
            actor=lead, use_case_id=case, benefit=euros(benefit, benefit, benefit), effort=euros(effort, effort, effort)
        )
        entered = (
            (Method.WSJF, {**WSJF, "job_size": size}),
            (Method.RICE, {**RICE, "months": size}),
            (Method.CRITERIA, {**FIVES, "goal": min(size, 5.0)}),
        )
        for method, values in entered:
            scores.give_score(actor=lead, use_case_id=case, method=method, values=values)
        for method, known in before.items():
            after = by_number(case_ranking(actor=lead, method=method))
            assert {one: after[one][1] for one in known} == {one: score for one, (_, score) in known.items()}


@pytest.mark.parametrize(
    ("method", "values", "code"),
    [
        (Method.NET, {"reach": 1.0}, "score_by_estimates"),
        (Method.RICE, {**RICE, "luck": 1.0}, "score_input_unknown"),
        (Method.RICE, {"reach": 1.0}, "score_input_missing"),
        (Method.RICE, {**RICE, "months": 0.0}, "score_value_unknown"),
        (Method.RICE, {**RICE, "reach": float("inf")}, "score_value_unknown"),
        (Method.RICE, {**RICE, "reach": float("nan")}, "score_value_unknown"),
        (Method.RICE, {**RICE, "confidence": 0.9}, "score_value_unknown"),
        (Method.WSJF, {**WSJF, "job_size": 4.0}, "score_value_unknown"),
        (Method.CRITERIA, {}, "score_input_missing"),
    ],
)
def test_what_is_no_value_of_the_scale_is_refused(
    lead: Actor, idea: CaseReport, method: Method, values: dict[str, float], code: str
) -> None:
    with pytest.raises(InputError) as refused:
        scores.give_score(actor=lead, use_case_id=idea.line.use_case_id, method=method, values=values)
    assert refused.value.code == code
    assert CaseScore.objects.count() == 0


def test_only_who_may_estimate_scores(company: Company, idea: CaseReport) -> None:
    for actor in (company.actor("employee", "K1"), company.actor("team_lead", "S1")):
        with pytest.raises(NotAllowedError):
            scores.give_score(actor=actor, use_case_id=idea.line.use_case_id, method=Method.WSJF, values=WSJF)


def test_weights_are_versions_and_change_the_score_but_not_what_people_said(
    company: Company, lead: Actor, idea: CaseReport
) -> None:
    boss = company.actor("programme_lead")
    values = {"goal": 5.0, "relief": 2.0, "data": 2.0, "control": 2.0, "reuse": 2.0}
    scores.give_score(actor=lead, use_case_id=idea.line.use_case_id, method=Method.CRITERIA, values=values)
    # All weigh the same: (5 + 4 · 2) ÷ 5 = 2.6.
    assert case_ranking(actor=lead, method=Method.CRITERIA).lines[0].score == pytest.approx(2.6)
    weights = {**dict.fromkeys(CRITERIA, 0), "goal": 2, "relief": 1}
    made = scores.set_weights(actor=boss, weights=weights, reason="Goals first", based_on=0)
    assert (made.version, made.reason) == (1, "Goals first")
    # (2 · 5 + 1 · 2) ÷ 3 = 4.
    found = case_ranking(actor=lead, method=Method.CRITERIA)
    assert (found.lines[0].score, found.weights_version) == (4, 1)
    entry = AuditEntry.objects.everything(because="the test reads it").get(event="portfolio.weights.set")
    assert (entry.before["goal"], entry.after["goal"]) == (20, 2)
    with pytest.raises(ConflictError, match="weights_changed_meanwhile"):
        scores.set_weights(actor=boss, weights=weights, reason="Twice", based_on=0)
    for wrong in ({"goal": 1}, dict.fromkeys(CRITERIA, 0), {**weights, "goal": 101}):
        with pytest.raises(InputError, match="weights_invalid"):
            scores.set_weights(actor=boss, weights=wrong, reason="x")
    with pytest.raises(NotAllowedError):
        scores.set_weights(actor=lead, weights=weights, reason="x")
    assert criteria_weights(actor=lead).version == 1


def test_an_amount_in_a_ranking_is_told_to_the_cent(company: Company, lead: Actor, idea: CaseReport) -> None:
    third = Decimal("33.33")
    amounts = {"benefit": euros(100, 100, 100), "effort": euros(0, 0, 0)}
    estimates.give_estimate(actor=lead, use_case_id=idea.line.use_case_id, **amounts)
    amounts["effort"] = type(amounts["effort"])(low=third, likely=third, high=third)
    estimates.give_estimate(actor=lead, use_case_id=idea.line.use_case_id, **amounts)
    (line,) = case_ranking(actor=lead, budget=33.33).lines
    assert (line.effort, line.side) == (33.33, "above")
