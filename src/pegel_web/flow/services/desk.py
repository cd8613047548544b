"""Saying what an item is worth, and deciding on new work. Neither changes anything in the tool."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, cast
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.core.keepable import UnkeepableError, require_keepable
from pegel_web.flow.contracts.desk import DeskItem
from pegel_web.flow.models import Inflow, InflowDecision, ItemValue, ValueStream
from pegel_web.flow.models.desk import LONGEST_OUTCOME, LONGEST_REASON
from pegel_web.flow.queries.declared import declared_of
from pegel_web.flow.queries.desk import DECIDE, desk_item, suggested_inflow
from pegel_web.flow.queries.desk_records import CURRENCY
from pegel_web.flow.queries.streams import seen_stream
from pegel_web.organisation import entered

MOST_POINTS: Final = 5
_FURTHEST: Final = 366 * 5


def value_item(
    *,
    actor: Actor,
    stream_id: UUID,
    item: str,
    reason: str,
    points: int | None = None,
    cost_of_delay: Decimal | None = None,
) -> DeskItem:
    """Say what an open item is worth: 1 to 5 points, or what a day of delay costs in the stream's currency.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``stream_not_computed``, ``item_unknown``. NotAllowedError: ``not_allowed``.
    InputError: ``value_not_one``, ``value_points_outside``, ``item_name_unkeepable``, and those of ``entered``.
    """
    row = _allowed(actor, stream_id, item)
    if (points is None) == (cost_of_delay is None):
        raise InputError("value_not_one")
    if points is not None and not 1 <= points <= MOST_POINTS:
        raise InputError("value_points_outside", most=MOST_POINTS)
    amount = entered.amount(cost_of_delay)
    why = entered.paragraph(reason, field="reason", most=LONGEST_REASON, required=True)
    desk_item(actor=actor, stream_id=stream_id, item=item)
    currency = "" if amount is None else declared_of([row.id])[row.id].currency or CURRENCY
    with transaction.atomic():
        ItemValue.objects.create(
            stream_id=row.id, item=item, points=points, cost_of_delay=amount, currency=currency, reason=why,
            at=actor.at, by_id=actor.person(),
        )  # fmt: skip
        record(
            actor,
            "flow.item.valued",
            subject=("stream", row.id),
            unit=row.unit_id,
            after={"item": item, "points": points, "cost_of_delay": amount, "currency": currency or None},
        )
    return desk_item(actor=actor, stream_id=stream_id, item=item)


def decide_inflow(
    *,
    actor: Actor,
    stream_id: UUID,
    item: str,
    decision: str,
    reason: str,
    until_date: date | None = None,
    outcome: str = "",
) -> DeskItem:
    """Decide whether an item that has not been started is pulled, deferred until a day, or refused, and why.

    The place it had in the suggested order is kept with the decision. It overrides that order where it pulls something
    else than what came first, or pulls although there is no room, or holds back what came first.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``stream_not_computed``, ``item_unknown``. NotAllowedError: ``not_allowed``.
    ConflictError: ``item_started_already``. InputError: ``inflow_unknown``, ``defer_without_day``,
    ``defer_day_outside``, ``until_without_defer``, ``item_name_unkeepable``, and those of ``entered``.
    """
    row = _allowed(actor, stream_id, item)
    chosen = _chosen(decision)
    _require_day(chosen, until_date, actor.at.date())
    why = entered.paragraph(reason, field="reason", most=LONGEST_REASON, required=True)
    serves = entered.line(outcome, field="outcome", most=LONGEST_OUTCOME)
    with transaction.atomic():
        # Two people who decide at once decide one after the other, each on the order as it then is.
        rows = ValueStream.objects.everything(because="seen in the lines above").select_for_update()
        row = cast("ValueStream", rows.get(pk=row.id))
        found = desk_item(actor=actor, stream_id=stream_id, item=item)
        if not found.decidable:
            raise ConflictError("item_started_already", name=item[:100])
        order, room = suggested_inflow(actor, row)
        place = next((one for one in order if one.waiting.item == item), None)
        position = None if place is None else place.position
        if chosen is Inflow.PULL:
            override = position != 1 or room == "full" or (place is not None and place.waiting.held)
        else:
            override = position == 1 and place is not None and not place.waiting.held and room != "full"
        InflowDecision.objects.create(
            stream_id=row.id, item=item, decision=chosen, until_date=until_date, reason=why, outcome=serves,
            position=position, of=len(order), override=override, at=actor.at, by_id=actor.person(),
        )  # fmt: skip
        record(
            actor,
            "flow.inflow.decided",
            subject=("stream", row.id),
            unit=row.unit_id,
            after={
                "item": item, "decision": chosen, "until_date": until_date, "position": position, "of": len(order),
                "override": override,
            },
        )  # fmt: skip
    return desk_item(actor=actor, stream_id=stream_id, item=item)


def _allowed(actor: Actor, stream_id: UUID, item: str) -> ValueStream:
    row = seen_stream(actor, stream_id)
    actor.require(DECIDE, unit=row.unit_id)
    try:
        require_keepable(item)
    except UnkeepableError:
        raise InputError("item_name_unkeepable") from None
    return row


def _chosen(decision: str) -> Inflow:
    try:
        return Inflow(decision)
    except ValueError:
        raise InputError("inflow_unknown", name=decision[:100], known=[one.value for one in Inflow]) from None


def _require_day(chosen: Inflow, until: date | None, today: date) -> None:
    if chosen is not Inflow.DEFER:
        if until is not None:
            raise InputError("until_without_defer")
    elif until is None:
        raise InputError("defer_without_day")
    elif not 0 < (until - today).days <= _FURTHEST:
        raise InputError("defer_day_outside")
