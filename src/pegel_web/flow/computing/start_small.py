"""The steps of a stream by what is lost in them, with evidence and baseline; see ``pegel.waits.picker``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

import polars as pl
from pydantic import TypeAdapter

from pegel.eventlog.schema import DELETED_STATE, HOUR_US, from_us
from pegel.eventlog.workflow import StateCategory
from pegel.flow.answer import Status
from pegel.waits.bottlenecks import Bottlenecks, bottlenecks
from pegel.waits.causes import WaitCauses, wait_causes
from pegel.waits.picker import Baseline, Interval, Step, start_small
from pegel.waits.picker import StartSmall as Picked
from pegel.waits.stages import stage_sums
from pegel.words import LANGUAGES, Language, say
from pegel.words.bottlenecks import option_sentence, pick_sentence
from pegel.words.names import policy_name, state_name, term
from pegel_web.flow.computing.computed import Computed, Reading
from pegel_web.flow.contracts.stalls import StallStepName
from pegel_web.flow.contracts.start_small import (
    BaselineFigures,
    Range,
    SlowStep,
    StartContent,
    StepCause,
    UnmappedStep,
    WeekMean,
)

KIND: Final = "start_small"
CONTENT: Final[TypeAdapter[StartContent]] = TypeAdapter(StartContent)
FIGURES: Final[TypeAdapter[BaselineFigures]] = TypeAdapter(BaselineFigures)
#: States in which nothing can stall: items have ended there, or nobody counts them.
_OVER: Final = frozenset({StateCategory.DONE, StateCategory.CANCELLED, StateCategory.IGNORED, StateCategory.DELETED})


def slow_steps(reading: Reading) -> Iterator[Computed]:
    """Yield the steps of a stream under the policy that suits it: which clock to choose is no part of this question."""
    if not reading.preferred:
        return
    log, policy = reading.log, reading.policy
    sums = stage_sums(log, policy)
    ranked = bottlenecks(log, policy, sums=sums)
    picked = start_small(log, policy, sums=sums, ranked=ranked)
    waits = wait_causes(log, policy, items=reading.windows, from_us=sums.from_us, until_us=sums.until_us)
    yield Computed(
        kind=KIND,
        policy=policy,
        period="",
        preferred=True,
        payload={
            one: CONTENT.dump_python(start_content(reading, picked, ranked, waits, one), mode="json")
            for one in LANGUAGES
        },
        definitions=(picked.definition, ranked.definition, waits.definition),
        as_of=reading.as_of,
    )


def start_content(
    reading: Reading, picked: Picked, ranked: Bottlenecks, waits: WaitCauses, language: Language
) -> StartContent:
    """Return everything in one language."""
    return StartContent(
        definition=picked.definition,
        definition_hash=definition_hash(reading, picked.definition),
        policy=reading.policy.name,
        policy_name=policy_name(reading.policy.name, language),
        unit=picked.unit,
        people=reading.people,
        workflow_status=picked.workflow_status,
        from_at=from_us(picked.from_us),
        until_at=from_us(picked.until_us),
        n=picked.n,
        status=picked.status.value,
        reason=picked.reason if picked.status is not Status.VALUE else picked.pick_reason,
        sentence=pick_sentence(picked, language),
        steps=tuple(_step(reading, one, ranked, waits, language) for one in picked.steps),
        unmapped=tuple(
            UnmappedStep(
                state=row["state"],
                state_name=state_name(row["state"], language),
                lost_hours_per_week=row["hours_per_week"],
                share_of_stream=row["share_of_stream"],
            )
            for row in picked.not_configured.iter_rows(named=True)
        ),
        step_names=_step_names(reading, ranked, language),
    )


def definition_hash(reading: Reading, definition: str) -> str:
    """Return one short text for everything that figures depend on beside the data: the same text, the same meaning."""
    log = reading.log
    meant = [repr(log.workflows.get(name)) for name in sorted(log.streams or ())]
    said = "\0".join((definition, repr(reading.policy), log.unit, str(log.day_us), *meant))
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _step(reading: Reading, step: Step, ranked: Bottlenecks, waits: WaitCauses, language: Language) -> SlowStep:
    hours, per_day = _range(step.lost_hours_per_week), HOUR_US / reading.log.day_us
    options = [one for one in ranked.options if (one.stream, one.state) == (step.stream, step.state)]
    return SlowStep(
        state=step.state,
        state_name=state_name(step.state, language),
        phase=step.phase,
        phase_name=term("phase", step.phase, language),
        category=step.category,
        category_name=term("category", step.category, language),
        friction_name=term("friction", step.friction, language) if step.friction else "",
        lost_hours_per_week=hours,
        lost_days_per_week=Range(
            value=hours.value * per_day,
            low=None if hours.low is None else hours.low * per_day,
            high=None if hours.high is None else hours.high * per_day,
        ),
        lost_days_per_item=step.lost_days_per_item,
        share_of_stream=step.share_of_stream,
        items=step.items,
        pace=step.pace.value,
        pace_name=term("step_pace", step.pace.value, language),
        now=step.now,
        oldest_days=step.oldest_days,
        proven=step.proven,
        baseline=_baseline(reading, step.baseline, hours),
        causes=_causes(step, waits, language),
        options=tuple(option_sentence(one, ranked, language) for one in options),
    )


def _causes(step: Step, waits: WaitCauses, language: Language) -> tuple[StepCause, ...]:
    """Return why finished items waited in the step, the largest cause first; a step of work has no waits."""
    here = ~pl.col("open") & (pl.col("stream") == step.stream) & (pl.col("state") == step.state) & (pl.col("days") > 0)
    rows = waits.by_state.filter(here).group_by("cause").agg(pl.col("days").sum())
    rows = rows.sort("days", "cause", descending=[True, False])
    total = float(rows["days"].sum())
    return tuple(
        StepCause(
            cause=row["cause"],
            cause_name=term("cause", row["cause"], language),
            days=row["days"],
            share=row["days"] / total,
            evidence=say(f"cause_evidence.{row['cause']}", language),
        )
        for row in rows.iter_rows(named=True)
    )


def _baseline(reading: Reading, found: Baseline, hours: Range) -> BaselineFigures:
    return BaselineFigures(
        from_at=from_us(found.from_us),
        until_at=from_us(found.until_us),
        policy=reading.policy.name,
        unit=reading.log.unit,
        n=found.n,
        n_per_week=found.n_per_week,
        weeks_with_data=found.weeks_with_data,
        mean=_range(found.mean),
        p50=_range(found.p50),
        p85=_range(found.p85),
        lost_hours_per_week=hours,
        sufficient=found.sufficient,
        reason=found.reason,
        by_week=tuple(
            WeekMean(week_at=from_us(row["week_us"]), n=row["n"], mean_days=row["mean_days"])
            for row in found.by_week.iter_rows(named=True)
        ),
    )


def _step_names(reading: Reading, ranked: Bottlenecks, language: Language) -> tuple[StallStepName, ...]:
    """Return the states in which items can stand before they end: those that cost most time first, then by name."""
    log = reading.log
    meanings = log.meanings.at(log.as_of_us)
    found: dict[str, str] = {}
    for place, meaning in zip(log.places, meanings, strict=True):
        mine = log.streams is None or place.stream in log.streams
        if mine and place.state != DELETED_STATE and meaning.category not in _OVER:
            found.setdefault(place.state, meaning.category.value)
    costly = ranked.stages["state"].to_list() if ranked.stages.height else []
    order: Mapping[str, int] = {state: number for number, state in reversed(list(enumerate(costly)))}
    listed = sorted(found, key=lambda state: (order.get(state, len(order)), state_name(state, language).casefold()))
    return tuple(
        StallStepName(state=state, state_name=state_name(state, language), category=found[state]) for state in listed
    )


def _range(found: Interval) -> Range:
    values: dict[str, Any] = {name: getattr(found, name) for name in ("value", "low", "high")}
    return Range(**values)
