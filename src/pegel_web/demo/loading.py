"""Making the demonstration in the order in which an organisation would: units, people, rights, decisions, streams.

Asked for twice it makes nothing twice: the organisation comes into being in one transaction, streams are adopted where
nobody has, figures are computed where they are missing.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from pegel.words import Language
from pegel_web.demo import people, portfolio, streams, work
from pegel_web.demo.making import Making
from pegel_web.demo.plan import DOMAIN, plan
from pegel_web.organisation.queries.people import people_list
from pegel_web.organisation.queries.roles import role_assignments
from pegel_web.organisation.queries.structure import structure_on

#: Told what is being made: a code with words, and values for them.
Teller = Callable[..., None]

_PASSWORD_FILE: Final = "demonstration-password"  # noqa: S105  (the name of a file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Somebody who can sign in: e-mail address, and the role that decides what they see."""

    email: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """How to sign in. ``password``: the same for all, made at the first start and kept in the data folder."""

    personas: tuple[Persona, ...]
    password: str
    streams: int


def load_demonstration(folder: Path, *, language: Language, tell: Teller) -> Demonstration:
    """Make the demonstration as far as it is not there yet. The database has to be of this version.

    ``folder``: what ``pegel demo`` wrote. ``tell(code, **values)``: is told each step.

    Raises
    ------
    NotFoundError: ``demo_lake_missing``.
    """
    making = Making(now=datetime.now(UTC), language=language)
    password = kept_password()
    streams.bring_lake(folder)
    if not _is_there(making):
        tell("demo.organisation")
        with transaction.atomic():
            _make_organisation(making, password)
    streams.adopt_streams(making)
    computed = streams.compute_streams(
        making, tell=lambda name, done, total: tell("demo.computes", name=name, n=done + 1, total=total)
    )
    if not portfolio.is_there(making):
        tell("demo.use_cases")
        portfolio.make_portfolio(making)
    return Demonstration(personas=_personas(making), password=password, streams=computed)


def kept_password() -> str:
    """Return the password of the demonstration, made once and kept in a file only its owner reads."""
    path = Path(settings.DATA_DIR) / _PASSWORD_FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(12))
    return path.read_text(encoding="utf-8").strip()


def _is_there(making: Making) -> bool:
    nodes = structure_on(making.now.date()).nodes
    return any(node.code == plan()["top"]["code"] for node in nodes.values())


def _make_organisation(making: Making, password: str) -> None:
    people.make_units(making)
    accounts = people.make_people(making)
    work.make_products(making)
    work.make_responsibilities(making)
    work.make_frame(making)
    work.make_delegations(making)
    work.make_platforms(making)
    work.make_tool_uses(making)
    work.make_decisions(making)
    people.open_accounts(making, (person for _, person in accounts.values()), password)


def _personas(making: Making) -> tuple[Persona, ...]:
    """Return who can sign in, with the role that says most about them."""
    actor = making.itself(making.now)
    order = [one["role"] for one in plan()["offices"]] + ["team_lead", "product_manager"]
    found = []
    for person in people_list(actor=actor, text=DOMAIN, limit=200).people:
        held = {one.role for one in role_assignments(actor=actor, person_id=person.person_id)}
        role = next((one for one in order if one in held), None)
        if person.account == "active" and person.email is not None and role is not None:
            found.append(Persona(email=person.email, role=role))
    return tuple(sorted(found, key=lambda one: order.index(one.role)))
