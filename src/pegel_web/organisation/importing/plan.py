"""The whole plan of an import: every table in the order in which they depend on each other."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import date
from typing import Final
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.structure_import import ImportCounts
from pegel_web.organisation.importing.current import Current
from pegel_web.organisation.importing.differences import (
    membership_changes,
    person_changes,
    product_changes,
    role_changes,
    unit_changes,
)
from pegel_web.organisation.importing.draft import Draft
from pegel_web.organisation.importing.plan_people import plan_people
from pegel_web.organisation.importing.plan_products import plan_products
from pegel_web.organisation.importing.plan_spans import end_roles_of_ended_units, plan_spans
from pegel_web.organisation.importing.plan_units import keep_what_is_not_empty, note_units, plan_units
from pegel_web.organisation.importing.reading import ImportFile

KINDS: Final = ("units", "people", "memberships", "products", "roles")
_CHANGES: Final = (person_changes, product_changes, membership_changes, role_changes)
#: What each table takes in addition to the right to import.
_RIGHTS: Final = {
    "units": "organisation.unit.change",
    "teams": "organisation.unit.change",
    "products": "organisation.unit.change",
    "people": "organisation.person.change",
    "memberships": "organisation.person.change",
}


def planned(file: ImportFile, current: Current, *, actor: Actor, seed: UUID, effective: date, complete: bool) -> Draft:
    """Return what an import would do.

    Raises
    ------
    NotAllowedError: the actor may not change what a table is about in the whole organisation.
    """
    for table in file.tables:
        if table in _RIGHTS:
            actor.require(_RIGHTS[table])
    draft = Draft(actor=actor, current=current, seed=seed, effective=effective, complete=complete)
    tables = file.tables
    units = plan_units(draft, tables)
    plan_people(draft, tables.get("people", ()), exclusively="memberships" not in tables)
    plan_spans(draft, "memberships", tables.get("memberships", ()))
    plan_products(draft, tables.get("products", ()))
    keep_what_is_not_empty(draft, units)
    plan_spans(draft, "roles", tables.get("roles", ()))
    end_roles_of_ended_units(draft)
    note_units(draft, units)
    return draft


def counts(draft: Draft) -> tuple[ImportCounts, ...]:
    """Return how much of each kind happens; kinds of which there is nothing are left out."""
    verbs = Counter((line.kind, line.verb) for line in draft.lines)
    rejected = Counter("units" if one.kind == "teams" else one.kind for one in draft.rejected)
    found = (
        ImportCounts(
            kind=kind,
            added=verbs[kind, "added"],
            changed=verbs[kind, "changed"],
            ended=verbs[kind, "ended"],
            unchanged=draft.unchanged[kind],
            rejected=rejected[kind],
        )
        for kind in KINDS
    )
    return tuple(one for one in found if one.added or one.changed or one.ended or one.unchanged or one.rejected)


def digest(draft: Draft) -> str:
    """Return the digest of what is shown of a plan and of what it would write, to whom (SHA-256, hex).

    What is confirmed must have the same, however much else has changed since.
    """
    said = [
        [[line.kind, line.verb, line.row, line.what, line.before, line.after] for line in draft.lines],
        [[one.kind, one.row, one.reason, one.detail] for one in draft.rejected],
        draft.effective.isoformat(),
        draft.complete,
        [[str(unit), str(change)] for unit, change in unit_changes(draft).items()],
        *(list(map(str, changes(draft))) for changes in _CHANGES),
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()
