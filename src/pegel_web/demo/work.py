"""What the invented organisation has decided, who answers for what, and which tools it uses."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from pegel_web.core.actor import Risk
from pegel_web.demo.making import Making
from pegel_web.demo.plan import in_language, plan, teams
from pegel_web.organisation.areas import areas
from pegel_web.organisation.contracts.decisions import DecisionRecord
from pegel_web.organisation.models.decisions import Outcome
from pegel_web.organisation.models.frame import FrameKind
from pegel_web.organisation.models.platforms import Enforcement, GuardrailKind, PlatformKind
from pegel_web.organisation.models.responsibilities import Letter
from pegel_web.organisation.services.decisions import raise_decision, take_decision
from pegel_web.organisation.services.delegations import give_delegation
from pegel_web.organisation.services.frame import set_frame_entry
from pegel_web.organisation.services.guardrails import set_guardrail
from pegel_web.organisation.services.platforms import declare_platform
from pegel_web.organisation.services.products import create_product
from pegel_web.organisation.services.responsibilities import assign_responsibility, declare_tool_use

TAKE: Final = "organisation.decision.take"
DECISIONS: Final = 30
#: Of them not decided yet.
OPEN: Final = 5
_AMOUNTS: Final = (800, 1500, 2400, 4800, 7500, 9000, 18000, 42000, 75000)


def make_products(making: Making) -> None:
    """Make the products, and let the leads of their units answer for them."""
    for product in plan()["products"]:
        made = create_product(
            actor=making.itself(making.begun),
            code=product["code"],
            name=in_language(product["name"], making.language),
            owner_unit_id=making.units[product["unit"]],
            valid_from=making.first_day,
        )
        making.products[product["code"]] = made.product_id
        assign_responsibility(
            actor=making.itself(making.begun),
            person_id=making.leads[product["unit"]],
            letter=Letter.ACCOUNTABLE,
            product_id=made.product_id,
        )


def make_responsibilities(making: Making) -> None:
    """Let somebody be accountable for every area that needs it, but for one gap and one double of the plan."""
    top = plan()["top"]["code"]
    gaps = {tuple(one) for one in plan()["gaps"]}
    at_the_top = {
        "direction": "executive", "results": "programme_lead", "budget": "finance_controller",
        "platform": "platform_engineer", "security": "security", "policies": "compliance",
        "data": "data_protection_officer", "ai_tools": "programme_lead", "learning": "programme_lead",
    }  # fmt: skip
    kinds = {top: "organisation", **{one["code"]: "department" for one in plan()["departments"]}}
    for code, kind in kinds.items():
        for area, needed in areas().items():
            if kind in needed.at and (code, area) not in gaps:
                person = making.offices[at_the_top[area]] if code == top else making.leads[code]
                _accountable(making, person, code, area)
    for code, area in plan()["doubles"]:
        first_team = next(team["code"] for department, team in teams() if department["code"] == code)
        _accountable(making, making.leads[first_team], code, area)


def make_frame(making: Making) -> None:
    """Set direction, limits, budgets and offers."""
    chief = making.person(making.offices["executive"], making.begun)
    for line in plan()["frame"]:
        amount, risk = line.get("amount"), line.get("risk")
        set_frame_entry(
            actor=chief,
            unit_id=making.units[line["unit"]],
            kind=FrameKind(line["kind"]),
            text=in_language(line["text"], making.language),
            amount=None if amount is None else Decimal(amount),
            risk=None if risk is None else Risk(risk),
            level=line.get("level", ""),
        )


def make_delegations(making: Making) -> None:
    """Let departments hand rights to their teams."""
    at = making.begun + timedelta(days=1)
    for line in plan()["delegations"]:
        give_delegation(
            actor=making.person(making.leads[line["from"]], at),
            to_person_id=making.leads[line["to"]],
            permission=TAKE,
            unit_id=making.units[line["to"]],
            most_amount=Decimal(line["amount"]),
            most_risk=Risk(line["risk"]),
            reason=in_language(line["reason"], making.language),
        )


def make_platforms(making: Making) -> None:
    """Let the platform engineer declare the platforms of the plan and the guardrails that hold for them."""
    engineer = making.person(making.offices["platform_engineer"], making.begun + timedelta(days=2))
    for line in plan()["platforms"]:
        made = declare_platform(
            actor=engineer,
            name=line["name"],
            kind=PlatformKind(line["kind"]),
            purpose=in_language(line["purpose"], making.language),
            owner_unit_id=making.units[line["unit"]],
            accountable_id=making.leads[line["unit"]] if line["accountable"] else None,
            access=line["access"],
            allowed_for=in_language(line["allowed_for"], making.language),
        )
        making.platforms[line["code"]] = made.platform.platform_id
    for line in plan()["guardrails"]:
        set_guardrail(
            actor=engineer,
            name=in_language(line["name"], making.language),
            rule=in_language(line["rule"], making.language),
            kind=GuardrailKind(line["kind"]),
            enforcement=Enforcement(line["enforcement"]),
            owner_unit_id=making.units[line["unit"]],
            platform_id=making.platforms[line["platform"]] if line["platform"] else None,
        )


def make_tool_uses(making: Making) -> None:
    """Declare which unit uses which tool with how many people, and which unit owns it."""
    at = making.now - timedelta(days=20)
    for tool, unit, people, owner, platform in plan()["tools"]:
        declare_tool_use(
            actor=making.person(making.leads[unit], at),
            tool=tool,
            unit_id=making.units[unit],
            people=people,
            owner_unit_id=None if owner is None else making.units[owner],
            platform_id=None if platform is None else making.platforms[platform],
        )


def make_decisions(making: Making) -> int:
    """Raise questions over the past half year and have them answered, some quickly, some slowly, the last not yet.

    Returns how many were made.
    """
    listed, dice = [team["code"] for _, team in teams()], making.dice
    tools = sorted({one[0] for one in plan()["tools"]})
    for number in range(DECISIONS):
        unit = dice.choice(listed)
        asked_at = making.now - timedelta(days=180 - number * 5.9, hours=dice.randrange(8))
        title = in_language(dice.choice(plan()["decisions"]), making.language).format(tool=dice.choice(tools))
        amount = Decimal(dice.choice(_AMOUNTS))
        asker = making.person(dice.choice(making.members[unit]), asked_at)
        risk = Risk(dice.choices((1, 2, 3), weights=(6, 3, 1))[0])
        found = raise_decision(actor=asker, title=title, unit_id=making.units[unit], amount=amount, risk=risk)
        # What waits at a team is answered within days; what goes to the top takes weeks.
        days = dice.lognormvariate({"team": 0.4, "department": 1.6}.get(found.level, 2.6), 0.7)
        answered_at = asked_at + timedelta(days=min(days, 60))
        if number < DECISIONS - OPEN and answered_at < making.now:
            _answer(making, found, answered_at)
    return DECISIONS


def _answer(making: Making, found: DecisionRecord, at: datetime) -> None:
    decider = found.decider_ids[0] if found.decider_ids else making.offices["executive"]
    outcome = making.dice.choices(
        (Outcome.APPROVED, Outcome.REJECTED, Outcome.APPROVED_WITH_CONDITIONS), weights=(6, 2, 2)
    )[0]
    said = in_language(plan()["reasons"][str(outcome)], making.language)
    take_decision(
        actor=making.person(decider, at),
        decision_id=found.decision_id,
        outcome=outcome,
        reason=said,
        conditions=said if outcome is Outcome.APPROVED_WITH_CONDITIONS else "",
    )


def _accountable(making: Making, person: UUID, unit: str, area: str) -> None:
    assign_responsibility(
        actor=making.itself(making.begun),
        person_id=person,
        letter=Letter.ACCOUNTABLE,
        unit_id=making.units[unit],
        area=area,
    )
