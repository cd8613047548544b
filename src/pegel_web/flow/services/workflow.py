"""Confirming what the states of a stream mean, and bringing an older meaning back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from pegel.eventlog.workflow import Workflow
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.computing.mapping import different_kinds, different_rules, place_said, revision_of, said
from pegel_web.flow.contracts.workflow import KindChange, RuleChange, WorkflowVersion
from pegel_web.flow.models import ValueStream
from pegel_web.flow.queries.mapping import CONFIRMED, RESTORED, Mapping, held_mapping, version_lines
from pegel_web.flow.queries.workflow import proposed
from pegel_web.flow.services.refreshing import enqueue_refresh
from pegel_web.flow.services.streams import locked_stream


def confirm_workflow(
    *,
    actor: Actor,
    stream_id: UUID,
    changes: Sequence[RuleChange],
    kinds: Sequence[KindChange] = (),
    revision: str,
    lake_name: str | None = None,
) -> WorkflowVersion:
    """Save the mapping in force with some changes as a new version, and have the figures computed with it.

    No changes: the mapping is confirmed as it stands. A confirmed mapping that stays as it is gets no new version.
    ``revision``: of the mapping that the person has seen. ``lake_name``: of which project; None: the first.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``. InputError: see ``changed_workflow``.
    ConflictError: ``stream_without_data``, ``workflow_changed_meanwhile``. BusyError: ``lake_busy``.
    """
    with transaction.atomic():
        row = locked_stream(actor, stream_id)
        found = _unchanged(row, revision, lake_name)
        _save(actor, row, found, proposed(found, changes, kinds), CONFIRMED)
    return version_lines(actor, row, held_mapping(row, lake_name))[0]


def restore_workflow(
    *, actor: Actor, stream_id: UUID, version: int, revision: str, lake_name: str | None = None
) -> WorkflowVersion:
    """Save the content of an older version as a new one, and have the figures computed with it.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``workflow_version_unknown``. And see ``confirm_workflow``.
    """
    with transaction.atomic():
        row = locked_stream(actor, stream_id)
        found = _unchanged(row, revision, lake_name)
        _save(actor, row, found, found.version(version), RESTORED, restored=version)
    return version_lines(actor, row, held_mapping(row, lake_name))[0]


def _unchanged(row: ValueStream, revision: str, lake_name: str | None) -> Mapping:
    found = held_mapping(row, lake_name)
    if revision_of(found.in_force) != revision:
        raise ConflictError("workflow_changed_meanwhile", name=row.name)
    return found


def _save(
    actor: Actor, row: ValueStream, found: Mapping, wanted: Workflow, event: str, *, restored: int | None = None
) -> None:
    """Record, enqueue, and write the file last: what goes wrong before or while it is written leaves nothing behind."""
    old = found.in_force
    new = replace(wanted.confirmed(), version=old.version)
    if old.status == "confirmed" and new == old:
        return
    different = different_rules(old, new)
    before = {place_said(key): said(one) for key, (one, _) in different.items()}
    after = {place_said(key): said(other) for key, (_, other) in different.items()}
    types = different_kinds(old, new)
    kinds_before = {name: one for name, (one, _) in types.items()}
    kinds_after = {name: other for name, (_, other) in types.items()}
    known = old.version if old.status == "confirmed" else 0
    record(
        actor,
        event,
        subject=("stream", row.id),
        unit=row.unit_id,
        before={
            "version": known,
            "status": old.status,
            "rules": before,
            **({"kinds": kinds_before} if types else {}),
        },
        after={
            "version": known + 1,
            "status": new.status,
            "rules": after,
            **({"kinds": kinds_after} if types else {}),
            "lake_name": found.name,
            **({} if restored is None else {"restored": restored}),
        },
    )
    enqueue_refresh(actor=actor, stream=row)
    set_workflow(found.lake, found.name, new)
