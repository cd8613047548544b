"""The actors by whom the organisation is made: everything goes through the services, as if people had entered it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from pegel.words import Language
from pegel_web.core.actor import Actor, Grant, Through
from pegel_web.core.permissions import permissions
from pegel_web.demo.plan import SEED
from pegel_web.organisation.queries.actors import actor_of
from pegel_web.organisation.queries.people import visible_person

#: The organisation is so old when the demonstration begins.
AGE = timedelta(days=400)


@dataclass(slots=True, kw_only=True)
class Making:
    """What is known while the organisation is made.

    ``units`` by code, ``leads`` by code of their unit, ``members`` by code of their team, ``offices`` by role,
    ``products`` and ``platforms`` by code. ``now``: when the demonstration is made; it has existed since ``begun``.
    """

    now: datetime
    language: Language
    units: dict[str, UUID] = field(default_factory=dict)
    leads: dict[str, UUID] = field(default_factory=dict)
    members: dict[str, list[UUID]] = field(default_factory=dict)
    offices: dict[str, UUID] = field(default_factory=dict)
    products: dict[str, UUID] = field(default_factory=dict)
    platforms: dict[str, UUID] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311  (no secret)

    @property
    def begun(self) -> datetime:
        """Return the moment at which the organisation was set up."""
        return self.now - AGE

    @property
    def first_day(self) -> date:
        """Return the first day of the organisation."""
        return self.begun.date()

    def itself(self, at: datetime) -> Actor:
        """Return whoever sets an installation up: may everything, is no person."""
        grants = tuple(Grant(permission=one.code, units=None, source="demonstration") for one in permissions())
        return Actor(
            person_id=None,
            at=at,
            through=Through.CLI,
            request_id="demonstration",
            grants=grants,
            language=self.language,
        )

    def person(self, person_id: UUID, at: datetime) -> Actor:
        """Return a person of the organisation as they act at a moment, with their rights of then."""
        person = visible_person(self.itself(at), person_id)
        return actor_of(person, at=at, through=Through.CLI, request_id="demonstration", language=self.language)
