"""Setting how many introductions a unit takes at once."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.limits import UnitIntroductions
from pegel_web.portfolio.models.limits import IntroductionLimit
from pegel_web.portfolio.queries.introductions import CHANGE, unit_introductions

MOST: Final = 1000


def set_introduction_limit(*, actor: Actor, unit_id: UUID, most: int | None) -> UnitIntroductions:
    """Say how many pilots a unit, with everything below it, runs at most at once; None: no limit of its own.

    What runs already goes on; the limit shows at the gates, where it can be left open with a condition only.

    Raises
    ------
    NotFoundError: ``unit_unknown``. NotAllowedError: ``not_allowed``. InputError: ``introduction_limit_impossible``.
    """
    if unit_id not in structure_on(actor.at.date()).nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    actor.require(CHANGE, unit=unit_id)
    if most is not None and not 0 < most <= MOST:
        raise InputError("introduction_limit_impossible", field="most", most=MOST)
    with transaction.atomic():
        rows = IntroductionLimit.objects.everything(because="the right was checked in the line before")
        before = rows.filter(unit_id=unit_id).values_list("most", flat=True).first()
        if most is None:
            rows.filter(unit_id=unit_id).delete()
        else:
            rows.update_or_create(unit_id=unit_id, defaults={"most": most, "changed_at": actor.at})
        record(
            actor,
            "portfolio.introduction_limit.set",
            subject=("unit", unit_id),
            unit=unit_id,
            before={"most": before},
            after={"most": most},
        )
    return next(one for one in unit_introductions(actor=actor) if one.unit_id == unit_id)
