"""The leadership frame: given from above, inherited downwards, enforced, and kept as it was."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor, Risk, Through
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.organisation.models import FrameEntry
from pegel_web.organisation.models.frame import FrameKind
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.queries.frame import frame_of
from pegel_web.organisation.services.frame import change_frame_entry, end_frame_entry, set_frame_entry
from tests.pegel_web.company import AT, FROM, Company

TAKE = "organisation.decision.take"
TODAY = AT.date()


def again(company: Company, name: str, *, days: int = 0) -> Actor:
    at = AT + timedelta(days=days)
    return actor_of(company.people[name], at=at, through=Through.WEB, request_id="test-request", language="en")


def entry(company: Company, unit: str, kind: str, text: str, **values: object) -> FrameEntry:
    return FrameEntry.objects.create(unit=company.units[unit], kind=kind, text=text, valid_from=FROM, **values)


def test_the_frame_is_inherited_with_where_it_comes_from(company: Company) -> None:
    entry(company, "C", "direction", "Serve faster")
    entry(company, "K", "direction", "Claims in a day")
    entry(company, "S", "direction", "Elsewhere")
    entry(company, "K", "offer", "Training on Fridays")
    entry(company, "C", "budget", "everything", amount=100)
    entry(company, "C", "limit", "teams", amount=10, level="team")
    entry(company, "C", "limit", "departments", amount=20, risk=2, level="department")
    found = frame_of(actor=company.actor("employee", "K1"), unit_id=company.unit("K1"))
    assert found.path == ("Company", "Claims", "Motor")
    assert [(one.text, one.unit_name, one.inherited) for one in found.direction] == [
        ("Serve faster", "Company", True), ("Claims in a day", "Claims", True),
    ]  # fmt: skip
    assert [one.text for one in found.offers] == ["Training on Fridays"]
    assert [one.text for one in found.limits] == ["teams"]
    assert (found.most_amount, found.most_risk) == (Decimal(10), None)
    assert (found.budgets, found.budget.status, found.changeable) == ((), "not_configured", ())
    above = frame_of(actor=company.actor("employee", "K1"), unit_id=company.unit("K"))
    assert [(one.text, one.inherited) for one in above.direction] == [
        ("Serve faster", True),
        ("Claims in a day", False),
    ]
    assert (above.most_amount, above.most_risk) == (Decimal(20), Risk.MEDIUM)


def test_budgets_given_further_down_are_set_against_the_one_above(company: Company) -> None:
    """C has 100; K 70 and S1 40 (S has none): 110 given, 10 too many. K gave 30 to K1 and 40 to K2: nothing left."""
    for unit, amount in (("C", 60), ("C", 40), ("K", 70), ("S1", 40), ("K1", 30), ("K2", 40)):
        entry(company, unit, "budget", "money", amount=amount)
    found = frame_of(actor=company.actor("executive"))
    assert (found.budget.budget, found.budget.given, found.budget.left) == (100, 110, -10)
    assert found.budget.over_committed
    assert [(one.unit_name, one.depth, one.budget, one.given, one.left, one.over_committed) for one in found.below] == [
        ("Claims", 1, 70, 70, 0, False),
        ("Household", 2, 40, 0, 40, False),
        ("Motor", 2, 30, 0, 30, False),
        ("Field sales", 2, 40, 0, 40, False),
    ]
    sales = frame_of(actor=company.actor("executive"), unit_id=company.unit("S")).budget
    assert (sales.status, sales.budget, sales.given, sales.left, sales.over_committed) == (
        "not_configured", None, 40, None, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "where", "unit", "kinds"),
    [
        ("executive", "C", "C", {"direction", "limit", "budget", "offer"}),
        ("executive", "C", "K", {"direction", "limit", "budget", "offer"}),
        ("department_lead", "K", "K", {"direction", "offer"}),
        ("department_lead", "K", "K1", {"direction", "limit", "budget", "offer"}),
        ("department_lead", "K", "S1", set()),
        ("team_lead", "K1", "K1", set()),
        ("employee", "C", "C", set()),
        ("administrator", "C", "C", set()),
    ],
)
def test_limits_and_money_come_from_above(company: Company, role: str, where: str, unit: str, kinds: set[str]) -> None:
    actor = company.actor(role, where)
    assert set(frame_of(actor=actor, unit_id=company.unit(unit)).changeable) == kinds
    for kind in FrameKind:
        values = {"actor": actor, "unit_id": company.unit(unit), "kind": kind, "text": "x"}
        amount = Decimal(1) if kind == FrameKind.BUDGET else None
        if str(kind) in kinds:
            set_frame_entry(amount=amount, **values)
        else:
            with pytest.raises(NotAllowedError):
                set_frame_entry(amount=amount, **values)
    assert FrameEntry.objects.everything(because="test").count() == len(kinds)


def test_a_limit_holds_from_its_first_day_to_its_last(company: Company) -> None:
    company.person("Lead", "team_lead", "K1")
    set_frame_entry(
        actor=company.actor("department_lead", "K"), unit_id=company.unit("K1"), kind=FrameKind.LIMIT, text="small",
        amount=Decimal(100), risk=Risk.LOW, valid_from=TODAY + timedelta(days=1), valid_until=TODAY + timedelta(days=3),
    )  # fmt: skip

    def may(days: int, amount: int, risk: Risk) -> bool:
        return again(company, "Lead", days=days).allows(
            TAKE, unit=company.unit("K1"), amount=Decimal(amount), risk=risk
        )

    assert [may(day, 101, Risk.LOW) for day in range(4)] == [True, False, False, True]
    assert [may(day, 100, Risk.MEDIUM) for day in range(4)] == [True, False, False, True]
    assert may(1, 100, Risk.LOW)


def test_a_limit_further_down_only_ever_narrows(company: Company) -> None:
    company.person("Lead", "team_lead", "K1")
    entry(company, "C", "limit", "departments", amount=1_000, level="department")
    entry(company, "K", "limit", "below", amount=500, risk=2)
    entry(company, "K1", "limit", "generous", amount=9_999, risk=3)
    grants = list(again(company, "Lead").grants_of(TAKE))
    assert [(one.most_amount, one.most_risk) for one in grants] == [(Decimal(500), Risk.MEDIUM)]
    (lead,) = company.actor("department_lead", "K").grants_of(TAKE)
    assert (lead.most_amount, lead.most_risk) == (Decimal(500), Risk.MEDIUM)
    (other,) = company.actor("department_lead", "S").grants_of(TAKE)
    assert (other.most_amount, other.most_risk) == (Decimal(1_000), None)
    (free,) = company.actor("executive", "C").grants_of(TAKE)
    assert (free.most_amount, free.most_risk) == (None, None)


def test_changing_keeps_what_held_until_then(company: Company) -> None:
    actor = company.actor("executive")
    old = entry(company, "C", "direction", "Old")
    later = TODAY + timedelta(days=10)
    new = change_frame_entry(actor=actor, entry_id=old.id, text="New", valid_from=later)
    assert new.entry_id != old.id
    assert [
        (one.text, one.valid_from, one.valid_until)
        for one in FrameEntry.objects.everything(because="test").order_by("valid_from")
    ] == [("Old", FROM, later), ("New", later, None)]
    again_changed = change_frame_entry(actor=actor, entry_id=new.entry_id, text="Newer", valid_from=later)
    assert again_changed.entry_id == new.entry_id
    audited = [
        (one.event, one.before and one.before["text"], one.after and one.after["text"])
        for one in AuditEntry.objects.everything(because="test").order_by("at", "id")
    ]
    assert sorted(audited) == [
        ("organisation.frame.changed", "New", "Newer"), ("organisation.frame.changed", "Old", "New"),
    ]  # fmt: skip


def test_ending(company: Company) -> None:
    actor = company.actor("executive")
    old = entry(company, "C", "direction", "Old")
    end_frame_entry(actor=actor, entry_id=old.id)
    assert FrameEntry.objects.everything(because="test").get().valid_until == TODAY
    with pytest.raises(ConflictError) as refused:
        end_frame_entry(actor=actor, entry_id=old.id)
    assert refused.value.code == "frame_entry_over"
    planned = set_frame_entry(
        actor=actor, unit_id=company.unit("C"), kind=FrameKind.OFFER, text="x", valid_from=TODAY + timedelta(days=5)
    )
    end_frame_entry(actor=actor, entry_id=planned.entry_id)
    assert FrameEntry.objects.everything(because="test").count() == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"kind": FrameKind.BUDGET}, "amount_missing"),
        ({"kind": FrameKind.BUDGET, "amount": Decimal(-1)}, "amount_invalid"),
        ({"kind": FrameKind.DIRECTION, "amount": Decimal(1)}, "amount_not_applicable"),
        ({"kind": FrameKind.OFFER, "risk": Risk.LOW}, "limit_not_applicable"),
        ({"kind": FrameKind.BUDGET, "amount": Decimal(1), "level": "team"}, "limit_not_applicable"),
        ({"kind": FrameKind.LIMIT, "level": "galaxy"}, "level_unknown"),
        ({"kind": FrameKind.LIMIT, "amount": Decimal(1)}, "limit_needs_level"),
        ({"kind": FrameKind.LIMIT, "risk": Risk.LOW, "level": "organisation"}, "limit_needs_level"),
        ({"kind": FrameKind.OFFER, "text": ""}, "text_missing"),
        ({"kind": FrameKind.OFFER, "text": "x" * 301}, "text_too_long"),
        ({"kind": FrameKind.OFFER, "text": "a\0"}, "text_unprintable"),
        ({"kind": FrameKind.OFFER, "valid_until": TODAY}, "validity_backwards"),
        ({"kind": FrameKind.OFFER, "valid_from": date(1, 1, 1)}, "date_out_of_range"),
    ],
)
def test_what_is_no_line_of_a_frame(company: Company, values: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as refused:
        set_frame_entry(actor=company.actor("executive"), unit_id=company.unit("C"), **{"text": "x", **values})
    assert refused.value.code == code
    assert not FrameEntry.objects.everything(because="test").exists()


def test_history_is_not_rewritten(company: Company) -> None:
    actor, old = company.actor("executive"), entry(company, "C", "direction", "Old")
    yesterday = TODAY - timedelta(days=1)
    for act in (
        lambda: change_frame_entry(actor=actor, entry_id=old.id, text="New", valid_from=yesterday),
        lambda: end_frame_entry(actor=actor, entry_id=old.id, on=yesterday),
    ):
        with pytest.raises(InputError) as refused:
            act()
        assert refused.value.code == "change_in_the_past"


def test_what_is_not_there(db: None, company: Company) -> None:
    actor = company.actor("executive")
    for act in (
        lambda: frame_of(actor=actor, unit_id=uuid4()),
        lambda: end_frame_entry(actor=actor, entry_id=uuid4()),
        lambda: set_frame_entry(actor=actor, unit_id=uuid4(), kind=FrameKind.OFFER, text="x"),
    ):
        with pytest.raises(NotFoundError):
            act()
