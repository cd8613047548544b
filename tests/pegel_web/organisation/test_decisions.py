"""The decision log: to the lowest level that may decide, once, with what was said."""

from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import close_old_connections, connection

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor, Risk, Through
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.contracts.decisions import DecisionRecord, DecisionState
from pegel_web.organisation.models import Decision, FrameEntry, Person, RoleAssignment
from pegel_web.organisation.models.decisions import Outcome
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.queries.decision_summary import decision_summary
from pegel_web.organisation.queries.decisions import decision, decision_log
from pegel_web.organisation.queries.right_holders import right_holders, top_of
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.services.decisions import raise_decision, take_decision, withdraw_decision
from pegel_web.organisation.services.delegations import give_delegation
from tests.pegel_web.company import AT, FROM, Company, make_company

TAKE = "organisation.decision.take"


def again(company: Company, name: str, *, days: float = 0) -> Actor:
    at = AT + timedelta(days=days)
    return actor_of(company.people[name], at=at, through=Through.WEB, request_id="test-request", language="en")


@pytest.fixture
def limited(company: Company) -> Company:
    """Teams decide up to 1,000 EUR and low risk, departments up to 20,000 and medium; the rest is the executive's."""
    for level, amount, risk in (("team", 1_000, 1), ("department", 20_000, 2)):
        FrameEntry.objects.create(
            unit=company.units["C"], kind="limit", text=level, amount=amount, risk=risk, level=level, valid_from=FROM
        )
    company.person("Team", "team_lead", "K1")
    company.person("Department", "department_lead", "K")
    company.person("Top", "executive", "C")
    company.person("Asker", "employee", "K1")
    return company


def ask(company: Company, *, amount: object = 500, risk: Risk | None = Risk.LOW, unit: str = "K1") -> DecisionRecord:
    return raise_decision(
        actor=again(company, "Asker"), title="Buy a licence?", unit_id=company.unit(unit),
        amount=None if amount is None else Decimal(str(amount)), risk=risk,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "risk", "level", "who"),
    [
        (1000, Risk.LOW, "team", "Team"),
        ("1000.01", Risk.LOW, "department", "Department"),
        (0, Risk.MEDIUM, "department", "Department"),
        (20_000, Risk.MEDIUM, "department", "Department"),
        (20_000, Risk.HIGH, "organisation", "Top"),
        ("20000.01", Risk.LOW, "organisation", "Top"),
        (None, Risk.LOW, "organisation", "Top"),
        (0, None, "organisation", "Top"),
    ],
)
def test_a_question_goes_to_the_lowest_level_that_may_decide_it(
    limited: Company, amount: object, risk: Risk | None, level: str, who: str
) -> None:
    asked = ask(limited, amount=amount, risk=risk)
    assert (asked.level, asked.deciders, asked.nobody_may) == (level, (who,), False)
    may = {
        name: decision(actor=again(limited, name), decision_id=asked.decision_id).may_take
        for name in ("Team", "Department", "Top")
    }
    order = ["Team", "Department", "Top"]
    assert may == {name: order.index(name) >= order.index(who) for name in order}


def test_without_a_lead_it_goes_one_level_up_and_without_anybody_the_log_says_so(company: Company) -> None:
    company.person("Asker", "employee", "K1")
    company.person("Department", "department_lead", "K")
    assert ask(company).level == "department"
    RoleAssignment.objects.everything(because="test").filter(role="department_lead").delete()
    alone = ask(company)
    assert (alone.level, alone.deciders, alone.nobody_may) == ("organisation", (), True)


def test_where_it_waits_follows_the_roles_of_today(limited: Company) -> None:
    asked = ask(limited)
    RoleAssignment.objects.everything(because="test").filter(role="team_lead").update(valid_until=AT.date())
    now = decision(actor=again(limited, "Top"), decision_id=asked.decision_id)
    assert (now.level, now.routed_level, now.deciders) == ("department", "team", ("Department",))


def test_questions_of_one_unit_go_each_to_who_may_decide_its_amount(limited: Company) -> None:
    asked = {one.decision_id: one for one in (ask(limited, amount=amount) for amount in (500, 15_000, 500, 90_000))}
    log = {one.decision_id: one for one in decision_log(actor=again(limited, "Asker"))}
    assert {name: (one.level, one.deciders) for name, one in log.items()} == {
        name: (one.level, one.deciders) for name, one in asked.items()
    }
    assert sorted(one.level for one in log.values()) == ["department", "organisation", "team", "team"]


