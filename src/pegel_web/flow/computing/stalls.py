"""The stall map: every step with the time of finished work in it and what lies there now, and their sums by phase."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import polars as pl

from pegel.eventlog.workflow import Phase, StateCategory
from pegel.words import Language, say
from pegel.words.names import state_name, term
from pegel_web.flow.computing.answers import Answers
from pegel_web.flow.contracts.reports import PhaseLine, StateLine

#: What makes two lines of one state: the same word can mean something else for another type.
_MEANING: Final = ("state", "category", "phase", "friction")
_NOTHING: Final[dict[str, Any]] = {"days": 0.0, "share": 0.0, "items": 0, "days_per_item": 0.0}


def state_lines(answers: Answers, language: Language) -> tuple[StateLine, ...]:
    """Return every state with the time of finished work in it, and what lies there now; the most time first."""
    here = load_now(answers.report.work_item_age.items, answers.places)
    timed = [row for row in answers.report.time_in_state.by_state.iter_rows(named=True) if row["share"] is not None]
    seen = {_key(row) for row in timed}
    only_now = [{**dict(zip(_MEANING, key, strict=True)), **_NOTHING} for key in here if key not in seen]
    found = []
    for row in (*timed, *only_now):
        load, late, oldest = here.get(_key(row), (0, 0, None))
        found.append(
            StateLine(
                state=row["state"],
                state_name=state_name(row["state"], language),
                category=row["category"],
                category_name=term("category", row["category"], language),
                phase=row["phase"],
                friction_name=term("friction", row["friction"], language) if row["friction"] else "",
                days=row["days"],
                share=row["share"],
                items=row["items"],
                days_per_item=row["days_per_item"],
                load=load,
                late=late,
                oldest=oldest,
            )
        )
    return tuple(found)


def load_now(items: pl.DataFrame, places: pl.DataFrame) -> dict[tuple[Any, ...], tuple[int, int, float]]:
    """Return (open items, those older than 85% of their predecessors, age of the oldest) by what a state means."""
    meant = places.select("stream", "type", "state", "phase", "friction").unique()
    late = (pl.col("pace") == "beyond_p85").fill_null(value=False).sum()
    counted = (
        items.join(meant, on=["stream", "type", "state"], how="left", nulls_equal=True)
        .group_by(*_MEANING)
        .agg(open=pl.len(), late=late, oldest=pl.col("age_days").max())
        .sort("open", "state", descending=[True, False])
    )
    return {_key(row): (row["open"], row["late"], row["oldest"]) for row in counted.iter_rows(named=True)}


def phase_lines(states: Sequence[StateLine], language: Language) -> tuple[PhaseLine, ...]:
    """Return the sums of the states by phase, in the order of the phases; those without one stand last."""
    order: tuple[str | None, ...] = (*(one.value for one in Phase), None)
    return tuple(
        _phase(phase, [line for line in states if line.phase == phase], language)
        for phase in order
        if phase is not None or any(line.phase is None for line in states)
    )


def _phase(phase: str | None, lines: Iterable[StateLine], language: Language) -> PhaseLine:
    mine = list(lines)
    days = sum(line.days for line in mine)
    waited = sum(line.days for line in mine if line.category == StateCategory.WAITING)
    return PhaseLine(
        phase=phase,
        phase_name=say("flow.map.no_phase", language) if phase is None else term("phase", phase, language),
        days=days,
        share=sum(line.share or 0.0 for line in mine),
        waiting_share=waited / days if days else None,
        load=sum(line.load for line in mine),
        late=sum(line.late for line in mine),
        oldest=max((line.oldest for line in mine if line.oldest is not None), default=None),
    )


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _MEANING)
