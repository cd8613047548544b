"""Entering what scores need, weighing the criteria, declaring what a use case brings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation import entered
from pegel_web.portfolio.contracts.scoring import RealisedLine, Weights
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.models import CaseScore, CriteriaWeights, RealisedBenefit
from pegel_web.portfolio.queries.promised import realised_of
from pegel_web.portfolio.queries.scores import SETTING, criteria_weights
from pegel_web.portfolio.queries.use_cases import ESTIMATE, use_case
from pegel_web.portfolio.scoring import CRITERIA, EQUAL_WEIGHTS, INPUTS, MAY_BE_ZERO, MOST_ENTERED, Method
from pegel_web.portfolio.services.rows import locked_case

LONGEST_TEXT: Final = 4000
LONGEST_DOCUMENT: Final = 500
MOST_WEIGHT: Final = 100
DECLARE: Final = "portfolio.declaration.operation"


def give_score(*, actor: Actor, use_case_id: UUID, method: Method, values: Mapping[str, float]) -> CaseReport:
    """Enter what a method needs of a use case. One's last entry counts, the others stay on record.

    ``values``: by name of the input, as in ``scoring.INPUTS``; criteria that one cannot judge are left out.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``. InputError: ``score_by_estimates``,
    ``score_input_unknown``, ``score_input_missing``, ``score_value_unknown``.
    """
    with transaction.atomic():
        row = locked_case(actor, use_case_id)
        actor.require(ESTIMATE, unit=row.unit_id)
        kept = _checked(method, values)
        CaseScore.objects.create(
            use_case=row, method=method.value, entered=kept, author_id=actor.person(), scored_at=actor.at
        )
        record(
            actor,
            "portfolio.score.given",
            subject=("use_case", row.id),
            unit=row.unit_id,
            after={"method": method.value, **kept},
        )
    return use_case(actor=actor, use_case_id=use_case_id)


def _checked(method: Method, values: Mapping[str, float]) -> dict[str, float]:
    wanted = INPUTS.get(method)
    if wanted is None:
        raise InputError("score_by_estimates", field="method")
    for name in values:
        if name not in wanted:
            raise InputError("score_input_unknown", name=name[:100])
    missing = [name for name in wanted if name not in values]
    if missing and (method is not Method.CRITERIA or not values):
        raise InputError("score_input_missing", field=missing[0], name=missing[0])
    kept = {}
    for name, value in values.items():
        allowed, number = wanted[name], float(value)
        least_kept = number >= 0 if name in MAY_BE_ZERO else number >= 0.01
        fits = number in allowed if allowed is not None else least_kept and number <= MOST_ENTERED
        if not math.isfinite(number) or not fits:
            raise InputError("score_value_unknown", field=name, name=name)
        kept[name] = number
    return kept


def set_weights(*, actor: Actor, weights: Mapping[str, int], reason: str, based_on: int | None = None) -> Weights:
    """Say what the criteria weigh from now on: whole numbers from 0 (does not count) to 100, not all of them 0.

    ``based_on``: the version the person saw; None: whatever is there is overtaken.

    Raises
    ------
    NotAllowedError: ``not_allowed``. InputError: ``weights_invalid``, ``text_missing``. ConflictError:
    ``weights_changed_meanwhile``.
    """
    actor.require(SETTING)
    if set(weights) != set(CRITERIA) or not all(0 <= one <= MOST_WEIGHT for one in weights.values()):
        raise InputError("weights_invalid", most=MOST_WEIGHT)
    if not any(weights.values()):
        raise InputError("weights_invalid", most=MOST_WEIGHT)
    why = entered.paragraph(reason, field="reason", most=LONGEST_TEXT, required=True)
    with transaction.atomic():
        # Two people at once: the second waits for the first, and its version is the next one or refused.
        last = CriteriaWeights.objects.select_for_update().order_by("-version").first()
        before, version = (EQUAL_WEIGHTS, 0) if last is None else (last.weights, last.version)
        if based_on is not None and based_on != version:
            raise ConflictError("weights_changed_meanwhile", version=version)
        made, fresh = CriteriaWeights.objects.get_or_create(
            version=version + 1,
            defaults={
                "weights": {name: weights[name] for name in CRITERIA},
                "reason": why, "set_at": actor.at, "set_by_id": actor.person(),
            },
        )  # fmt: skip
        if not fresh:
            raise ConflictError("weights_changed_meanwhile", version=made.version)
        record(
            actor,
            "portfolio.weights.set",
            subject=("criteria_weights", str(made.version)),
            before=dict(before),
            after={**made.weights, "reason": why},
        )
    return criteria_weights(actor=actor)


def declare_realised(
    *, actor: Actor, use_case_id: UUID, amount: Decimal, seen_on: date, document: str = "", note: str = ""
) -> RealisedLine:
    """Declare what a use case really brings per year, EUR; negative: it costs. It is declared, not evaluated.

    Raises
    ------
    NotFoundError: ``use_case_unknown``. NotAllowedError: ``not_allowed``. InputError: ``amount_invalid``,
    ``date_out_of_range``, ``realised_in_the_future``, ``realised_without_ground``.
    """
    with transaction.atomic():
        row = locked_case(actor, use_case_id)
        actor.require(DECLARE, unit=row.unit_id)
        if not amount.is_finite() or abs(amount) > entered.MOST_AMOUNT or amount != amount.quantize(Decimal("0.01")):
            raise InputError("amount_invalid", field="amount", most=entered.MOST_AMOUNT)
        if entered.day(seen_on) > actor.at.date():
            raise InputError("realised_in_the_future", field="seen_on")
        where = entered.line(document, field="document", most=LONGEST_DOCUMENT)
        why = entered.paragraph(note, field="note", most=LONGEST_TEXT)
        if not where and not why:
            raise InputError("realised_without_ground", field="document")
        RealisedBenefit.objects.create(
            use_case=row, amount=amount, seen_on=seen_on, document=where, note=why, declared_at=actor.at,
            declared_by_id=actor.person(),
        )  # fmt: skip
        record(
            actor,
            "portfolio.realised.declared",
            subject=("use_case", row.id),
            unit=row.unit_id,
            after={"amount": amount, "seen_on": seen_on, "document": where},
        )
    found = realised_of(actor=actor, use_case_id=use_case_id)
    assert found is not None  # noqa: S101  (it was written in the lines above)
    return found