def test_deciding_is_recorded_with_level_reason_and_trace(limited: Company) -> None:
    asked = ask(limited)
    taken = take_decision(
        actor=again(limited, "Team", days=2.5), decision_id=asked.decision_id, outcome=Outcome.APPROVED_WITH_CONDITIONS,
        conditions="Only for\r\nthree seats", reason="cheap", review_date=date(2026, 9, 1),
    )  # fmt: skip
    assert (taken.state, taken.outcome, taken.conditions) == (
        DecisionState.DECIDED, "approved_with_conditions", "Only for\nthree seats",
    )  # fmt: skip
    assert (taken.level, taken.days, taken.by_delegation, taken.above_its_level) == ("team", 2.5, False, False)
    entry = AuditEntry.objects.everything(because="test").get(event="organisation.decision.taken")
    assert entry.unit_id == limited.unit("K1")
    assert entry.after == {
        "outcome": "approved_with_conditions", "level": "team", "decided_at_unit": str(limited.unit("K1")),
        "right": "role:team_lead", "amount": "500.00", "risk": 1, "review_date": "2026-09-01",
    }  # fmt: skip


def test_who_pulls_a_question_up_is_visible(limited: Company) -> None:
    asked = ask(limited)
    taken = take_decision(actor=again(limited, "Top"), decision_id=asked.decision_id, outcome=Outcome.APPROVED)
    assert (taken.level, taken.routed_level, taken.above_its_level) == ("organisation", "team", True)


def test_deciding_by_delegation_counts_where_the_delegation_stands(limited: Company) -> None:
    deputy = limited.person("Deputy", "employee", "S1")
    asked = ask(limited, amount=5_000)
    with pytest.raises(NotFoundError):
        take_decision(actor=again(limited, "Deputy"), decision_id=asked.decision_id, outcome=Outcome.APPROVED)
    give_delegation(
        actor=again(limited, "Department"), to_person_id=deputy.id, permission=TAKE, unit_id=limited.unit("K1"),
        most_amount=Decimal(5_000), most_risk=Risk.LOW,
    )  # fmt: skip
    seen = decision(actor=again(limited, "Deputy"), decision_id=asked.decision_id)
    assert (seen.level, seen.deciders, seen.raised_by_name, seen.may_take) == ("team", ("Deputy",), None, True)
    taken = take_decision(actor=again(limited, "Deputy"), decision_id=asked.decision_id, outcome=Outcome.APPROVED)
    assert (taken.level, taken.by_delegation, taken.decided_by_name) == ("team", True, "Deputy")


def test_beyond_the_limit_is_refused(limited: Company) -> None:
    asked = ask(limited, amount=1_500)
    with pytest.raises(NotAllowedError) as refused:
        take_decision(actor=again(limited, "Team"), decision_id=asked.decision_id, outcome=Outcome.APPROVED)
    assert refused.value.code == "beyond_limit"
    with pytest.raises(NotAllowedError) as refused:
        take_decision(actor=again(limited, "Asker"), decision_id=asked.decision_id, outcome=Outcome.APPROVED)
    assert refused.value.code == "not_allowed"


def test_an_agent_decides_nothing_even_with_its_persons_rights(limited: Company) -> None:
    agent = Person.objects.create(kind="agent", answers_for=limited.people["Team"], created_at=AT)
    limited.people["Agent"] = agent
    limited.person("Agent", "team_lead", "K1")
    asked = ask(limited)
    assert asked.deciders == ("Team",)
    with pytest.raises(NotAllowedError) as refused:
        take_decision(actor=again(limited, "Agent"), decision_id=asked.decision_id, outcome=Outcome.APPROVED)
    assert refused.value.code == "decision_needs_a_person"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"outcome": Outcome.REJECTED}, "text_missing"),
        ({"outcome": Outcome.APPROVED_WITH_CONDITIONS}, "text_missing"),
        ({"outcome": Outcome.WITHDRAWN}, "outcome_not_possible"),
        ({"review_date": AT.date()}, "review_in_the_past"),
        ({"review_date": date(9000, 1, 1)}, "date_out_of_range"),
        ({"reason": "x" * 4_001}, "text_too_long"),
        ({"reason": "x" * 10_000_000}, "text_too_long"),
        ({"reason": "a\0"}, "text_unprintable"),
        ({"reason": "a\n\u202eb"}, "text_unprintable"),
    ],
)
def test_what_is_no_decision(limited: Company, changed: dict[str, object], code: str) -> None:
    asked = ask(limited)
    values = {"outcome": Outcome.APPROVED, **changed}
    with pytest.raises(InputError) as refused:
        take_decision(actor=again(limited, "Team"), decision_id=asked.decision_id, **values)
    assert refused.value.code == code
    assert decision(actor=again(limited, "Team"), decision_id=asked.decision_id).state is DecisionState.OPEN


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "a\nb", "a\0b", "\u202egnp"])
def test_what_is_no_title(limited: Company, title: str) -> None:
    with pytest.raises(InputError):
        raise_decision(actor=again(limited, "Asker"), title=title, unit_id=limited.unit("K1"))


