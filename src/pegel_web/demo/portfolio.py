"""The use cases of the invented organisation: each lived through by its people, through the services, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from pegel.eventlog.setting_file import read_settings
from pegel_web.core.actor import Actor
from pegel_web.core.errors import NotAllowedError
from pegel_web.demo.making import Making
from pegel_web.demo.plan import in_language
from pegel_web.flow.queries.reports import stream_report
from pegel_web.flow.queries.streams import visible_streams
from pegel_web.organisation.queries.roles import role_assignments
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.use_cases import CaseReport, Range3
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models.declarations import DeclarationValue, Subject
from pegel_web.portfolio.models.duties import Duty, Letter
from pegel_web.portfolio.models.gates import GateOutcome
from pegel_web.portfolio.models.use_cases import DataClass
from pegel_web.portfolio.queries.use_cases import use_case_list
from pegel_web.portfolio.services import declarations, duties, estimates, gates, moves, patterns, pilots
from pegel_web.portfolio.services import use_cases as services

_LAW: Final = (Subject.RISK_CLASS, Subject.POLICY_BUCKET, Subject.DATA_PROTECTION, Subject.WORKS_COUNCIL)
_DECLARED_BY: Final = {
    Subject.RISK_CLASS: "compliance",
    Subject.POLICY_BUCKET: "compliance",
    Subject.DATA_PROTECTION: "data_protection_officer",
    Subject.WORKS_COUNCIL: "works_council",
}


@cache
def cases() -> Mapping[str, Any]:
    """Return the use cases as they stand in the file."""
    text = files(__package__).joinpath("use_cases.yaml").read_text(encoding="utf-8")
    tree: Any = read_settings(text, unreadable="unexpected")
    found: Mapping[str, Any] = tree
    return found


def is_there(making: Making) -> bool:
    """Tell whether there are use cases."""
    return use_case_list(actor=making.itself(making.now)).total > 0


def make_portfolio(making: Making) -> int:
    """Make the use cases, all or none; returns how many."""
    with transaction.atomic():
        house = _House(making)
        for line in cases()["patterns"]:
            patterns.set_pattern(
                actor=house.office("programme_lead", 300),
                name=house.said(line["name"]),
                description=house.said(line["text"]),
                unit_id=house.units[line["unit"]],
                most_data_class=DataClass(line["data_class"]),
                most_people=line["people"],
                most_days=line["days"],
                most_amount=Decimal(line["amount"]),
            )
        made: list[UUID] = []
        for line in cases()["use_cases"]:
            made.append(_Life(house, line, tuple(made)).lived())
        return len(made)


class _House:
    """Who is who in the organisation: looked up by what it holds, so that it can be made later than the people."""

    def __init__(self, making: Making) -> None:
        self.making = making
        structure = structure_on(making.now.date())
        self.units = {node.code: node.unit_id for node in structure.nodes.values()}
        self._departments = {
            node.code: structure.nodes[node.parent_id].code
            for node in structure.nodes.values()
            if node.parent_id is not None
        }
        roles = role_assignments(actor=making.itself(making.now))
        self._holders = {(one.role, one.unit_id): one.person_id for one in reversed(roles)}
        self._offices = {one.role: one.person_id for one in reversed(roles)}
        self._streams: dict[str, tuple[UUID, str] | None] = {}

    def said(self, texts: Mapping[str, str]) -> str:
        return in_language(texts, self.making.language)

    def at(self, days: float) -> datetime:
        return self.making.now - timedelta(days=days)

    def office(self, role: str, days: float) -> Actor:
        """Return who holds an office of the whole organisation, as they acted so many days ago."""
        return self.making.person(self._offices[role], self.at(days))

    def lead_id(self, unit: str) -> UUID:
        return self._holders["team_lead", self.units[unit]]

    def lead(self, unit: str, days: float) -> Actor:
        return self.making.person(self.lead_id(unit), self.at(days))

    def department(self, unit: str, days: float) -> Actor:
        holder = self._holders["department_lead", self.units[self._departments[unit]]]
        return self.making.person(holder, self.at(days))

    def champion_id(self, unit: str) -> UUID:
        return self._holders.get(("champion", self.units[unit]), self._offices["champion"])

    def author_id(self, unit: str) -> UUID:
        """Return who had the idea: the champion of the team, or its lead where it has none."""
        return self._holders.get(("champion", self.units[unit]), self.lead_id(unit))

    def slow_step(self, unit: str) -> tuple[UUID, str] | None:
        """Return the stream of a unit and its step with the largest share of the flow time; None: there is none."""
        if unit not in self._streams:
            actor = self.making.itself(self.making.now)
            rows = visible_streams(actor).filter(unit_id=self.units[unit])
            self._streams[unit] = None
            for row in rows:
                found = stream_report(actor=actor, stream_id=row.id)
                lines = [] if found.content is None else [one for one in found.content.states if one.share]
                if lines:
                    self._streams[unit] = row.id, max(lines, key=lambda one: one.share or 0.0).state
        return self._streams[unit]


class _Life:
    """One use case and what became of it."""

    def __init__(self, house: _House, line: Mapping[str, Any], before: tuple[UUID, ...]) -> None:
        self._house, self._line, self._before = house, line, before
        self._unit: str = line["unit"]
        self._id = UUID(int=0)

    def lived(self) -> UUID:
        """Make it, and return its id."""
        life = list(self._line["life"].items())
        self._register(life[0][1])
        for state, days in life[1:]:
            getattr(self, f"_to_{state}")(float(days))
        if "asks" in self._line:
            self._prepare(self._line["asks"], 12.0)
            self._ask(CaseState(self._line["asks"]), 12.0)
        return self._id

    def _register(self, days: float) -> None:
        house, line = self._house, self._line
        author = house.making.person(house.author_id(self._unit), house.at(days))
        place = house.slow_step(self._unit)
        made = services.register_idea(
            actor=author,
            title=house.said(line["title"]),
            pain=house.said(line["pain"]),
            hoped_effect=house.said(line["hoped"]),
            unit_id=house.units[self._unit],
            stream_id=None if place is None else place[0],
            step="" if place is None else place[1],
            origin=line["origin"],
            function=line["function"],
            shadow=line.get("shadow", False),
        )
        self._id = made.line.use_case_id

    def _prepare(self, gate: str, days: float) -> None:
        """See to what a gate takes, as far as the line of the plan has it."""
        house, line, lead = self._house, self._line, self._house.lead(self._unit, days)
        if gate == CaseState.ASSESSED:
            self._describe(lead)
        elif gate == CaseState.PRIORITISED:
            self._duty(lead, Duty.RESULT, house.lead_id(self._unit))
        elif gate == CaseState.PILOT:
            self._duty(lead, Duty.EXPERIMENT, house.champion_id(self._unit))
            for subject, value in zip(_LAW, line["law"], strict=True):
                self._declare(house.office(_DECLARED_BY[subject], days), subject, DeclarationValue(value))
            if "pilot" in line:
                plan = line["pilot"]
                pilots.plan_pilot(
                    actor=lead,
                    use_case_id=self._id,
                    hypothesis=house.said(plan["hypothesis"]),
                    baseline=house.said(cases()["words"]["baseline"]),
                    kill_criterion=house.said(plan["kill"]),
                    starts_on=lead.at.date(),
                    ends_on=lead.at.date() + timedelta(days=plan["days"]),
                    people=6,
                )
        else:
            for duty in (Duty.DATA, Duty.MODEL, Duty.APPLICATION, Duty.OVERSIGHT):
                person = house.lead_id("IT-KI") if duty is Duty.MODEL else house.lead_id(self._unit)
                if gate == CaseState.PRODUCTION:
                    self._duty(lead, duty, person)
            for subject in Subject:
                if subject not in _LAW and gate == CaseState.PRODUCTION:
                    self._declare(house.department(self._unit, days), subject, DeclarationValue.DONE)

    def _describe(self, lead: Actor) -> None:
        house, line = self._house, self._line
        changes: dict[str, Any] = {
            "goal": house.said(line["goal"]) if "goal" in line else "",
            "horizon": line.get("horizon"),
            "data_class": line.get("data_class", ""),
            "usage": "team",
            "champion_id": house.champion_id(self._unit),
            "amount": Decimal(line["amount"]) if "amount" in line else None,
        }
        for name, key in (("ai_acts", "ai_acts"), ("person_decides", "decides"), ("data_needs", "data")):
            if key in line:
                changes[name] = house.said(line[key])
        if house.slow_step(self._unit) is None:
            changes["place_note"] = house.said(cases()["words"]["place"])
        services.change_use_case(actor=lead, use_case_id=self._id, changes=changes)
        benefit, effort = (tuple(Decimal(one) for one in line[name]) for name in ("benefit", "effort"))
        controller = house.office("finance_controller", (house.making.now - lead.at) / timedelta(days=1))
        # Finance expects less than those who want it.
        for actor, factor in ((lead, Decimal(1)), (controller, Decimal("0.7"))):
            estimates.give_estimate(
                actor=actor,
                use_case_id=self._id,
                benefit=Range3(low=benefit[0] * factor, likely=benefit[1] * factor, high=benefit[2]),
                effort=Range3(low=effort[0], likely=effort[1], high=effort[2]),
                evidence=house.said(cases()["words"]["evidence"]),
            )

    def _duty(self, actor: Actor, duty: Duty, person: UUID) -> None:
        duties.give_duty(actor=actor, use_case_id=self._id, duty=duty, letter=Letter.ACCOUNTABLE, person_id=person)

    def _declare(self, actor: Actor, subject: Subject, value: DeclarationValue) -> None:
        declarations.declare_status(
            actor=actor,
            use_case_id=self._id,
            subject=subject,
            value=value,
            document=self._house.said(cases()["words"]["ready"]),
        )

    def _ask(self, gate: CaseState, days: float) -> UUID:
        asked = gates.ask_gate(
            actor=self._house.lead(self._unit, days),
            use_case_id=self._id,
            gate=gate,
            options=self._house.said(cases()["words"]["options"]),
        )
        return asked.request_id

    def _through(self, gate: CaseState, days: float) -> None:
        """Ask some days before, and have the department decide, or the executive where that is beyond its limit."""
        house, words = self._house, cases()["words"]
        self._prepare(gate, days + 9)
        asked = self._ask(gate, days + 6)
        said: dict[str, Any] = {"trade_offs": house.said(words["trade_offs"])}
        if gate is CaseState.PILOT:
            said["dissent"] = house.said(words["dissent"])
        for actor in (house.department(self._unit, days), house.office("executive", days)):
            try:
                gates.decide_gate(actor=actor, request_id=asked, outcome=GateOutcome.APPROVED, **said)
            except NotAllowedError:
                continue
            return

    def _to_assessed(self, days: float) -> None:
        self._prepare(CaseState.ASSESSED, days + 1)
        self._move(CaseState.ASSESSED, days)

    def _to_prioritised(self, days: float) -> None:
        self._through(CaseState.PRIORITISED, days)

    def _to_prioritised_again(self, days: float) -> None:
        self._learn(days)
        self._move(CaseState.PRIORITISED, days - 1, self._house.said(self._line["back_reason"]))

    def _to_pilot(self, days: float) -> None:
        self._through(CaseState.PILOT, days)

    def _to_production(self, days: float) -> None:
        self._learn(days + 12)
        self._through(CaseState.PRODUCTION, days)

    def _to_scaled(self, days: float) -> None:
        self._through(CaseState.SCALED, days)

    def _to_killed(self, days: float) -> None:
        self._learn(days + 1)
        self._move(CaseState.KILLED, days, self._house.said(self._line["end_reason"]))

    def _to_rejected(self, days: float) -> None:
        self._move(CaseState.REJECTED, days, self._house.said(self._line["end_reason"]))

    def _to_parked(self, days: float) -> None:
        until = self._house.making.now.date() + timedelta(days=60)
        self._move(CaseState.PARKED, days, self._house.said(self._line["end_reason"]), until=until)

    def _to_duplicate(self, days: float) -> None:
        self._move(CaseState.DUPLICATE, days, other_id=self._before[self._line["doubles"]])

    def _learn(self, days: float) -> None:
        told = self._line["learning"]
        pilots.close_pilot(
            actor=self._house.lead(self._unit, days),
            use_case_id=self._id,
            as_planned=told["as_planned"],
            why=self._house.said(told["why"]),
            change=self._house.said(told["change"]),
        )

    def _move(self, target: CaseState, days: float, reason: str = "", **more: Any) -> CaseReport:
        lead = self._house.lead(self._unit, days)
        return moves.move_use_case(actor=lead, use_case_id=self._id, target=target, reason=reason, **more)
