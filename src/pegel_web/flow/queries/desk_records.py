"""What people said at the desk of a stream: what items are worth, and what was decided on new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.pull_order import Scale
from pegel_web.flow.contracts.desk import DecisionLine, ValueLine
from pegel_web.flow.models import InflowDecision, ItemValue, ValueStream
from pegel_web.organisation.queries.people import names_of

#: In which a cost of delay is said where the stream declares no currency.
CURRENCY: Final = "EUR"
#: Decisions listed at most, the newest ones.
MOST_DECISIONS: Final = 500
_BECAUSE: Final = "of a stream whose items the actor may see"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What an item is said to be worth now; both None: nobody has said, or in another currency than the stream's."""

    points: int | None = None
    cost_of_delay: float | None = None

    @property
    def scale(self) -> Scale:
        """Return by which scale it is said."""
        return "money" if self.cost_of_delay is not None else "points" if self.points is not None else "unsaid"


def worths_of(row: ValueStream, currency: str) -> Mapping[str, Worth]:
    """Return what the items of a stream are said to be worth, by item."""
    found: dict[str, Worth] = {}
    for one in ItemValue.objects.everything(because=_BECAUSE).filter(stream_id=row.id).order_by("at", "id"):
        money = one.cost_of_delay is not None and one.currency == currency
        found[one.item] = Worth(points=one.points, cost_of_delay=float(one.cost_of_delay) if money else None)
    return found


def newest_decisions(row: ValueStream) -> Mapping[str, InflowDecision]:
    """Return the newest decision on each item of a stream."""
    rows = InflowDecision.objects.everything(because=_BECAUSE).filter(stream_id=row.id).order_by("at", "id")
    return {one.item: one for one in cast("list[InflowDecision]", list(rows))}


def decision_lines(
    actor: Actor, row: ValueStream, standing: Mapping[str, bool], *, item: str | None = None
) -> tuple[DecisionLine, ...]:
    """Return the decisions on the items of a stream, or on one of them, the newest first.

    ``standing``: of each open item, whether it has been started.
    """
    found = InflowDecision.objects.everything(because=_BECAUSE).filter(stream_id=row.id)
    chosen = found if item is None else found.filter(item=item)
    rows = cast("list[InflowDecision]", list(chosen.order_by("-at", "-id")[:MOST_DECISIONS]))
    names = names_of(actor=actor, person_ids={one.by_id for one in rows})
    language = cast(Language, actor.language)
    return tuple(
        DecisionLine(
            item=one.item,
            decision=one.decision,
            decision_name=say(f"flow.desk.decision.{one.decision}", language),
            until_date=one.until_date,
            reason=one.reason,
            outcome=one.outcome,
            position=one.position,
            of=one.of,
            override=one.override,
            at=one.at,
            by=names[one.by_id].shown,
            started=standing.get(one.item),
        )
        for one in rows
    )


def value_lines(actor: Actor, row: ValueStream, item: str) -> tuple[ValueLine, ...]:
    """Return what people said one item is worth, the newest first."""
    found = ItemValue.objects.everything(because=_BECAUSE).filter(stream_id=row.id, item=item)
    rows = cast("list[ItemValue]", list(found.order_by("-at", "-id")[:MOST_DECISIONS]))
    names = names_of(actor=actor, person_ids={one.by_id for one in rows})
    return tuple(
        ValueLine(
            item=one.item,
            points=one.points,
            cost_of_delay=None if one.cost_of_delay is None else float(one.cost_of_delay),
            currency=one.currency or None,
            reason=one.reason,
            at=one.at,
            by=names[one.by_id].shown,
        )
        for one in rows
    )