def test_texts_stay_as_they_are(limited: Company) -> None:
    title = '=HYPERLINK("x") <script>alert(1)</script> Ä🙂'
    asked = raise_decision(actor=again(limited, "Asker"), title=title, unit_id=limited.unit("K1"), question="a\n\nb")
    assert (asked.title, asked.question) == (title, "a\n\nb")


def test_one_raises_only_in_ones_own_unit(limited: Company) -> None:
    with pytest.raises(NotAllowedError):
        ask(limited, unit="S1")
    with pytest.raises(NotFoundError):
        raise_decision(actor=again(limited, "Asker"), title="x", unit_id=uuid4())


def test_an_answer_is_final(limited: Company) -> None:
    asked = ask(limited)
    take_decision(actor=again(limited, "Team"), decision_id=asked.decision_id, outcome=Outcome.APPROVED)
    for name in ("Team", "Top"):
        with pytest.raises(ConflictError) as refused:
            take_decision(
                actor=again(limited, name), decision_id=asked.decision_id, outcome=Outcome.REJECTED, reason="no"
            )
        assert refused.value.code == "decision_already_taken"
    with pytest.raises(ConflictError):
        withdraw_decision(actor=again(limited, "Asker"), decision_id=asked.decision_id)


def test_only_who_asked_withdraws(limited: Company) -> None:
    asked = ask(limited)
    with pytest.raises(NotAllowedError):
        withdraw_decision(actor=again(limited, "Team"), decision_id=asked.decision_id)
    gone = withdraw_decision(actor=again(limited, "Asker"), decision_id=asked.decision_id, reason="done otherwise")
    assert (gone.state, gone.reason) == (DecisionState.WITHDRAWN, "done otherwise")
    seen = decision(actor=again(limited, "Team"), decision_id=asked.decision_id)
    assert (seen.raised_by_name, seen.decided_by_name) == ("Asker", "Asker")


@pytest.mark.parametrize(
    ("role", "unit", "sees"),
    [
        ("team_lead", "K1", True), ("team_lead", "K2", False), ("department_lead", "K", True),
        ("department_lead", "S", False), ("executive", "C", True), ("employee", "K1", False),
        ("compliance", "C", True), ("finance_controller", "C", True), ("works_council", "C", False),
        ("platform_engineer", "C", False), ("administrator", "C", True),
    ],
)  # fmt: skip
def test_who_sees_a_question(limited: Company, role: str, unit: str, *, sees: bool) -> None:
    asked = ask(limited)
    actor = limited.actor(role, unit)
    assert [one.decision_id for one in decision_log(actor=actor)] == ([asked.decision_id] if sees else [])
    if not sees:
        with pytest.raises(NotFoundError) as refused:
            decision(actor=actor, decision_id=asked.decision_id)
        assert refused.value.code == "decision_unknown"
    elif role == "finance_controller":
        assert decision_log(actor=actor)[0].raised_by_name is None


def test_the_log_filters(limited: Company) -> None:
    team, top = ask(limited), ask(limited, amount=None)
    take_decision(
        actor=again(limited, "Team"), decision_id=team.decision_id, outcome=Outcome.APPROVED,
        review_date=date(2026, 3, 20),
    )  # fmt: skip
    actor = again(limited, "Top")

    def found(**asked: object) -> list[object]:
        return [one.decision_id for one in decision_log(actor=actor, **asked)]

    assert found() == [top.decision_id, team.decision_id]
    assert found(state=DecisionState.OPEN) == [top.decision_id]
    assert found(state=DecisionState.DECIDED) == [team.decision_id]
    assert found(state=DecisionState.WITHDRAWN) == []
    assert found(level="team") == [team.decision_id]
    assert found(unit_id=limited.unit("K1")) == [top.decision_id, team.decision_id]
    assert found(unit_id=limited.unit("S")) == []
    assert found(review_before=date(2026, 3, 20)) == []
    assert found(review_before=date(2026, 3, 21)) == [team.decision_id]


