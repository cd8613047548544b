"""Start small: which one step of which stream is provably too slow, with evidence, reports, price and baseline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from pegel.words import Language, say
from pegel.words.numbers import percent, short_number
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.start_small import FIGURES
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.start_small import (
    Range,
    RankedStep,
    SlowStep,
    StartContent,
    StartSmall,
    StepPrice,
    StreamStart,
)
from pegel_web.flow.models import Baseline, LakeReading, StreamSnapshot, ValueStream
from pegel_web.flow.queries.baselines import taken_baselines
from pegel_web.flow.queries.declared import declared_of
from pegel_web.flow.queries.stalls import Voices, voices_of
from pegel_web.flow.queries.start_content import content_of, kept_contents
from pegel_web.flow.queries.streams import CHANGE, freshness, reading, seen_stream, stream_of, streams_seen
from pegel_web.flow.queries.withholding import REASON, floor_of
from pegel_web.organisation.queries.structure import Structure, structure_on


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What stands beside the figures of streams: what people say, what is declared, baselines that were taken."""

    voices: Mapping[UUID, Mapping[str, Voices]]
    declared: Mapping[UUID, Declared]
    taken: Sequence[Baseline]


def start_small(*, actor: Actor, stream_id: UUID | None = None) -> StartSmall:
    """Return the steps of all streams of an actor, or of one, by the hours lost in them per week.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(ValueStream.view_permission)
    rows = list(streams_seen(actor)) if stream_id is None else [seen_stream(actor, stream_id)]
    ids = [row.id for row in rows]
    structure, known, language = structure_on(actor.at.date()), reading(), cast(Language, actor.language)
    floor = floor_of(actor, structure)
    kept = kept_contents(ids)
    contents = {stream: content_of(one, actor) for stream, one in kept.items()}
    hidden = {row.id for row in rows if row.id in contents and floor.withholds(row.unit_id, contents[row.id].people)}
    taken = list(
        Baseline.objects.visible_to(actor).filter(stream__in=ids).select_related("stream").order_by("-at", "id")
    )
    shown = [row for row in rows if row.id in contents and row.id not in hidden]
    beside = _Beside(voices=voices_of(actor, ids), declared=declared_of(ids), taken=taken)
    steps = _ranked(actor, shown, contents, structure, beside, floor.least)
    pick = next((one for one in steps if one.step.proven), None)
    return StartSmall(
        pick=pick,
        sentence=_sentence(pick, steps, [contents[row.id] for row in shown], language, single=stream_id is not None),
        floor=floor.least,
        units_differ=len({contents[row.id].unit for row in shown if contents[row.id].steps}) > 1,
        steps=steps,
        streams=tuple(
            _stream(row, kept.get(row.id), contents.get(row.id), known, structure, actor, withheld=row.id in hidden)
            for row in rows
        ),
        baselines=taken_baselines(actor, taken, contents, floor),
    )


def _ranked(
    actor: Actor,
    rows: Iterable[ValueStream],
    contents: Mapping[UUID, StartContent],
    structure: Structure,
    beside: _Beside,
    least: int,
) -> tuple[RankedStep, ...]:
    found = [(row, step) for row in rows for step in contents[row.id].steps]
    found.sort(key=lambda one: (-one[1].lost_hours_per_week.value, one[0].name, one[1].state))
    return tuple(
        _step(
            number,
            row,
            step,
            beside.voices.get(row.id, {}).get(step.state),
            beside.declared[row.id],
            structure,
            _same_baseline(row, step, contents[row.id].definition_hash, beside.taken),
            least,
            may_take=actor.person_id is not None and actor.allows(CHANGE, unit=row.unit_id),
        )
        for number, (row, step) in enumerate(found, start=1)
    )


def _same_baseline(row: ValueStream, step: SlowStep, definition: str, taken: Iterable[Baseline]) -> UUID | None:
    """Return the baseline that was taken of exactly these figures."""
    place = (row.id, step.state, step.phase, definition)
    mine = [one for one in taken if (one.stream_id, one.state, one.phase, one.definition_hash) == place]
    return next((one.id for one in mine if FIGURES.validate_python(one.content) == step.baseline), None)


def _step(
    rank: int,
    row: ValueStream,
    step: SlowStep,
    voices: Voices | None,
    declared: Declared,
    structure: Structure,
    baseline: UUID | None,
    least: int,
    *,
    may_take: bool,
) -> RankedStep:
    people = 0 if voices is None else voices.people
    return RankedStep(
        rank=rank,
        stream=stream_of(row, structure),
        step=step,
        reports=0 if voices is None else voices.reports,
        people=people if people == 0 or people >= least else None,
        price=_price(step.lost_days_per_week, declared),
        baseline_id=baseline,
        may_take_baseline=may_take and baseline is None,
    )


def _price(days: Range, declared: Declared) -> StepPrice:
    """Return what the lost days of a week cost, if somebody has declared what a day of delay costs an item."""
    rate = declared.cost_of_delay
    if rate is None:
        return StepPrice(per_week=None, currency=declared.currency)
    return StepPrice(
        per_week=Range(
            value=days.value * rate,
            low=None if days.low is None else days.low * rate,
            high=None if days.high is None else days.high * rate,
        ),
        currency=declared.currency,
    )


def _stream(
    row: ValueStream,
    kept: StreamSnapshot | None,
    content: StartContent | None,
    known: LakeReading | None,
    structure: Structure,
    actor: Actor,
    *,
    withheld: bool,
) -> StreamStart:
    language, stream = cast(Language, actor.language), stream_of(row, structure)
    if kept is None or content is None:
        said = say("flow.start.not_computed", language)
        return StreamStart(stream=stream, status="not_computed", sentence=said, freshness=None, unmapped=())
    fresh = freshness(row, kept, known, actor.at)
    if withheld:
        said = say(f"reason.{REASON}", language)
        return StreamStart(stream=stream, status="withheld", sentence=said, freshness=fresh, unmapped=())
    return StreamStart(
        stream=stream, status=content.status, sentence=content.sentence, freshness=fresh, unmapped=content.unmapped
    )


def _sentence(
    pick: RankedStep | None,
    steps: tuple[RankedStep, ...],
    contents: Iterable[StartContent],
    language: Language,
    *,
    single: bool,
) -> str:
    """Return why this step first, or why none can be named."""
    if pick is None:
        lacking = sum(not one.step.baseline.sufficient for one in steps)
        if not list(contents):
            return say("flow.start.no_streams", language)
        if not steps:
            return say("flow.start.no_steps", language)
        code = "none_enough_data" if lacking == len(steps) else "none_proven"
        return say(f"flow.start.{code}", language, n=len(steps))
    step, before = pick.step, [one for one in steps if one.rank < pick.rank]
    hours = step.lost_hours_per_week
    said = say(
        "flow.start.pick",
        language,
        state=step.state_name,
        phase=step.phase_name,
        stream=pick.stream.name,
        hours=short_number(hours.value, language),
        low=short_number(hours.low or 0.0, language),
        high=short_number(hours.high or 0.0, language),
        share=percent(step.share_of_stream, language),
        items=step.items,
    )
    why = "why_single" if single else "why"
    if before:
        return f"{said} {say('flow.start.why_not_those_before', language, n=len(before))}"
    return f"{said} {say(f'flow.start.{why}', language)}"
