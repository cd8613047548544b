"""Who is accountable for the steps of a stream, and what lies where nobody is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final, cast
from uuid import UUID

from pegel.words import Language, say
from pegel.words.names import state_name, term
from pegel.words.numbers import number, percent
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.steps import STEPS
from pegel_web.flow.contracts.responsibility import (
    StepChange,
    StepContent,
    StepLine,
    StepWork,
    StreamResponsibility,
)
from pegel_web.flow.models import SnapshotKind, StepResponsibility, ValueStream
from pegel_web.flow.queries.overview import period_choices, require_period
from pegel_web.flow.queries.reports import kept_part
from pegel_web.flow.queries.streams import CHANGE, freshness, reading, seen_stream, stream_of
from pegel_web.flow.queries.withholding import REASON, floor_of
from pegel_web.organisation.queries.structure import Structure, structure_on

#: Changes that are listed.
MOST_LISTED: Final = 50


def stream_responsibility(*, actor: Actor, stream_id: UUID, period: str = DEFAULT) -> StreamResponsibility:
    """Return which unit is accountable for each step of a stream, which steps have none, and what lies there.

    Raises
    ------
    NotFoundError: ``stream_unknown``. InputError: ``period_unknown``.
    """
    require_period(period)
    row = seen_stream(actor, stream_id)
    language = cast(Language, actor.language)
    structure = structure_on(actor.at.date())
    kept = kept_part(row, SnapshotKind.STEPS, period)
    content = None if kept is None else STEPS.validate_python(kept.payload["content"])
    hidden = content is not None and floor_of(actor, structure).withholds(row.unit_id, content.people)
    declared = declared_steps(row)
    mine = {one.state: one for one in declared if one.valid_until is None}
    lines = tuple(_line(one, mine.get(one.state), structure, language, hidden=hidden) for one in _work(content, mine))
    gone = [one for one in lines if one.unit_id is None]
    waiting = None if content is None or hidden or not content.waiting_days else content.waiting_days
    gap_days = None if content is None or hidden else sum(one.work.waiting_days for one in gone if one.work)
    shared: dict[str, Any] = {
        "gaps": len(gone),
        "gap_share": None if waiting is None or gap_days is None else gap_days / waiting,
        "gap_days": gap_days,
        "gap_open": None if content is None else sum(one.open for one in content.steps if one.state not in mine),
    }
    return StreamResponsibility(
        stream=stream_of(row, structure),
        has_data=content is not None,
        content=None if hidden else content,
        freshness=None if kept is None else freshness(row, kept, reading(), actor.at),
        lines=lines,
        sentences=_sentences(content, len(lines), shared, language, hidden=hidden),
        history=tuple(_change(one, structure) for one in sorted(declared, key=_newest)[:MOST_LISTED]),
        periods=period_choices(period, language),
        revision=revision_of(declared),
        withheld=hidden,
        may_change=actor.allows(CHANGE, unit=row.unit_id),
        **shared,
    )


def declared_steps(row: ValueStream) -> Sequence[StepResponsibility]:
    """Return who is and was accountable for the steps of a visible stream."""
    found = StepResponsibility.objects.everything(because="of a stream that the actor may see")
    return list(found.filter(stream_id=row.id).order_by("state", "valid_from", "id"))


def revision_of(declared: Iterable[StepResponsibility]) -> str:
    """Return what changes with every change of what is in force."""
    open_now = sorted(f"{one.state}\0{one.unit_id}" for one in declared if one.valid_until is None)
    return sha256("\1".join(open_now).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def steps_of(row: ValueStream) -> Sequence[str]:
    """Return the steps of a stream as they were last computed, and those that somebody is accountable for."""
    kept = kept_part(row, SnapshotKind.STEPS, DEFAULT)
    content = None if kept is None else STEPS.validate_python(kept.payload["content"])
    mine = {one.state: one for one in declared_steps(row) if one.valid_until is None}
    return [one.state for one in _work(content, mine)]


def _work(content: StepContent | None, mine: Iterable[str]) -> list[StepWork]:
    """Return the work in every step; a step that is declared and not in the data any more has none."""
    found = [] if content is None else list(content.steps)
    known = {one.state for one in found}
    nothing = {"category": "unmapped", "items": 0, "days": 0.0, "waiting_days": 0.0, "open": 0, "teams": None}
    return [*found, *(StepWork(state=one, ping_pong=0, **cast(Any, nothing)) for one in mine if one not in known)]


def _line(
    work: StepWork, owner: StepResponsibility | None, structure: Structure, language: Language, *, hidden: bool
) -> StepLine:
    return StepLine(
        state=work.state,
        state_name=state_name(work.state, language),
        category_name=term("category", work.category, language),
        unit_id=None if owner is None else owner.unit_id,
        unit_name="" if owner is None else _unit_name(owner, structure),
        since=None if owner is None else owner.valid_from,
        work=None if hidden else work,
    )


def _unit_name(one: StepResponsibility, structure: Structure) -> str:
    node = structure.nodes.get(one.unit_id)
    return "–" if node is None else node.name


def _change(one: StepResponsibility, structure: Structure) -> StepChange:
    return StepChange(
        state=one.state,
        unit_name=_unit_name(one, structure),
        valid_from=one.valid_from,
        valid_until=one.valid_until,
    )


def _newest(one: StepResponsibility) -> tuple[int, str]:
    return -(one.valid_until or one.valid_from).toordinal(), one.state


def _sentences(
    content: StepContent | None, steps: int, shared: dict[str, Any], language: Language, *, hidden: bool
) -> tuple[str, ...]:
    if content is None or not steps:
        return ()
    gaps, share = shared["gaps"], shared["gap_share"]
    if not gaps:
        out = [say("flow.responsibility.no_gaps", language, n=steps)]
    elif share is None:
        out = [say("flow.responsibility.gaps", language, n=gaps, steps=steps)]
    else:
        out = [say("flow.responsibility.gaps_waiting", language, n=gaps, steps=steps, share=percent(share, language))]
    if hidden:
        return (*out, say(f"reason.{REASON}", language))
    return (*out, *_team_sentences(content, language))


def _team_sentences(content: StepContent, language: Language) -> tuple[str, ...]:
    if content.team_status == "not_configured":
        return (say("flow.responsibility.no_teams", language),)
    if content.hand_offs is None or not content.hand_off_moves:
        return (say("flow.responsibility.teams_no_moves", language),)
    share = percent(content.hand_offs / content.hand_off_moves, language)
    back = number(content.team_back or 0, language)
    return (say("flow.responsibility.teams", language, n=content.teams or 0, share=share, back=back),)