def test_the_summary_counts_open_questions_and_keeps_the_group_floor(company: Company) -> None:
    """Ten questions decided at team level by five people after 1 … 10 days, ten still open after 20 days.

    S falls by 1/20 a day: after ten days it is 0.5, so the median is 10 days; 85% is not reached. Without the open ones
    the median would be 5.
    """
    asker = company.person("Asker", "employee", "C")
    deciders = [company.person(f"Lead{number}", "team_lead", "K1") for number in range(5)]
    start = AT - timedelta(days=20)
    team = {"unit": company.units["K1"], "asked_by_unit": company.units["K1"], "raised_by": asker, "raised_at": start}
    for day in range(1, 11):
        Decision.objects.create(
            title="decided", level="team", routed_level="team", decided_at=start + timedelta(days=day),
            decided_by=deciders[day % 5], outcome="approved", **team,
        )  # fmt: skip
        Decision.objects.create(title="open", level="team", routed_level="team", **team)
    for _ in range(4):
        Decision.objects.create(
            title="central", level="organisation", routed_level="team", decided_at=AT, decided_by=deciders[0],
            outcome="rejected", **team,
        )  # fmt: skip
    found = decision_summary(actor=company.actor("executive"))
    at_team, top = found.levels[0], found.levels[3]
    assert (at_team.level, at_team.raised, at_team.decided, at_team.open) == ("team", 20, 10, 10)
    assert (at_team.median.status, at_team.median.days, at_team.p85.status) == ("value", 10.0, "not_reached")
    assert (top.level, top.raised, top.median.status) == ("organisation", 4, "too_few")
    assert found.levels[1].median.status == "no_data"
    assert found.team_share == 10 / 14
    assert found.above_its_level == 4
    assert [(one.from_days, one.count) for one in found.open_by_age] == [(0, 0), (7, 10), (30, 0), (90, 0)]


def test_no_time_is_told_of_fewer_than_five_deciders(company: Company) -> None:
    asker, lead = company.person("Asker", "employee", "C"), company.person("Lead", "team_lead", "K1")
    for _ in range(9):
        Decision.objects.create(
            title="x", level="team", routed_level="team", decided_at=AT, decided_by=lead, outcome="approved",
            unit=company.units["K1"], asked_by_unit=company.units["K1"], raised_by=asker, raised_at=AT,
        )  # fmt: skip
    found = decision_summary(actor=company.actor("executive"))
    assert (found.overall.median.status, found.overall.decided, found.team_share) == ("too_few", 9, 1.0)
    nothing = decision_summary(actor=company.actor("department_lead", "S"))
    assert (nothing.overall.median.status, nothing.team_share) == ("no_data", None)
    with pytest.raises(InputError):
        decision_summary(actor=company.actor("executive"), months=7)


def test_everybodys_rights_agree_with_each_ones_own(limited: Company) -> None:
    """What the matrix says about a person is what that person's actor may do, for every unit, amount and risk."""
    deputy = limited.person("Deputy", "employee", "S1")
    limited.person("Second", "department_lead", "S")
    give_delegation(
        actor=again(limited, "Department"), to_person_id=deputy.id, permission=TAKE, unit_id=limited.unit("K"),
        most_amount=Decimal(3_000), most_risk=Risk.MEDIUM,
    )  # fmt: skip
    give_delegation(
        actor=again(limited, "Top"), to_person_id=limited.people["Second"].id, permission=TAKE,
        unit_id=limited.unit("C"), most_amount=Decimal(70_000),
    )  # fmt: skip
    structure = structure_on(AT.date())
    holders = right_holders({TAKE}, structure)
    for name, person in limited.people.items():
        actor = again(limited, name)
        for unit in limited.units.values():
            theirs = [one.grant for one in holders.over(TAKE, unit.id) if one.person_id == person.id]
            own = [grant for grant in actor.grants_of(TAKE) if grant.reaches(unit.id)]
            assert sorted(map(str, theirs)) == sorted(map(str, own)), name
            assert {one.top for one in holders.over(TAKE, unit.id) if one.person_id == person.id} == {
                top_of(grant, structure) for grant in own
            }


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told() -> None:
    company = make_company()
    company.person("Asker", "employee", "K1")
    names = [f"Lead{number}" for number in range(6)]
    for name in names:
        company.person(name, "team_lead", "K1")
    asked = ask(company)
    barrier, said = Barrier(len(names)), []

    def decide(actor: Actor) -> None:
        try:
            barrier.wait(10)
            take_decision(actor=actor, decision_id=asked.decision_id, outcome=Outcome.APPROVED)
            said.append("done")
        except ConflictError as error:
            said.append(error.code)
        finally:
            connection.close()

    threads = [Thread(target=decide, args=(again(company, name),)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == ["decision_already_taken"] * 5 + ["done"]
    assert AuditEntry.objects.everything(because="test").filter(event="organisation.decision.taken").count() == 1
    close_old_connections()
