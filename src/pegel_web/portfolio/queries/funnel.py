"""From idea to scaled use: how many ever got how far, and in how many days; in all and by department."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.departments import department_of
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.portfolio.contracts.progress import DaysFigure, Funnel, FunnelLine, FunnelStage, PilotLearning
from pegel_web.portfolio.lifecycle import ENDED, MAIN, CaseState
from pegel_web.portfolio.models import Pilot
from pegel_web.portfolio.queries.stays import first_entries, percentiles, read_stays
from pegel_web.portfolio.queries.use_cases import VIEW, visible

_STAGES: Final = MAIN[:-1]
_DAY: Final = 86_400


def funnel(*, actor: Actor) -> Funnel:
    """Return the funnel of the use cases that an actor sees.

    A use case counts in a stage where it ever entered it. Days: from the idea to the first entry; those that have not
    got there yet count as "not yet", those that ended before as "not until then".

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(VIEW)
    structure = structure_on(actor.at.date())
    rows = list(visible(actor).values_list("id", "unit_id", "state", "state_since"))
    entries = first_entries(read_stays([row[0] for row in rows] if len(rows) < _MANY else None))
    seen = [(case, unit, CaseState(state), since) for case, unit, state, since in rows]
    by_department: dict[UUID, list[tuple[UUID, UUID, CaseState, datetime]]] = defaultdict(list)
    for one in seen:
        if one[1] in structure.nodes:
            by_department[department_of(one[1], structure)].append(one)
    names = unit_names(by_department, structure)
    departments = [_line(unit, names.get(unit, ""), cases, entries, actor) for unit, cases in by_department.items()]
    return Funnel(
        overall=_line(None, "", seen, entries, actor),
        departments=tuple(sorted(departments, key=lambda one: one.unit_name.casefold())),
    )


_MANY: Final = 500


def _line(
    unit: UUID | None,
    name: str,
    cases: Sequence[tuple[UUID, UUID, CaseState, datetime]],
    entries: Mapping[UUID, Mapping[CaseState, datetime]],
    actor: Actor,
) -> FunnelLine:
    here = Counter(state for _, _, state, _ in cases)
    stages = []
    for stage in _STAGES:
        reached = sum(stage in entries.get(case, {}) for case, *_ in cases)
        days = DaysFigure(standing="value", days=0.0)
        if stage is not CaseState.IDEA:
            lasted = [
                (((way[stage] if stage in way else _until(state, since, actor)) - way[CaseState.IDEA]).total_seconds()
                 / _DAY, stage in way)
                for case, _, state, since in cases
                if CaseState.IDEA in (way := entries.get(case, {}))
            ]  # fmt: skip
            days = percentiles(lasted, (0.5,), least=5)[0]
        stages.append(FunnelStage(state=str(stage), reached=reached, here=here[stage], days_from_idea=days))
    return FunnelLine(unit_id=unit, unit_name=name, stages=tuple(stages), ended=sum(here[state] for state in ENDED))


def _until(state: CaseState, since: datetime, actor: Actor) -> datetime:
    """Return until when a use case could have got further: when it ended, or now."""
    return since if state in ENDED else actor.at


def pilot_learnings(*, actor: Actor, as_planned: bool | None = None) -> tuple[PilotLearning, ...]:
    """Return what pilots taught, the latest first; ``as_planned``: only those that went so, or did not.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(VIEW)
    rows = Pilot.objects.filter(use_case__in=visible(actor)).exclude(as_planned=None).select_related("use_case")
    if as_planned is not None:
        rows = rows.filter(as_planned=as_planned)
    listed = sorted(rows, key=lambda one: (one.closed_at or actor.at, one.pk), reverse=True)
    units = unit_names((one.use_case.unit_id for one in listed), structure_on(actor.at.date()))
    return tuple(
        PilotLearning(
            use_case_id=one.use_case_id,
            number=one.use_case.number,
            title=one.use_case.title,
            unit_name=units.get(one.use_case.unit_id, ""),
            function=one.use_case.function,
            state=one.use_case.state,
            hypothesis=one.hypothesis,
            as_planned=bool(one.as_planned),
            why=one.why,
            change=one.change,
            ended_at=one.closed_at,
        )
        for one in listed
    )
