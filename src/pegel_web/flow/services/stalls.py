"""Reporting that work stalls, joining, answering, closing, reopening.

What the author and those who join do is recorded without who did it: a report is shown without its author, and the
audit must not be the way around that.
"""

from __future__ import annotations

from typing import Final, cast, get_args
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel.words import Language
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.flow.contracts.stalls import Stall, StallFriction, StallOften
from pegel_web.flow.models import StallOutcome, StallReport, StallStatus, StallStep, StallVoice
from pegel_web.flow.queries.stalls import REPORT, known_steps, report_to_answer, seen_report, stall
from pegel_web.flow.queries.streams import seen_stream
from pegel_web.organisation import entered

LONGEST_TEXT: Final = 1000
#: Hours of a week that one person can lose at most.
MOST_HOURS: Final = 60.0
#: Reports of one person about one stream that are not closed.
MOST_OPEN: Final = 20


def report_stall(
    *,
    actor: Actor,
    stream_id: UUID,
    state: str,
    friction: str,
    why: str,
    often: str = "",
    hours_per_week: float | None = None,
) -> Stall:
    """Say that work stalls in a step of a stream, and why. It goes to those who answer for the stream, without a name.

    ``state``: of the log; empty: a step that is none of them. ``often``, ``hours_per_week``: one's own estimate.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``. InputError: ``stall_state_unknown``,
    ``stall_word_unknown``, ``stall_hours_impossible``, and those of ``entered.paragraph``. ConflictError:
    ``stall_too_many``.
    """
    row = seen_stream(actor, stream_id)
    actor.require(REPORT, unit=row.unit_id)
    person = actor.person()
    _known(friction, get_args(StallFriction), field="friction")
    _known(often, ("", *get_args(StallOften)), field="often")
    if hours_per_week is not None and not 0 < hours_per_week <= MOST_HOURS:
        raise InputError("stall_hours_impossible", field="hours_per_week", most=MOST_HOURS)
    text = entered.paragraph(why, field="why", most=LONGEST_TEXT, required=True)
    if state and all(one.state != state for one in known_steps(row, cast(Language, actor.language))):
        raise InputError("stall_state_unknown", field="state", name=state[:200])
    with transaction.atomic():
        own = StallReport.objects.everything(because="one's own reports").filter(stream=row, author=person)
        if own.exclude(status=StallStatus.CLOSED).count() >= MOST_OPEN:
            raise ConflictError("stall_too_many", most=MOST_OPEN)
        made = StallReport.objects.create(
            stream=row,
            state=state,
            friction=friction,
            why=text,
            often=often,
            hours_per_week=hours_per_week,
            author_id=person,
            reported_at=actor.at,
        )
        record(
            _nobody(actor),
            "flow.stall.reported",
            subject=("stall", made.id),
            unit=row.unit_id,
            after={"stream": row.id, "state": state, "friction": friction},
        )
    return stall(actor=actor, stall_id=made.id)


def join_stall(*, actor: Actor, stall_id: UUID) -> Stall:
    """Say "me too" to a report of somebody else, once.

    Raises
    ------
    NotFoundError: ``stall_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``stall_own``,
    ``stall_joined_already``, ``stall_not_now``.
    """
    seen = seen_report(actor, stall_id)
    actor.require(REPORT, unit=seen.stream.unit_id)
    person = actor.person()
    with transaction.atomic():
        row = _locked(stall_id)
        if row.author_id == person:
            raise ConflictError("stall_own")
        if row.status == StallStatus.CLOSED:
            raise ConflictError("stall_not_now")
        if StallVoice.objects.everything(because="one's own").filter(report=row, person=person).exists():
            raise ConflictError("stall_joined_already")
        StallVoice.objects.create(report=row, person_id=person, joined_at=actor.at)
        record(_nobody(actor), "flow.stall.joined", subject=("stall", row.id), unit=seen.stream.unit_id)
    return stall(actor=actor, stall_id=stall_id)


