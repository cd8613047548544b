"""Use cases in a ranking by one method, with the line that a budget draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.portfolio.contracts.scoring import CaseRanking, CutSide, RankedCase
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.queries.heads import CaseHead, OneEstimate, chosen_cases, estimates_of, heads_of, units_of
from pegel_web.portfolio.queries.scores import entered_for, weights_now
from pegel_web.portfolio.scoring import NOT_SCORED, Method, Said, Score, by_estimates, by_inputs

#: At work or being introduced: what stops here costs more than what never began.
RUNNING: Final = frozenset({CaseState.PILOT, CaseState.PRODUCTION, CaseState.SCALED})
MOST_BUDGET: Final = 999_999_999_999.99


def case_ranking(
    *,
    actor: Actor,
    method: Method = Method.NET,
    unit_id: UUID | None = None,
    horizon: int | None = None,
    state: CaseState | None = None,
    budget: float | None = None,
) -> CaseRanking:
    """Return use cases, best first; without ``state`` those that have not ended. ``budget``: EUR for their effort.

    The line stands before the first use case whose likely effort no longer fits. What has no score or no estimated
    effort was not weighed against the others: it takes nothing from the budget and stands on neither side.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``. InputError: ``budget_invalid``.
    """
    if budget is not None and not 0 <= budget <= MOST_BUDGET:
        raise InputError("budget_invalid", field="budget")
    rows = chosen_cases(actor=actor, unit_id=unit_id, horizon=horizon, state=state)
    heads, estimates = heads_of(rows), estimates_of(rows)
    version, weights = weights_now()
    scores: Mapping[int, Score]
    if method in {Method.NET, Method.RATIO}:
        scores = {case: by_estimates(method, _said(of_case)) for case, of_case in estimates.items()}
    else:
        entered = entered_for(rows, method)
        scores = {case: by_inputs(method, of_case, weights) for case, of_case in entered.items()}
    units = units_of(heads, actor)
    ordered = sorted(heads, key=lambda one: _order(one, scores.get(one.number, NOT_SCORED)))
    lines, total, place = [], 0.0, 0
    for one in ordered:
        score = scores.get(one.number, NOT_SCORED)
        of_case = estimates.get(one.number)
        effort = None if not of_case else round(sum(each.effort for each in of_case) / len(of_case), 2)
        weighed = score.value is not None and effort is not None
        total = round(total + (effort or 0), 2) if weighed else total
        side: CutSide = "none"
        if budget is not None:
            side = "unknown" if not weighed else "above" if total <= budget else "below"
        place += score.value is not None
        running = one.state in RUNNING
        lines.append(
            RankedCase(
                use_case_id=one.use_case_id,
                number=one.number,
                title=one.title,
                state=one.state,
                unit_name=units.get(one.unit_id, ""),
                horizon=one.horizon,
                place=place if score.value is not None else None,
                standing=score.standing,
                score=score.value,
                low=score.low,
                high=score.high,
                people=score.people,
                effort=effort,
                effort_so_far=total if weighed else None,
                side=side,
                running=running,
                running_below=running and side == "below",
            )
        )
    return CaseRanking(
        method=method.value,
        lines=tuple(lines),
        scored=place,
        total=len(lines),
        budget=budget,
        above=sum(one.side == "above" for one in lines),
        running_below=sum(one.running_below for one in lines),
        weights_version=version,
    )


def _said(estimates: list[OneEstimate]) -> list[Said]:
    return [Said(benefit=one.benefit, effort=one.effort) for one in estimates]


def _order(head: CaseHead, score: Score) -> tuple[bool, float, int]:
    """Best first; equal scores by number; what has none stands last, in the order it came."""
    return score.value is None, 0.0 if score.value is None else -score.value, head.number
