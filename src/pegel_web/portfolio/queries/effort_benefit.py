"""Every estimated use case by effort and benefit, and those that nobody has estimated."""

from __future__ import annotations

from typing import Final, cast
from uuid import UUID

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.portfolio.contracts.scoring import CaseName, EffortBenefitMap, MapPoint
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.queries.heads import chosen_cases, estimates_of, heads_of, spans_of, units_of
from pegel_web.portfolio.queries.use_cases import ESTIMATE

#: Beyond so many crosses nobody sees one; the others stand in the table.
MOST_DRAWN: Final = 150
_W: Final = "portfolio.map"


def effort_benefit_map(
    *, actor: Actor, unit_id: UUID | None = None, horizon: int | None = None, state: CaseState | None = None
) -> EffortBenefitMap:
    """Return use cases by effort and benefit; without ``state`` those that have not ended.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``.
    """
    rows = chosen_cases(actor=actor, unit_id=unit_id, horizon=horizon, state=state)
    heads, estimates = heads_of(rows), estimates_of(rows)
    units, estimable = units_of(heads, actor), actor.units_for(ESTIMATE)
    spans = {number: spans_of(of_case) for number, of_case in estimates.items()}
    known = [one for one in heads if one.number in spans]
    known.sort(key=lambda one: (-abs(spans[one.number][0].likely), one.number))
    points = tuple(
        MapPoint(
            use_case_id=one.use_case_id,
            number=one.number,
            title=one.title,
            state=one.state,
            unit_name=units.get(one.unit_id, ""),
            horizon=one.horizon,
            benefit=spans[one.number][0],
            effort=spans[one.number][1],
            authors=len(estimates[one.number]),
            drawn=place < MOST_DRAWN,
        )
        for place, one in enumerate(known)
    )
    open_ = tuple(
        CaseName(
            use_case_id=one.use_case_id,
            number=one.number,
            title=one.title,
            state=one.state,
            unit_name=units.get(one.unit_id, ""),
            may_estimate=estimable is None or one.unit_id in estimable,
        )
        for one in heads
        if one.number not in spans
    )
    within = sum(one.benefit.likely >= one.effort.likely for one in points)
    harmful = sum(one.benefit.likely < 0 for one in points)
    return EffortBenefitMap(
        points=points,
        not_estimated=open_,
        total=len(heads),
        within_a_year=within,
        harmful=harmful,
        most_drawn=MOST_DRAWN,
        sentence=_sentence(len(points), len(heads), within, harmful, cast(Language, actor.language)),
    )


def _sentence(scored: int, total: int, within: int, harmful: int, language: Language) -> str:
    if not scored:
        return say(f"{_W}.none", language, total=total)
    said = say(f"{_W}.sentence", language, scored=scored, total=total, within=within)
    harm = f" {say(f'{_W}.harm', language, n=harmful)}" if harmful else ""
    more = f" {say(f'{_W}.most', language, most=MOST_DRAWN)}" if scored > MOST_DRAWN else ""
    return f"{said}{harm}{more}"
