"""What if load moved from one stream to another: simulated from the weeks that the lake has seen."""

from __future__ import annotations

from typing import Any, Final, cast
from uuid import UUID

from pegel.errors import InputError, NotFoundError
from pegel.network import LoadTransfer, WeeklyFlow
from pegel.network import load_transfer as simulated
from pegel.network.load_transfer import DEFINITION, HORIZON_WEEKS, RUNS, Compared, Range
from pegel.words import Language, say
from pegel.words.load_transfer import range_text, transfer_sentences
from pegel.words.names import term
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.network import Span, TransferChoices, TransferMeasure, TransferOutcome, TransferSide
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.queries.network_kept import KeptNetwork, kept_network
from pegel_web.flow.queries.streams import stream_of
from pegel_web.flow.queries.withholding import REASON

#: Items a week that can be moved at most.
MOST_ITEMS: Final = 1000


def transfer_choices(*, actor: Actor) -> TransferChoices:
    """Return the streams between which an actor may try to move load.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    kept = kept_network(actor)
    if kept is None:
        return TransferChoices(streams=(), computed=False)
    known = [(kept.names[name], row.id) for name, row in kept.seen.items() if name in kept.figures]
    return TransferChoices(
        streams=tuple(Choice(code=str(one), name=name, chosen=False) for name, one in sorted(known)), computed=True
    )


def load_transfer(
    *, actor: Actor, from_id: UUID, to_id: UUID, items_per_week: int = 1, capacity_percent: int = 0
) -> TransferOutcome:
    """Return what would change in both streams if so many items a week arrived at the other one.

    ``capacity_percent``: how much of the capacity of the first goes with them, in percent.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``network_not_computed``, ``stream_not_computed``. InputError: ``transfer_same``,
    ``transfer_out_of_range``.
    """
    kept = kept_network(actor)
    if kept is None:
        raise NotFoundError("network_not_computed")
    giver, taker = kept.lake_name(from_id), kept.lake_name(to_id)
    if giver == taker:
        raise InputError("transfer_same")
    if not 1 <= items_per_week <= MOST_ITEMS or not 0 <= capacity_percent <= 100:
        raise InputError("transfer_out_of_range", most=MOST_ITEMS)
    language = cast(Language, actor.language)
    shared: dict[str, Any] = {
        "definition": DEFINITION,
        "giver": stream_of(kept.seen[giver], kept.structure),
        "taker": stream_of(kept.seen[taker], kept.structure),
        "items_per_week": items_per_week,
        "capacity_share": capacity_percent / 100,
        "horizon_weeks": HORIZON_WEEKS,
        "runs": RUNS,
        "freshness": kept.freshness,
    }
    if {giver, taker} & kept.withheld:
        return TransferOutcome(
            status="withheld", sentences=(say(f"reason.{REASON}", language),), sides=(), weeks=0, basis="",
            assumptions=(), **shared,
        )  # fmt: skip
    found = simulated(
        _flow(kept, giver), _flow(kept, taker), items_per_week=items_per_week, capacity_share=capacity_percent / 100
    )
    has = bool(found.sides)
    return TransferOutcome(
        status=found.status.value,
        sentences=tuple(transfer_sentences(found, language)),
        sides=_sides(found, language),
        weeks=found.weeks,
        basis=say("transfer.basis", language, weeks=found.weeks, runs=found.runs) if has else "",
        assumptions=tuple(term("assumption", code, language) for code in found.assumptions) if has else (),
        **shared,
    )


def _flow(kept: KeptNetwork, name: str) -> WeeklyFlow:
    figures = kept.figures.get(name)
    if figures is None:
        raise NotFoundError("stream_not_computed", name=kept.names[name])
    return WeeklyFlow(
        stream=kept.names[name],
        load=figures["load"],
        arrivals=tuple(figures["arrivals"]),
        departures=tuple(figures["departures"]),
        least_load=figures["least_load"],
    )


def _sides(found: LoadTransfer, language: Language) -> tuple[TransferSide, ...]:
    return tuple(
        TransferSide(
            name=one.stream or say("transfer.together", language),
            measures=tuple(_measure(measure, language) for measure in one.measures),
        )
        for one in found.sides
    )


def _measure(one: Compared, language: Language) -> TransferMeasure:
    return TransferMeasure(
        measure=one.measure,
        name=term("transfer_measure", one.measure, language),
        before=_span(one.before, language),
        after=_span(one.after, language),
        difference=_span(one.difference, language),
        usual=one.usual,
    )


def _span(one: Range, language: Language) -> Span:
    return Span(middle=one.middle, low=one.low, high=one.high, text=range_text(one, language))
