"""Registering an idea, and two people changing it at once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import UseCase
from pegel_web.portfolio.queries.use_cases import use_case, use_case_list
from pegel_web.portfolio.services import moves
from pegel_web.portfolio.services import use_cases as services
from tests.pegel_web.company import Company
from tests.pegel_web.portfolio.conftest import PAIN


def test_four_fields_make_an_idea(company: Company, lead: Actor, idea: CaseReport) -> None:
    assert (idea.line.number, idea.line.state, idea.line.title) == (1, "idea", PAIN)
    assert idea.content.hoped_effect == "Two days less"
    assert idea.wait.standing == "not_named"
    assert [one.code for one in idea.criteria if one.standing != "met"] == ["place", "estimated"]
    second = services.register_idea(actor=lead, pain="Mail is typed twice. By hand.", unit_id=company.unit("K1"))
    assert (second.line.number, second.line.title) == (2, "Mail is typed twice")
    assert [one.number for one in use_case_list(actor=lead).lines] == [2, 1]


def test_an_idea_that_begins_with_a_tool_is_warned_of(company: Company, lead: Actor) -> None:
    made = services.register_idea(
        actor=lead, pain="", title="Use the new chat", unit_id=company.unit("K1"), origin="tool"
    )
    assert made.warnings == ("tool_first",)
    better = services.change_use_case(
        actor=lead, use_case_id=made.line.use_case_id, changes={"pain": PAIN, "goal": "Pay within ten days"}
    )
    assert better.warnings == ()


def test_everybody_may_register_and_mend_their_own_idea(company: Company) -> None:
    clerk = company.actor("employee", "S1")
    made = services.register_idea(actor=clerk, pain=PAIN, unit_id=company.unit("S1"), shadow=True)
    assert (made.line.shadow, made.may_change) == (True, True)
    services.change_use_case(actor=clerk, use_case_id=made.line.use_case_id, changes={"pain": "Four signatures"})
    other = company.actor("employee", "S2")
    with pytest.raises(NotAllowedError):
        services.change_use_case(actor=other, use_case_id=made.line.use_case_id, changes={"pain": "Mine"})
    # Whoever sees that it hurts elsewhere may say so; it is theirs there, too, while it is an idea.
    there = services.register_idea(actor=clerk, pain=PAIN, unit_id=company.unit("K1"))
    assert (there.line.unit_name, there.may_change) == ("Motor", True)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"pain": "x" * 4001}, "text_too_long"),
        ({"pain": "a\u202eb"}, "text_unprintable"),
        ({"pain": " ", "title": ""}, "text_missing"),
        ({"origin": "greed"}, "word_unknown"),
        ({"step": "Review"}, "step_without_stream"),
        ({"horizon": 4}, "horizon_unknown"),
        ({"amount": Decimal("-1")}, "amount_invalid"),
        ({"amount": Decimal("NaN")}, "amount_invalid"),
    ],
)
def test_what_cannot_be_kept_is_refused(company: Company, lead: Actor, given: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as refused:
        services.register_idea(actor=lead, **{"pain": PAIN, "unit_id": company.unit("K1"), **given})  # type: ignore[arg-type]  # on purpose
    assert refused.value.code == code
    assert UseCase.objects.everything(because="to count them").count() == 0


def test_two_people_change_different_fields_and_both_stay(lead: Actor, department: Actor, idea: CaseReport) -> None:
    one = idea.line.use_case_id
    services.change_use_case(actor=department, use_case_id=one, changes={"goal": "Faster"}, based_on=1)
    # The second form still holds the old goal, because its page was loaded before.
    made = services.change_use_case(
        actor=lead, use_case_id=one, changes={"goal": "", "pain": "Four signatures"}, based_on=1
    )
    assert (made.content.goal, made.content.pain, made.line.revision) == ("Faster", "Four signatures", 3)


def test_two_people_change_the_same_field_and_nothing_is_lost(lead: Actor, department: Actor, idea: CaseReport) -> None:
    one = idea.line.use_case_id
    services.change_use_case(actor=department, use_case_id=one, changes={"pain": "Five signatures"}, based_on=1)
    with pytest.raises(ConflictError) as refused:
        services.change_use_case(actor=lead, use_case_id=one, changes={"pain": "Four", "goal": "x"}, based_on=1)
    assert refused.value.code == "use_case_changed_meanwhile"
    assert refused.value.values["fields"] == ["pain"]
    assert use_case(actor=lead, use_case_id=one).content.pain == "Five signatures"
    # Whoever has seen both versions decides.
    made = services.change_use_case(actor=lead, use_case_id=one, changes={"pain": "Four"}, based_on=2)
    assert made.content.pain == "Four"


def test_both_wrote_the_same_words_is_no_conflict(lead: Actor, department: Actor, idea: CaseReport) -> None:
    one = idea.line.use_case_id
    services.change_use_case(actor=department, use_case_id=one, changes={"pain": "Four"}, based_on=1)
    made = services.change_use_case(actor=lead, use_case_id=one, changes={"pain": "Four"}, based_on=1)
    assert made.line.revision == 2


def test_the_audit_holds_before_and_after(lead: Actor, idea: CaseReport) -> None:
    services.change_use_case(actor=lead, use_case_id=idea.line.use_case_id, changes={"horizon": 2})
    entry = AuditEntry.objects.everything(because="the test reads it").get(event="portfolio.use_case.changed")
    assert (entry.before, entry.after) == ({"horizon": None}, {"horizon": 2})


def test_strangers_see_nothing(company: Company, idea: CaseReport) -> None:
    stranger = company.actor("agent", "S1")
    narrow = Actor(person_id=stranger.person_id, at=stranger.at, through=stranger.through, request_id="x")
    with pytest.raises(NotFoundError):
        use_case(actor=narrow, use_case_id=idea.line.use_case_id)
    with pytest.raises(NotAllowedError):
        use_case_list(actor=narrow)


def test_the_list_finds_by_words_and_state(company: Company, lead: Actor, idea: CaseReport) -> None:
    services.register_idea(actor=lead, pain="Mail is typed twice", unit_id=company.unit("K1"))
    assert [one.number for one in use_case_list(actor=lead, text="SIGNATURES").lines] == [1]
    assert [one.number for one in use_case_list(actor=lead, unit_id=company.unit("K")).lines] == [2, 1]
    assert use_case_list(actor=lead, unit_id=company.unit("S")).lines == ()
    found = use_case_list(actor=lead)
    assert (found.total, found.by_state["idea"], found.by_state["pilot"]) == (2, 2, 0)


def test_a_step_taken_meanwhile_keeps_nobody_from_writing(lead: Actor, department: Actor, idea: CaseReport) -> None:
    one = idea.line.use_case_id
    moves.move_use_case(actor=department, use_case_id=one, target=CaseState.PARKED, reason="Next year")
    services.change_use_case(actor=department, use_case_id=one, changes={"goal": "Faster"}, based_on=2)
    # The page was loaded after the step and before the change of somebody else.
    made = services.change_use_case(actor=lead, use_case_id=one, changes={"pain": "Four"}, based_on=2)
    assert (made.content.goal, made.content.pain, made.line.state) == ("Faster", "Four", "parked")
