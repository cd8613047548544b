"""Asking to pass a gate, deciding it, withdrawing it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError
from pegel_web.core.actor import Actor, Grant, Risk
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.organisation import entered
from pegel_web.organisation.models import Person
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries.right_holders import right_holders, top_of
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.portfolio.case_facts import CaseFacts
from pegel_web.portfolio.contracts.use_cases import RequestLine
from pegel_web.portfolio.declaring import RISK
from pegel_web.portfolio.lifecycle import GATED, LIVE, CaseState
from pegel_web.portfolio.models import GateDecision, GateRequest, UseCase
from pegel_web.portfolio.models.declarations import DeclarationValue, Subject
from pegel_web.portfolio.models.gates import GateOutcome
from pegel_web.portfolio.queries.criteria import kept_findings, open_binding, open_others
from pegel_web.portfolio.queries.facts import facts_of
from pegel_web.portfolio.queries.requests import CHANGE, DECIDE, gate_request
from pegel_web.portfolio.services.moves import permitted, require_criteria, take_step
from pegel_web.portfolio.services.rows import changeable_case, locked_case

LONGEST_TEXT: Final = 4000
_PASSES: Final = frozenset({GateOutcome.APPROVED, GateOutcome.WITH_CONDITIONS})


def ask_gate(
    *, actor: Actor, use_case_id: UUID, gate: CaseState, amount: Decimal | None = None, options: str = ""
) -> RequestLine:
    """Ask that a use case may pass a gate. It goes to the lowest level at which somebody may decide.

    ``amount`` (EUR): what is asked for; left out: what the use case says it costs. The risk is the declared class; an
    unclear one is covered by no limit, so it goes to who decides without one.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``move_not_possible``,
    ``gate_asked_already``. InputError: ``gate_unknown`` and those of ``entered``.
    """
    structure = structure_on(actor.at.date())
    with transaction.atomic():
        row = changeable_case(actor, use_case_id)
        if gate not in GATED:
            raise InputError("gate_unknown", field="gate", name=str(gate))
        permitted(row, gate)
        rows = GateRequest.objects.everything(because="of a use case that the actor may change")
        if rows.filter(use_case=row, closed_at=None).exists():
            raise ConflictError("gate_asked_already")
        facts = facts_of([row], actor.at.date())[row.id]
        sum_ = entered.amount(row.amount if amount is None else amount)
        risk = risk_of(facts)
        holders = right_holders({DECIDE}, structure)
        lowest, _ = holders.lowest(DECIDE, row.unit_id, amount=sum_, risk=risk)
        request = GateRequest(
            use_case=row,
            gate=gate,
            asked_by_unit_id=row.unit_id,
            # Where nobody may decide it, it waits at the top and the queue says so.
            unit_id=lowest or structure.path(row.unit_id)[0].unit_id,
            amount=sum_,
            risk=None if risk is None else int(risk),
            options=entered.paragraph(options, field="options", most=LONGEST_TEXT),
            raised_at=actor.at,
            raised_by_id=actor.person_id,
        )
        request.save(force_insert=True)
        record(
            actor,
            "portfolio.gate.asked",
            subject=("use_case", row.id),
            unit=row.unit_id,
            after={"gate": str(gate), "waits_at": request.unit_id, "amount": sum_, "risk": request.risk},
        )
    return gate_request(actor=actor, request_id=request.id)


def decide_gate(
    *,
    actor: Actor,
    request_id: UUID,
    outcome: GateOutcome,
    reason: str = "",
    trade_offs: str = "",
    dissent: str = "",
    conditions: str = "",
    expires_on: date | None = None,
    review_date: date | None = None,
) -> RequestLine:
    """Decide at a gate. An approval moves the use case in the same transaction; it is final.

    Approving takes every binding criterion; others can be left open with conditions only. Production and scaling are
    not decided by who asked for them.

    Raises
    ------
    NotFoundError: ``gate_request_unknown``. NotAllowedError: ``not_allowed``, ``beyond_limit``,
    ``decision_needs_a_person``, ``gate_needs_another_person``. ConflictError: ``gate_closed``, ``criteria_open``,
    ``criteria_need_conditions``, ``move_not_possible``. InputError: ``day_in_the_past`` and those of ``entered``.
    """
    seen = gate_request(actor=actor, request_id=request_id)
    passes = outcome in _PASSES
    why = entered.paragraph(reason, field="reason", most=LONGEST_TEXT, required=not passes)
    on_terms = entered.paragraph(
        conditions, field="conditions", most=LONGEST_TEXT, required=outcome == GateOutcome.WITH_CONDITIONS
    )
    for field, day in (("expires_on", expires_on), ("review_date", review_date)):
        if day is not None and entered.day(day) <= actor.at.date():
            raise InputError("day_in_the_past", field=field, day=day)
    structure = structure_on(actor.at.date())
    with transaction.atomic():
        row = locked_case(actor, seen.use_case_id)
        request = _open(request_id)
        facts = facts_of([row], actor.at.date())[row.id]
        gate = CaseState(request.gate)
        grant = _right(actor, request, row, facts, structure)
        if passes and gate in LIVE and request.raised_by_id == actor.person_id:
            raise NotAllowedError("gate_needs_another_person")
        step = permitted(row, gate)
        if passes:
            require_criteria(row, step, actor.at.date())
            left = open_others(facts, gate)
            if left and outcome == GateOutcome.APPROVED:
                raise ConflictError("criteria_need_conditions", criteria=list(left), n=len(left))
        top = top_of(grant, structure)
        decision = GateDecision(
            request=request,
            outcome=outcome,
            reason=why,
            trade_offs=entered.paragraph(trade_offs, field="trade_offs", most=LONGEST_TEXT),
            dissent=entered.paragraph(dissent, field="dissent", most=LONGEST_TEXT),
            conditions=on_terms if outcome == GateOutcome.WITH_CONDITIONS else "",
            evidence=kept_findings(facts, gate),
            unit_id=top,
            level=structure.nodes[top].kind,
            by_delegation=grant.source.startswith("delegation:"),
            decided_at=actor.at,
            decided_by_id=actor.person(),
            expires_on=expires_on,
            review_date=review_date,
        )
        decision.save(force_insert=True)
        request.closed_at = actor.at
        request.save(update_fields=["closed_at"])
        record(
            actor,
            "portfolio.gate.decided",
            subject=("use_case", row.id),
            unit=row.unit_id,
            before={"outcome": None},
            after={
                "gate": str(gate), "outcome": str(outcome), "level": decision.level, "right": grant.source,
                "amount": request.amount, "risk": request.risk, "open": list(open_binding(facts, gate)),
                "expires_on": expires_on, "review_date": review_date,
            },
        )  # fmt: skip
        if passes:
            take_step(actor, row, step, reason=why, decision=decision)
    return gate_request(actor=actor, request_id=request_id)


def withdraw_gate(*, actor: Actor, request_id: UUID) -> RequestLine:
    """Take back what was asked at a gate and nobody has decided yet.

    Raises
    ------
    NotFoundError: ``gate_request_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``gate_closed``.
    """
    seen = gate_request(actor=actor, request_id=request_id)
    if not seen.may_withdraw and seen.status == "open":
        raise NotAllowedError("not_allowed", permission=CHANGE)
    with transaction.atomic():
        request = _open(request_id)
        request.closed_at, request.withdrawn = actor.at, True
        request.save(update_fields=["closed_at", "withdrawn"])
        record(
            actor,
            "portfolio.gate.withdrawn",
            subject=("use_case", request.use_case_id),
            unit=request.asked_by_unit_id,
            after={"gate": request.gate},
        )
    return gate_request(actor=actor, request_id=request_id)


def risk_of(facts: CaseFacts) -> Risk | None:
    """Return the risk that somebody has to be allowed to decide; None: not declared, unclear, prohibited or expired."""
    last = facts.declared.get(Subject.RISK_CLASS)
    if last is None or (last.valid_until is not None and last.valid_until <= facts.on):
        return None
    return RISK.get(DeclarationValue(last.value))


def _open(request_id: UUID) -> GateRequest:
    rows = GateRequest.objects.everything(because="the caller has seen it")
    request: GateRequest = rows.select_for_update(of=("self",)).get(id=request_id)
    if request.closed_at is not None:
        raise ConflictError("gate_closed")
    return request


def _right(actor: Actor, request: GateRequest, row: UseCase, facts: CaseFacts, structure: Structure) -> Grant:
    """Return the right by which an actor decides: the one that stands nearest to where the use case belongs.

    The risk is the one declared by now: what turned out to be high since it was asked is not decided as if it were low.
    """
    risk = risk_of(facts)
    actor.require(DECIDE, unit=row.unit_id, amount=request.amount, risk=risk)
    if Person.objects.get(id=actor.person()).kind != PersonKind.PERSON:
        raise NotAllowedError("decision_needs_a_person")
    able = [
        grant for grant in actor.grants_of(DECIDE) if grant.reaches(row.unit_id) and grant.covers(request.amount, risk)
    ]
    return max(able, key=lambda one: (len(structure.path(top_of(one, structure))), one.source.startswith("role:")))
