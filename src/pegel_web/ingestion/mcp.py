"""Files with the history of work, for agents. Bringing a file is for people and programs that have one."""

from __future__ import annotations

from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.ingestion import queries, services
from pegel_web.ingestion.contracts import FileLine, FileReport


@tool(permission="flow.stream.change")
def brought_files(actor: Actor) -> tuple[FileLine, ...]:
    """List the files with work history that people brought for your units, and how far each has come."""
    return queries.brought_files(actor=actor)


@tool(permission="flow.stream.change")
def brought_file(actor: Actor, *, file_id: UUID) -> FileReport:
    """Tell what a brought file holds, which questions it can answer, what stands in the way, what its import did."""
    return queries.brought_file(actor=actor, file_id=file_id)


@tool(permission="flow.stream.change", reads=False)
def confirm_brought_file(actor: Actor, *, file_id: UUID, seen: str) -> FileReport:
    """Import a brought file as it was shown. seen: of the report that somebody looked at; see brought_file."""
    return services.confirm_file(actor=actor, file_id=file_id, seen=seen)
