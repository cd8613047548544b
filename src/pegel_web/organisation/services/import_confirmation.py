"""Confirming an import of the organisation: exactly what was shown, or nothing; where it is much, in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.jobs.services import enqueue
from pegel_web.organisation.contracts.structure_import import ImportReport
from pegel_web.organisation.importing.apply import STEPS as WRITING
from pegel_web.organisation.importing.apply import apply
from pegel_web.organisation.importing.draft import Draft
from pegel_web.organisation.importing.keeping import KeptImport, pack
from pegel_web.organisation.importing.plan import digest
from pegel_web.organisation.models import StructureImport
from pegel_web.organisation.models.structure_import import ImportState
from pegel_web.organisation.queries.structure_import import RUN, import_report, jobs_of, visible_import
from pegel_web.organisation.services.administrators import keep_an_administrator
from pegel_web.organisation.services.structure_import import locked_import, planned_again
from pegel_web.organisation.services.turn import state_number, take_turn

KIND: Final = "organisation.import.confirm"
#: What is done in the background, in order.
STEPS: Final = ("plan", "turn", *WRITING)
#: So many changes are made while somebody waits; more of them in the background.
MOST_AT_ONCE: Final = 1_000


@transaction.atomic
def confirm_import(*, actor: Actor, import_id: UUID, seen: str) -> ImportReport:
    """Do what the preview showed, all of it or nothing. ``seen``: the digest of what was shown.

    More than ``MOST_AT_ONCE`` changes are made in the background: then ``state`` is ``queued``, and ``job`` says where
    it is. Asking again meanwhile gives the same job.

    Raises
    ------
    ConflictError: ``organisation_changed`` since the preview, ``import_done_already``, ``import_expired``,
    ``last_administrator``. NotFoundError: ``import_unknown``. NotAllowedError.
    """
    actor.require(RUN)
    found = locked_import(actor, import_id)
    if found.state == ImportState.PREVIEWED and found.rows is not None:
        if found.result["total"] > MOST_AT_ONCE:
            _enqueue(actor, found, seen)
            return import_report(actor=actor, import_id=import_id)
        take_turn(seen=found.result["number"])
    _, draft = planned_again(found, actor)
    if not digest(draft) == found.digest == seen:
        raise ConflictError("organisation_changed")
    _carry_out(found, draft, step=_nothing)
    return import_report(actor=actor, import_id=import_id)


def carry_out_import(
    *, actor: Actor, import_id: UUID, seen: str, step: Callable[[str], None], hold: Callable[[], None]
) -> None:
    """Do in the background what was confirmed, unless it would by now be something else.

    ``step``: called before each of the ``STEPS`` with its name; ``hold``: called last, before the transaction ends.
    What either raises leaves everything as it was.

    Raises
    ------
    ConflictError: ``import_differs_now``, ``import_expired``, ``last_administrator``. NotFoundError, NotAllowedError.
    """
    actor.require(RUN)
    step("plan")
    found = visible_import(actor, import_id)
    if found.state == ImportState.CONFIRMED:
        # A worker that died between its last change and its last word has done it.
        return
    # Planned before the transaction, which on SQLite nobody else could write beside; and again where it is outdated.
    number = state_number()
    _, draft = planned_again(found, actor)
    step("turn")
    with transaction.atomic():
        found = locked_import(actor, import_id)
        if take_turn() != number + 1:
            _, draft = planned_again(found, actor)
        if not digest(draft) == found.digest == seen:
            raise ConflictError("import_differs_now")
        _carry_out(found, draft, step=step)
        hold()


def _enqueue(actor: Actor, found: StructureImport, seen: str) -> None:
    if any(job.open for job in jobs_of(actor, [found]).values()):
        return
    # What would be refused anyway is refused while the person is still there.
    if found.digest != seen or found.result["number"] != state_number():
        raise ConflictError("organisation_changed")
    job = enqueue(
        actor=actor,
        kind=KIND,
        arguments={"import_id": str(found.id), "seen": seen},
        label_code="job.organisation.import.confirm",
        key=f"{KIND}:{found.id}",
    )
    found.job_id = job.id
    found.save(update_fields=["job_id"])
    after = {"counts": found.result["counts"], "job": job.id}
    record(actor, "organisation.import.queued", subject=("import", found.id), after=after)


def _carry_out(found: StructureImport, draft: Draft, *, step: Callable[[str], None]) -> None:
    """Write a plan and how it ended, as part of the open transaction and in its turn."""
    actor = draft.actor
    with keep_an_administrator(actor.at.date()):
        apply(draft, import_id=found.id, step=step)
    found.state, found.confirmed_at = ImportState.CONFIRMED, actor.at
    # Whoever corrects the refused rows needs them; everything else stands in the organisation now.
    found.rows = pack(KeptImport(seed=None, file=None, lines=(), rejected=tuple(draft.rejected)))
    found.save(update_fields=["state", "confirmed_at", "rows"])
    after = {"counts": found.result["counts"], "effective_date": found.effective_date, "complete": found.complete}
    record(actor, "organisation.import.confirmed", subject=("import", found.id), after=after)


def _nothing(name: str) -> None:
    """Nobody waits for a word in between."""
