"""Units, people and roles of the invented organisation."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from pegel_web.demo.making import Making
from pegel_web.demo.plan import address_of, in_language, names, plan
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.services.accounts import accept_invitation, invite_person
from pegel_web.organisation.services.people import create_person
from pegel_web.organisation.services.roles import assign_role
from pegel_web.organisation.services.units import create_unit


def make_units(making: Making) -> None:
    """Make the organisation, its departments and their teams."""
    top = plan()["top"]
    _unit(making, top, "organisation", None)
    for department in plan()["departments"]:
        _unit(making, department, "department", top["code"])
        for team in department["teams"]:
            _unit(making, team, "team", department["code"])


def make_people(making: Making) -> dict[str, tuple[str, UUID]]:
    """Fill units and roles; returns who is meant to sign in: (role, person) by e-mail address."""
    drawn, accounts = names(), dict[str, tuple[str, UUID]]()
    top = plan()["top"]["code"]

    def joins(unit: str, role: str, *, of: str | None = None, signs_in: bool = False) -> UUID:
        name = next(drawn)
        made = create_person(
            actor=making.itself(making.begun),
            name=name,
            email=address_of(name),
            unit_id=making.units[unit],
            valid_from=making.first_day,
        ).person.person_id
        _role(making, made, role, of or unit)
        if signs_in:
            accounts[address_of(name)] = (role, made)
        return made

    for office in plan()["offices"]:
        making.offices[office["role"]] = joins(
            office.get("unit", top), office["role"], of=top, signs_in=office.get("signs_in", False)
        )
    for department in plan()["departments"]:
        making.leads[department["code"]] = joins(department["code"], "department_lead")
        for team in department["teams"]:
            code = team["code"]
            making.leads[code] = joins(code, "team_lead", signs_in=code in plan()["leads_who_sign_in"])
            making.members[code] = [joins(code, "employee") for _ in range(team["people"] - 1)]
    for manager in plan()["product_managers"]:
        joins(manager["unit"], "product_manager", signs_in=manager.get("signs_in", False))
    for code in plan()["champions"]:
        _role(making, making.members[code][0], "champion", code)
    _make_agent(making, top)
    return accounts


def open_accounts(making: Making, people: Iterator[UUID], password: str) -> None:
    """Let people sign in with one password, by the way of an invitation that they accept at once."""
    actor = making.itself(making.now)
    for person in people:
        invited = invite_person(actor=actor, person_id=person)
        accept_invitation(actor=actor, token=invited.token, password=password)


def _make_agent(making: Making, top: str) -> None:
    """An agent with the rights of the head of the programme, as far as its own role has them, too."""
    made = create_person(
        actor=making.itself(making.begun),
        name=in_language(plan()["agent"], making.language),
        unit_id=making.units[top],
        valid_from=making.first_day,
        kind=PersonKind.AGENT,
        answers_for_id=making.offices["programme_lead"],
    ).person.person_id
    _role(making, made, "agent", top)


def _unit(making: Making, entry: dict[str, object], kind: str, parent: str | None) -> None:
    code = str(entry["code"])
    made = create_unit(
        actor=making.itself(making.begun),
        code=code,
        name=in_language(entry["name"], making.language),  # type: ignore[arg-type]  # texts by language, as in the plan
        kind=kind,
        parent_id=None if parent is None else making.units[parent],
        valid_from=making.first_day,
    )
    making.units[code] = made.unit_id


def _role(making: Making, person: UUID, role: str, unit: str) -> None:
    assign_role(
        actor=making.itself(making.begun),
        person_id=person,
        role_name=role,
        unit_id=making.units[unit],
        valid_from=making.first_day,
    )