def answer_stall(*, actor: Actor, stall_id: UUID, text: str, plan: str = "") -> Stall:
    """Answer a report: what those say who answer for the stream, and what will be done.

    Raises
    ------
    NotFoundError: ``stall_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``stall_not_now``. InputError:
    those of ``entered.paragraph``.
    """
    report_to_answer(actor, stall_id)
    said = entered.paragraph(text, field="text", most=LONGEST_TEXT, required=True)
    will = entered.paragraph(plan, field="plan", most=LONGEST_TEXT)
    with transaction.atomic():
        row = _locked(stall_id)
        _require(row, StallStatus.OPEN)
        _step(actor, row, "answered", text=said, plan=will)
        _move(row, StallStatus.ANSWERED)
        _recorded(actor, row, "flow.stall.answered", before=StallStatus.OPEN)
    return stall(actor=actor, stall_id=stall_id)


def close_stall(*, actor: Actor, stall_id: UUID, outcome: str, text: str = "") -> Stall:
    """Close an answered report: done, or no change, which needs a reason.

    Raises
    ------
    NotFoundError: ``stall_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``stall_not_now``. InputError:
    ``stall_word_unknown`` and those of ``entered.paragraph``.
    """
    report_to_answer(actor, stall_id)
    _known(outcome, tuple(StallOutcome.values), field="outcome")
    said = entered.paragraph(text, field="text", most=LONGEST_TEXT, required=outcome == StallOutcome.NO_CHANGE)
    with transaction.atomic():
        row = _locked(stall_id)
        _require(row, StallStatus.ANSWERED)
        _step(actor, row, "closed", text=said, outcome=outcome)
        row.outcome, row.closed_at = outcome, max(actor.at, row.reported_at)
        _move(row, StallStatus.CLOSED)
        _recorded(actor, row, "flow.stall.closed", before=StallStatus.ANSWERED)
    return stall(actor=actor, stall_id=stall_id)


def reopen_stall(*, actor: Actor, stall_id: UUID, text: str = "") -> Stall:
    """Open one's own report again, after an answer or after it was closed.

    Raises
    ------
    NotFoundError: ``stall_unknown``. NotAllowedError: ``not_allowed``: somebody else wrote it. ConflictError:
    ``stall_not_now``. InputError: those of ``entered.paragraph``.
    """
    seen = seen_report(actor, stall_id)
    actor.require(REPORT, unit=seen.stream.unit_id)
    if seen.author_id is None or seen.author_id != actor.person_id:
        raise NotAllowedError("not_allowed", permission=REPORT)
    said = entered.paragraph(text, field="text", most=LONGEST_TEXT)
    with transaction.atomic():
        row = _locked(stall_id)
        if row.status == StallStatus.OPEN:
            raise ConflictError("stall_not_now")
        before = row.status
        StallStep.objects.create(report=row, kind="reopened", text=said, at=actor.at)
        row.outcome, row.closed_at = "", None
        _move(row, StallStatus.OPEN)
        _recorded(_nobody(actor), row, "flow.stall.reopened", before=before)
    return stall(actor=actor, stall_id=stall_id)


def _locked(stall_id: UUID) -> StallReport:
    rows = StallReport.objects.everything(because="seen before").select_for_update(of=("self",))
    found = rows.select_related("stream").filter(pk=stall_id).first()
    if found is None:
        raise NotFoundError("stall_unknown", id=stall_id)
    return cast("StallReport", found)


def _require(row: StallReport, status: StallStatus) -> None:
    if row.status != status:
        raise ConflictError("stall_not_now")


def _step(actor: Actor, row: StallReport, kind: str, *, text: str, plan: str = "", outcome: str = "") -> None:
    StallStep.objects.create(
        report=row, kind=kind, text=text, plan=plan, outcome=outcome, by_id=actor.person(), at=actor.at
    )


def _move(row: StallReport, status: StallStatus) -> None:
    row.status = status
    row.save(update_fields=["status", "outcome", "closed_at"])


def _recorded(actor: Actor, row: StallReport, event: str, *, before: str) -> None:
    """Record a step; what was written stands in the report, where it can be let go."""
    ending = {"outcome": row.outcome} if row.outcome else {}
    record(
        actor,
        event,
        subject=("stall", row.id),
        unit=row.stream.unit_id,
        before={"status": before},
        after={"status": row.status, **ending},
    )


def _nobody(actor: Actor) -> Actor:
    """Return who acts without who it is; also not by way of the request, which other entries may name."""
    return Actor(person_id=None, at=actor.at, through=actor.through, request_id="", language=actor.language)


def _known(word: str, words: tuple[str, ...], *, field: str) -> None:
    if word not in words:
        raise InputError("stall_word_unknown", field=field, name=word[:40], known=[one for one in words if one])
