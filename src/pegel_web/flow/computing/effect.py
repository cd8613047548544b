"""What a changed mapping does: the time that counts as something else, and the five figures under each mapping."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.schema import DAY_US
from pegel.eventlog.workflow import StateRule, Workflow, workflow_of
from pegel.flow.flow_report import default_policy, flow_report
from pegel.lake.store import Lake, open_lake
from pegel.words import Language, say
from pegel.words.names import state_name
from pegel.words.numbers import percent
from pegel.workbench import open_log
from pegel_web.flow.computing.counted import as_one
from pegel_web.flow.computing.figures import change_of, change_text, figures
from pegel_web.flow.computing.mapping import part_of, plain_text
from pegel_web.flow.computing.periods import DEFAULT, bounds_us
from pegel_web.flow.computing.stays import Cell, category_of, time_us
from pegel_web.flow.computing.versions import imports_of
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.workflow import FigureEffect, Part, TimeMove

#: Stays up to which figures are computed while somebody waits: some two seconds for each mapping on four cores.
MOST_STAYS: Final = 5_000_000
#: States named with a move, the ones with the most time.
_NAMED: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The five figures of the default period, and the policy that suits the stream under the mapping."""

    policy: str
    figures: tuple[StreamFigure, ...]


def moves(
    before: Mapping[Cell, StateRule | None], after: Mapping[Cell, StateRule | None], language: Language
) -> tuple[TimeMove, ...]:
    """Return the time that counts as something else, the most first.

    A share is of the time in states in which items are not at their end, before or after the change.
    """
    total = time_us(before, before, after)
    found: dict[tuple[Part, Part], dict[str, int]] = {}
    for cell in before:
        way = part_of(category_of(before[cell])), part_of(category_of(after[cell]))
        if way[0] != way[1] and cell.total_us:
            states = found.setdefault(way, {})
            states[cell.state] = states.get(cell.state, 0) + cell.total_us
    ordered = sorted(found.items(), key=lambda one: (-sum(one[1].values()), one[0]))
    return tuple(_move(way, states, total, language) for way, states in ordered)


def move_sentence(found: Iterable[TimeMove], language: Language) -> str:
    """Return what moves in one sentence."""
    listed = [one.sentence for one in found]
    if not listed:
        return say("flow.workflow.effect.none", language)
    return say("flow.workflow.effect.moves", language, moves=listed)


def figure_effects(
    lake: Lake, names: Sequence[str], stream: str, before: Workflow, after: Workflow, language: Language
) -> tuple[Figures, Figures, tuple[FigureEffect, ...]]:
    """Return the figures under both mappings, and one beside the other.

    ``names``: what the stream is called in the lake, its first one first; ``stream``: that of whose states they are.
    """
    imports = tuple(imports_of(lake))
    old, new = (
        _figures(lake.root, imports, tuple(names), stream, plain_text(one), language) for one in (before, after)
    )
    return old, new, tuple(_beside(*pair, language) for pair in zip(old.figures, new.figures, strict=True))


def _move(way: tuple[Part, Part], states: dict[str, int], total: int, language: Language) -> TimeMove:
    time = sum(states.values())
    first = sorted(states, key=lambda name: (-states[name], name))[:_NAMED]
    share = time / total if total else 0.0
    from_part, to_part = (say(f"flow.workflow.part.{one}", language) for one in way)
    return TimeMove(
        from_part=way[0],
        to_part=way[1],
        days=time / DAY_US,
        share=share,
        states=tuple(state_name(name, language) for name in first),
        sentence=say(
            "flow.workflow.effect.move", language, share=percent(share, language), from_part=from_part, to_part=to_part
        ),
    )


def _beside(before: StreamFigure, after: StreamFigure, language: Language) -> FigureEffect:
    # Of the distribution the largest kind is told: two different kinds cannot be compared.
    same = before.metric != "flow_distribution" or before.meaning == after.meaning
    change = change_of(after.value, before.value, after.unit) if after.value is not None and same else None
    return FigureEffect(
        metric=after.metric,
        before=before,
        after=after,
        change=change,
        change_text=change_text(change, after.unit, language),
    )


@lru_cache(maxsize=64)
def _figures(
    root: Path, imports: tuple[str, ...], names: tuple[str, ...], stream: str, mapping: str, language: Language
) -> Figures:
    """Compute the figures of a stream under a mapping that nobody has saved; kept, as one tries to and fro."""
    del imports  # only tells whether the lake has changed
    meant = {stream: workflow_of(json.loads(mapping))}
    log = open_log(open_lake(root), streams=names[:1], joined=as_one(names), mappings=meant)
    policy = default_policy(log)
    from_us, until_us = bounds_us(log, DEFAULT)
    report = flow_report(log, BUILT_IN[policy], from_us=from_us, until_us=until_us)
    return Figures(policy=policy, figures=figures(report, None, None, language))
