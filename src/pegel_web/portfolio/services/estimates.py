"""Estimating a use case: benefit and effort, low, likely, high."""

from __future__ import annotations

from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.organisation import entered
from pegel_web.portfolio.contracts.use_cases import CaseReport, Range3
from pegel_web.portfolio.models import CaseEstimate
from pegel_web.portfolio.queries.use_cases import ESTIMATE, use_case
from pegel_web.portfolio.services.rows import locked_case

LONGEST_TEXT: Final = 4000


def give_estimate(
    *, actor: Actor, use_case_id: UUID, benefit: Range3, effort: Range3, evidence: str = ""
) -> CaseReport:
    """Say what a use case brings per year and costs once (EUR). One's last estimate counts, the others stay on record.

    A benefit may be negative: it may do harm.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``. InputError: ``estimate_order``,
    ``amount_invalid``.
    """
    for field, given, floor in (("benefit", benefit, -entered.MOST_AMOUNT), ("effort", effort, Decimal(0))):
        _require_range(given, field, floor)
    ground = entered.paragraph(evidence, field="evidence", most=LONGEST_TEXT)
    with transaction.atomic():
        row = locked_case(actor, use_case_id)
        actor.require(ESTIMATE, unit=row.unit_id)
        CaseEstimate.objects.create(
            use_case=row,
            value_low=benefit.low, value_likely=benefit.likely, value_high=benefit.high,
            effort_low=effort.low, effort_likely=effort.likely, effort_high=effort.high,
            evidence=ground, author_id=actor.person(), group=row.function, estimated_at=actor.at,
        )  # fmt: skip
        record(
            actor,
            "portfolio.estimate.given",
            subject=("use_case", row.id),
            unit=row.unit_id,
            after={"benefit": benefit.likely, "effort": effort.likely},
        )
    return use_case(actor=actor, use_case_id=use_case_id)


def _require_range(given: Range3, field: str, floor: Decimal) -> None:
    for one in (given.low, given.likely, given.high):
        if not one.is_finite() or not floor <= one <= entered.MOST_AMOUNT or one != one.quantize(Decimal("0.01")):
            raise InputError("amount_invalid", field=field, most=entered.MOST_AMOUNT)
    if not given.low <= given.likely <= given.high:
        raise InputError("estimate_order", field=field)
