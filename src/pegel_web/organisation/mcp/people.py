"""People and imports of the organisation, for agents and the command line."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.organisation.contracts.people import PeoplePage, PersonReport
from pegel_web.organisation.contracts.structure_import import ImportReport
from pegel_web.organisation.queries import people as queries
from pegel_web.organisation.queries import structure_import as import_queries
from pegel_web.organisation.services import people as services
from pegel_web.organisation.services.import_confirmation import confirm_import as confirm


@tool(permission=queries.VIEW)
def people_list(
    actor: Actor, *, text: str = "", unit_id: UUID | None = None, limit: int = 50, offset: int = 0
) -> PeoplePage:
    """The people of the units you look after; text: part of a name, an address or a pseudonym."""
    return queries.people_list(
        actor=actor, text=text, unit_id=unit_id, limit=max(1, min(limit, 500)), offset=max(0, offset)
    )


@tool(permission=queries.VIEW)
def person_report(actor: Actor, *, person_id: UUID) -> PersonReport:
    """One person whom you may see: where they belong, and whether they can sign in."""
    return queries.person_report(actor=actor, person_id=person_id)


@tool(permission=services.CHANGE, reads=False)
def create_person(actor: Actor, *, name: str, unit_id: UUID, valid_from: date, email: str = "") -> PersonReport:
    """Add a person to a unit."""
    return services.create_person(actor=actor, name=name, unit_id=unit_id, valid_from=valid_from, email=email)


@tool(permission=services.CHANGE, reads=False)
def move_person(actor: Actor, *, person_id: UUID, unit_id: UUID, on: date) -> PersonReport:
    """Let a person belong to one unit alone from a date on."""
    return services.move_person(actor=actor, person_id=person_id, unit_id=unit_id, on=on)


@tool(permission=import_queries.RUN)
def structure_imports(actor: Actor) -> tuple[ImportReport, ...]:
    """The latest imports of the organisation: what each changed, and how much was refused."""
    return import_queries.structure_imports(actor=actor)


@tool(permission=import_queries.RUN)
def import_report(actor: Actor, *, import_id: UUID) -> ImportReport:
    """What an import would do, or did. In the background: state is queued, job says how far it is."""
    return import_queries.import_report(actor=actor, import_id=import_id)


@tool(permission=import_queries.RUN, reads=False)
def confirm_import(actor: Actor, *, import_id: UUID, digest: str) -> ImportReport:
    """Do what the preview of an import showed, all of it or nothing; digest: the one of the preview that was looked at.

    Much is done in the background: then state is queued. Ask import_report until it is confirmed, or previewed again
    with the reason in job; job_report says how far it is, cancel_job stops it with nothing changed.
    """
    return confirm(actor=actor, import_id=import_id, seen=digest)
