"""A small invented organisation for tests: who is where, in which role, and how they sign in.

Company (C)
├── Sales (S)      ├── Field sales (S1)   └── Back office (S2)
└── Claims (K)     ├── Motor (K1)         └── Household (K2)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID

from django.test import Client

from pegel_web.core.actor import Actor, Through
from pegel_web.organisation.models import Identity, Person, RoleAssignment, Unit, UnitPeriod, User
from pegel_web.organisation.queries.actors import actor_of

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FROM = date(2024, 1, 1)
_UNITS = (
    ("C", "Company", "organisation", None),
    ("S", "Sales", "department", "C"),
    ("S1", "Field sales", "team", "S"),
    ("S2", "Back office", "team", "S"),
    ("K", "Claims", "department", "C"),
    ("K1", "Motor", "team", "K"),
    ("K2", "Household", "team", "K"),
)
_numbers = count(1)


@dataclass(slots=True)
class Company:
    """The organisation: ``units`` by code, ``people`` by name."""

    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)

    def unit(self, code: str) -> UUID:
        """Return the id of a unit."""
        return self.units[code].id

    def person(self, name: str, role: str | None = None, unit: str = "C", *, user: bool = True) -> Person:
        """Return a person of that name, made when there is none yet, with a role in a unit."""
        person = self.people.get(name)
        if person is None:
            email = f"{name.lower()}{next(_numbers)}@example.org"
            account = User.objects.create_user(email, "correct horse battery") if user else None
            person = Person.objects.create(user=account, created_at=AT)
            Identity.objects.create(person=person, name=name, email=email, key="")
            self.people[name] = person
        if role is not None:
            RoleAssignment.objects.create(person=person, role=role, unit=self.units[unit], valid_from=FROM)
        return person

    def actor(self, role: str, unit: str = "C", *, at: datetime = AT, through: Through = Through.WEB) -> Actor:
        """Return an actor with one role in a unit."""
        person = self.person(f"{role}-{unit}", None if f"{role}-{unit}" in self.people else role, unit)
        return actor_of(person, at=at, through=through, request_id="test-request", language="en")

    def client(self, role: str, unit: str = "C") -> Client:
        """Return a browser in which a person with one role in a unit is signed in."""
        self.actor(role, unit)
        client = Client(headers={"Accept-Language": "en"})
        user = self.people[f"{role}-{unit}"].user
        assert user is not None
        client.force_login(user)
        return client


def make_company() -> Company:
    """Write the organisation into the database."""
    company = Company()
    for code, name, kind, parent in _UNITS:
        unit = Unit.objects.create(code=code)
        company.units[code] = unit
        UnitPeriod.objects.create(
            unit=unit, name=name, kind=kind, valid_from=FROM, parent=None if parent is None else company.units[parent]
        )
    return company
