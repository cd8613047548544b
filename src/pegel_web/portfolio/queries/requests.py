"""What waits at gates and what was decided, as an actor may see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, cast
from uuid import UUID

from django.db.models import F, Q, QuerySet

from pegel.errors import NotFoundError
from pegel.words import Language
from pegel_web.core.actor import Actor, Risk
from pegel_web.organisation.queries.office_names import office_names
from pegel_web.organisation.queries.right_holders import right_holders
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.portfolio.contracts.use_cases import CriterionLine, RequestLine
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import GateDecision, GateRequest
from pegel_web.portfolio.queries.criteria import criterion_lines, findings_in_words
from pegel_web.portfolio.queries.facts import facts_of

VIEW: Final = "portfolio.use_case.view"
CHANGE: Final = "portfolio.use_case.change"
DECIDE: Final = "portfolio.gate.decide"
_DAY: Final = 86_400
#: So many are listed; open ones first, then the newest.
MOST: Final = 2_000


def gate_requests(
    *, actor: Actor, status: Literal["open", "decided", "withdrawn"] | None = None, mine: bool = False
) -> tuple[RequestLine, ...]:
    """Return what was asked at gates: open ones first, the longest waiting on top; at most 2,000.

    ``mine``: only what the actor may decide.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(VIEW)
    rows = _visible(actor)
    if status is not None:
        rows = rows.filter(_STATUS[status])
    rows = rows.order_by(F("closed_at").desc(nulls_first=True), "raised_at")[:MOST]
    found = request_lines(
        list(rows.select_related("use_case", "decision")), actor=actor, structure=structure_on(actor.at.date())
    )
    return tuple(one for one in found if one.may_decide) if mine else found


def gate_request(*, actor: Actor, request_id: UUID) -> RequestLine:
    """Return what was asked at a gate.

    Raises
    ------
    NotFoundError: ``gate_request_unknown``.
    """
    rows = list(_visible(actor).filter(id=request_id).select_related("use_case", "decision"))
    if not rows:
        raise NotFoundError("gate_request_unknown", id=request_id)
    return request_lines(rows, actor=actor, structure=structure_on(actor.at.date()))[0]


def gate_criteria(*, actor: Actor, request_id: UUID) -> tuple[CriterionLine, ...]:
    """Return how the criteria stand for a request, or stood when it was decided.

    Raises
    ------
    NotFoundError: ``gate_request_unknown``.
    """
    row = _visible(actor).filter(id=request_id).select_related("use_case", "decision").first()
    if row is None:
        raise NotFoundError("gate_request_unknown", id=request_id)
    language = cast(Language, actor.language)
    if hasattr(row, "decision"):
        return findings_in_words(row.decision.evidence, language)
    facts = facts_of([row.use_case], actor.at.date())[row.use_case_id]
    return criterion_lines(facts, CaseState(row.gate), language)


_STATUS: Final = {
    "open": Q(closed_at=None),
    "decided": Q(closed_at__isnull=False, withdrawn=False),
    "withdrawn": Q(withdrawn=True),
}


def _visible(actor: Actor) -> QuerySet[GateRequest]:
    rows: QuerySet[GateRequest] = GateRequest.objects.everything(because="narrowed in the next lines")
    seen = Q(pk__in=[]) if actor.person_id is None else Q(raised_by=actor.person_id)
    for code in (VIEW, DECIDE):
        units = actor.units_for(code)
        if units is None:
            return rows
        seen |= Q(asked_by_unit_id__in=units)
    return rows.filter(seen)


def request_lines(rows: Sequence[GateRequest], *, actor: Actor, structure: Structure) -> tuple[RequestLine, ...]:
    """Return requests with names; for open ones also who may decide them today."""
    holders = right_holders({DECIDE}, structure) if any(one.closed_at is None for one in rows) else None
    deciding: dict[UUID, tuple[UUID | None, tuple[UUID, ...]]] = {}
    for one in rows:
        if holders is not None and one.closed_at is None:
            unit, able = holders.lowest(DECIDE, one.asked_by_unit_id, amount=one.amount, risk=_risk(one.risk))
            deciding[one.id] = unit, tuple(dict.fromkeys(holder.person_id for holder in able))
    decisions = {one.id: one.decision for one in rows if hasattr(one, "decision")}
    named = office_names(
        [
            *(one.raised_by_id for one in rows),
            *(one.decided_by_id for one in decisions.values()),
            *(person for _, people in deciding.values() for person in people),
        ]
    )
    units = unit_names(
        [
            *(unit for one in rows for unit in (one.unit_id, one.asked_by_unit_id)),
            *(one.unit_id for one in decisions.values()),
            *(unit for unit, _ in deciding.values()),
        ],
        structure,
    )
    return tuple(_line(one, decisions.get(one.id), deciding.get(one.id), named, units, actor) for one in rows)


def _line(
    row: GateRequest,
    took: GateDecision | None,
    deciding: tuple[UUID | None, tuple[UUID, ...]] | None,
    named: dict[UUID, str],
    units: dict[UUID, str],
    actor: Actor,
) -> RequestLine:
    unit = row.unit_id
    if took is not None:
        unit = took.unit_id
    elif deciding is not None and deciding[0] is not None:
        # An open request waits where somebody may decide it today, which may have changed since it was asked.
        unit = deciding[0]
    status: Literal["open", "withdrawn", "decided"] = (
        "open" if row.closed_at is None else "withdrawn" if row.withdrawn else "decided"
    )
    ended = row.closed_at or actor.at
    return RequestLine(
        request_id=row.id,
        use_case_id=row.use_case_id,
        number=row.use_case.number,
        title=row.use_case.title,
        gate=row.gate,
        unit_id=unit,
        unit_name=units.get(unit, ""),
        asked_by_unit_name=units.get(row.asked_by_unit_id, ""),
        amount=row.amount,
        risk=row.risk,
        options=row.options,
        raised_at=row.raised_at,
        raised_by=None if row.raised_by_id is None else named.get(row.raised_by_id),
        days=max(0.0, (ended - row.raised_at).total_seconds() / _DAY),
        status=status,
        outcome=None if took is None else took.outcome,
        decided_at=None if took is None else took.decided_at,
        decided_by=None if took is None or took.decided_by_id is None else named.get(took.decided_by_id),
        level=None if took is None else took.level,
        by_delegation=took is not None and took.by_delegation,
        reason="" if took is None else took.reason,
        trade_offs="" if took is None else took.trade_offs,
        dissent="" if took is None else took.dissent,
        conditions="" if took is None else took.conditions,
        expires_on=None if took is None else took.expires_on,
        review_date=None if took is None else took.review_date,
        deciders=() if deciding is None else tuple(named[one] for one in deciding[1] if one in named),
        may_decide=row.closed_at is None
        and actor.person_id is not None
        and actor.allows(DECIDE, unit=row.asked_by_unit_id, amount=row.amount, risk=_risk(row.risk)),
        may_withdraw=row.closed_at is None
        and (
            (actor.person_id is not None and row.raised_by_id == actor.person_id)
            or actor.allows(CHANGE, unit=row.asked_by_unit_id)
        ),
    )


def _risk(risk: int | None) -> Risk | None:
    return None if risk is None else Risk(risk)
