"""The mapping of a stream as the lake holds it: in force, its versions, who saved them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from pegel.errors import NotFoundError
from pegel.eventlog.workflow import Workflow
from pegel.lake.store import Lake, open_lake
from pegel.lake.workflows import workflow_versions, workflows
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError
from pegel_web.core.models import AuditEntry
from pegel_web.flow.contracts.workflow import WorkflowVersion
from pegel_web.flow.models import ValueStream
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.names import names_in_lake
from pegel_web.organisation.queries.people import names_of

CONFIRMED = "flow.workflow.confirmed"
RESTORED = "flow.workflow.restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """What the lake holds about the states of one of its names. ``versions``: the confirmed ones, the oldest first.

    ``names``: those of the stream that the lake holds; ``name``: of them the one whose states they are.
    """

    lake: Lake
    name: str
    names: tuple[str, ...]
    in_force: Workflow
    versions: tuple[Workflow, ...]

    def version(self, number: int) -> Workflow:
        """Return a confirmed version.

        Raises
        ------
        NotFoundError: ``workflow_version_unknown``.
        """
        found = next((one for one in self.versions if one.version == number), None)
        if found is None:
            raise NotFoundError("workflow_version_unknown", version=number)
        return found


def mapping_of(row: ValueStream, name: str | None = None) -> Mapping | None:
    """Return the mapping of one of a stream's names in the lake; None: the lake holds none of them.

    ``name`` None: the first.

    Raises
    ------
    NotFoundError: ``stream_project_unknown``.
    """
    try:
        lake = open_lake(lake_folder())
    except NotFoundError:
        return None
    held = set(lake.streams())
    names = tuple(one for one in names_in_lake(row) if one in held)
    if not names:
        return None
    mine = names[0] if name is None else name
    if mine not in names:
        raise NotFoundError("stream_project_unknown", name=mine[:200], stream=row.name)
    versions = workflow_versions(lake, mine)
    in_force = versions[-1] if versions else workflows(lake).get(mine, Workflow(name=mine))
    return Mapping(lake=lake, name=mine, names=names, in_force=in_force, versions=versions)


def held_mapping(row: ValueStream, name: str | None = None) -> Mapping:
    """Return the mapping of one of the names of a stream that has data; see ``mapping_of``.

    Raises
    ------
    ConflictError: ``stream_without_data``. NotFoundError: ``stream_project_unknown``.
    """
    found = mapping_of(row, name)
    if found is None:
        raise ConflictError("stream_without_data", name=row.name)
    return found


def version_lines(actor: Actor, row: ValueStream, found: Mapping) -> tuple[WorkflowVersion, ...]:
    """Return the versions of a mapping, the newest first, with who saved them as far as the actor may know."""
    entries = AuditEntry.objects.everything(because="who said what the states of a visible stream mean")
    mine = entries.filter(event__in=[CONFIRMED, RESTORED], after__lake_name=found.name).order_by("at", "id")
    saved = {entry.after["version"]: entry for entry in cast("list[AuditEntry]", list(mine)) if entry.after}
    people = {entry.actor_id for entry in saved.values() if entry.actor_id is not None}
    names = names_of(actor=actor, person_ids=people)
    lines = []
    for one in reversed(found.versions):
        entry = saved.get(one.version)
        name = None if entry is None or entry.actor_id is None else names.get(entry.actor_id)
        lines.append(
            WorkflowVersion(
                version=one.version,
                saved_at=None if entry is None else entry.at,
                saved_by=None if name is None else name.shown,
                restored=None if entry is None or entry.after is None else entry.after.get("restored"),
                rules=len(one.rules),
                in_force=one.version == found.in_force.version,
            )
        )
    return tuple(lines)
