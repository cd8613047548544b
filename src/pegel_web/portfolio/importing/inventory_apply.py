"""Makes a plan true: many rows at a time, with a revision, a step and a record of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.audit import Deed, record_many
from pegel_web.portfolio.importing.inventory_plan import PlannedCase, plain
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import CaseRevision, CaseSource, CaseStep, UseCase
from pegel_web.portfolio.queries.use_cases import CONTENT
from pegel_web.portfolio.services.rows import next_numbers

#: The parts of :func:`apply`, in order.
STEPS: Final = ("cases", "history", "record")
_AT_ONCE: Final = 500


def apply(plan: Sequence[PlannedCase], *, actor: Actor, import_id: UUID, step: Callable[[str], None]) -> None:
    """Write a plan, as part of the open transaction. ``step``: called before each of the ``STEPS`` with its name."""
    step("cases")
    added = [one for one in plan if one.verb == "added"]
    changed = [one for one in plan if one.verb == "changed" and one.known is not None and one.after]
    numbers = next_numbers(len(added)) if added else range(0)
    new = [_new(one, number, actor) for one, number in zip(added, numbers, strict=True)]
    UseCase.objects.bulk_create(new, batch_size=_AT_ONCE)
    old = [_changed(one, actor) for one in changed]
    # An insertion that meets what is there and changes it: several times as fast as an update of many rows, each of
    # which has a condition of its own.
    names = sorted({name for one in changed for name in one.after} | {"revision", "changed_at"})
    UseCase.objects.bulk_create(
        old, update_conflicts=True, unique_fields=["id"], update_fields=names, batch_size=_AT_ONCE
    )
    step("history")
    CaseRevision.objects.bulk_create([_revision(row, actor) for row in (*new, *old)], batch_size=_AT_ONCE)
    CaseStep.objects.bulk_create(
        [CaseStep(use_case=row, source="", target=CaseState.IDEA, at=actor.at) for row in new], batch_size=_AT_ONCE
    )
    _keep_said(plan, {one.wanted.number: row.id for one, row in zip(added, new, strict=True)}, actor)
    step("record")
    record_many(actor, [*_deeds(added, new, import_id), *_deeds(changed, old, import_id)])


def _new(one: PlannedCase, number: int, actor: Actor) -> UseCase:
    return UseCase(
        number=number, state=CaseState.IDEA, state_since=actor.at, submitted_at=actor.at, changed_at=actor.at,
        source=one.wanted.source, source_key=one.wanted.source_key, **one.after,
    )  # fmt: skip


def _changed(one: PlannedCase, actor: Actor) -> UseCase:
    row: UseCase = one.known.row  # type: ignore[union-attr]  # what is changed is known
    for name, value in one.after.items():
        setattr(row, name, value)
    row.revision += 1
    row.changed_at = actor.at
    return row


def _revision(row: UseCase, actor: Actor) -> CaseRevision:
    content = {name: plain(getattr(row, name)) for name in CONTENT}
    return CaseRevision(use_case=row, revision=row.revision, content=content, at=actor.at, by_id=actor.person_id)


def _keep_said(plan: Sequence[PlannedCase], new: dict[int, UUID], actor: Actor) -> None:
    rows = []
    for one in plan:
        details = dict(one.wanted.details)
        if one.known is None:
            rows.append(_said(new[one.wanted.number], one, details, actor))
        elif dict(one.said) != dict(one.known.said) or details != dict(one.known.details):
            rows.append(_said(one.known.row.id, one, details, actor))
    CaseSource.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["use_case"], update_fields=["said", "details", "seen_at"],
        batch_size=_AT_ONCE,
    )  # fmt: skip


def _said(case: UUID, one: PlannedCase, details: dict[str, str], actor: Actor) -> CaseSource:
    return CaseSource(use_case_id=case, said=dict(one.said), details=details, seen_at=actor.at)


def _deeds(plan: Sequence[PlannedCase], rows: Sequence[UseCase], import_id: UUID) -> list[Deed]:
    return [_deed(one, row, import_id) for one, row in zip(plan, rows, strict=True)]


def _deed(one: PlannedCase, row: UseCase, import_id: UUID) -> Deed:
    subject = ("use_case", row.id)
    if one.known is None:
        after: dict[str, Any] = {
            "title": row.title, "number": row.number, "source": row.source, "source_key": row.source_key,
            "source_state": row.source_state, "import": import_id,
        }  # fmt: skip
        return Deed(event="portfolio.use_case.registered", subject=subject, unit=row.unit_id, after=after)
    return Deed(
        event="portfolio.use_case.changed", subject=subject, unit=row.unit_id,
        before={name: plain(value) for name, value in one.before.items()},
        after={name: plain(value) for name, value in one.after.items()} | {"import": import_id},
    )  # fmt: skip
