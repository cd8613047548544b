"""Value streams added up for units or products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast
from uuid import UUID

from pegel.errors import InputError
from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.overview import StreamLine
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.rollup import CountingLevel, RollUp, RollUpLine
from pegel_web.flow.queries.counted import Counted
from pegel_web.flow.queries.declared import declared_of
from pegel_web.flow.queries.levels import kept_levels
from pegel_web.flow.queries.overview import period_choices, stream_overview
from pegel_web.organisation.queries.products import product_list

WAYS: Final = ("unit", "product")


def stream_rollup(*, actor: Actor, by: str = "unit", period: str = DEFAULT) -> RollUp:
    """Return the streams of an actor added up by the unit that answers for them, or by product.

    Raises
    ------
    InputError: ``rollup_unknown``, ``period_unknown``. NotAllowedError.
    """
    if by not in WAYS:
        raise InputError("rollup_unknown", name=by[:100], known=list(WAYS))
    overview = stream_overview(actor=actor, period=period)
    language = cast(Language, actor.language)
    levels = kept_levels(line.stream.id for line in overview.lines)
    declared = declared_of(line.stream.id for line in overview.lines)
    counted = Counted.of(actor, {line.stream: declared[line.stream.id] for line in overview.lines}, levels)
    groups: dict[UUID | None, list[StreamLine]] = {}
    for line in overview.lines:
        key = line.stream.unit_id if by == "unit" else line.stream.product_id
        groups.setdefault(key, []).append(line)
    names = _names(actor, by, overview.lines, language)
    lines = [_line(key, names[key], group, levels, counted) for key, group in groups.items()]
    together = _line(None, say("flow.rollup.together", language), overview.lines, levels, counted)
    return RollUp(
        by=by,
        period=period,
        lines=tuple(sorted(lines, key=lambda one: (one.id is None, one.name.casefold(), str(one.id)))),
        together=together,
        proof=_proof(together, language),
        ways=tuple(Choice(code=one, name=say(f"flow.rollup.by.{one}", language), chosen=one == by) for one in WAYS),
        periods=period_choices(period, language),
    )


def _names(actor: Actor, by: str, lines: Iterable[StreamLine], language: Language) -> dict[UUID | None, str]:
    if by == "unit":
        return {line.stream.unit_id: line.stream.unit_name for line in lines}
    known: dict[UUID | None, str] = {one.product_id: one.name for one in product_list(actor=actor)}
    hidden = {line.stream.product_id for line in lines} - known.keys()
    return (
        known
        | dict.fromkeys(hidden, say("flow.rollup.hidden_product", language))
        | {None: say("flow.rollup.no_product", language)}
    )


def _line(
    key: UUID | None,
    name: str,
    group: Iterable[StreamLine],
    levels: Mapping[UUID, CountingLevel],
    counted: Counted,
) -> RollUpLine:
    listed = list(group)
    shown = [line.content for line in listed if line.content is not None and not line.withheld]
    figures = {(number, one.metric): one for number, content in enumerate(shown) for one in content.figures}
    rates = [one.value for (_, metric), one in figures.items() if metric == "flow_velocity" and one.value is not None]
    times = [one.value for (_, metric), one in figures.items() if metric == "flow_time" and one.value is not None]
    mine = {name for line in listed for name in line.stream.lake_names}
    known = [levels[line.stream.id] for line in listed if line.stream.id in levels]
    nested = sum(
        counted.nested(line.stream.id, levels[line.stream.id], mine) for line in listed if line.stream.id in levels
    )
    return RollUpLine(
        id=key,
        name=name,
        streams=len(listed),
        computed=sum(line.content is not None for line in listed),
        withheld=sum(line.withheld for line in listed),
        finished_per_week=sum(rates) if rates else None,
        open=sum(one.open for one in shown) if shown else None,
        late=sum(one.late for one in shown) if shown else None,
        fastest=min(times, default=None),
        slowest=max(times, default=None),
        items=sum(level.items for level in known),
        nested=nested,
        left_out_by_type=sum(level.left_out_by_type for level in known),
        left_out_by_filter=sum(level.left_out_by_filter for level in known),
    )


def _proof(together: RollUpLine, language: Language) -> str:
    """Return why no item is counted twice, which are counted with their parts, and which are left out."""
    said = say("flow.rollup.once", language, n=together.items, streams=together.streams)
    if together.left_out_by_type or together.left_out_by_filter:
        left_out = say(
            "flow.rollup.left_out", language, types=together.left_out_by_type, filters=together.left_out_by_filter
        )
        said = f"{said} {left_out}"
    if not together.nested:
        return f"{said} {say('flow.rollup.one_level', language)}"
    return f"{said} {say('flow.rollup.nested', language, n=together.nested)}"
