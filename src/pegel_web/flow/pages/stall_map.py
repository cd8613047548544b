"""The stall map: the four phases side by side, in each its steps with their time and what lies there now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from pegel.eventlog.workflow import StateCategory
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.numbers import percent
from pegel_web.flow.contracts.reports import PhaseLine, ReportContent, StateLine, StreamReport
from pegel_web.flow.pages.addresses import items_href

#: Steps with less of the time, and nothing in them now, are only named.
_SMALL = 0.01
#: Shares below are drawn as if they were so large, or nobody would see them.
_LEAST_WIDTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step as drawn. ``width``: of its bar in percent of the widest; None: no finished work spent time there.

    ``part``, ``duration``: the share and the time per item as bare figures; ``share``, ``time``: the same as words.
    """

    name: str
    href: str | None
    category: str
    waiting: bool
    width: int | None
    part: str
    duration: str
    share: str
    time: str
    time_href: str | None
    load: str
    late: str
    oldest: str


def stall_map(found: StreamReport, language: Language) -> dict[str, Any] | None:
    """Return the context of the map; None: withheld, or nothing was ever there."""
    content = found.content
    if content is None or found.withheld or not content.states:
        return None
    widest = max((line.share or 0.0 for line in content.states), default=0.0)
    without = sum(1 for line in content.states if line.phase is None)
    return {
        "phases": [
            {
                "name": phase.phase_name,
                "key": phase.phase or "none",
                "said": _phase_text(phase, content, language),
                "load": load_text(phase.load, phase.late, language),
                "steps": [
                    _step(line, found, content, widest, language) for line in _lines(content, phase, small=False)
                ],
                "small": [line.state_name for line in _lines(content, phase, small=True)],
            }
            for phase in _shown(content.phases)
        ],
        "caption": say("flow.map.caption", language),
        "without": say("flow.map.without", language, n=without) if without else "",
        "workflow_href": reverse("stream_workflow", args=[found.stream.id]),
    }


def load_text(load: int, late: int, language: Language) -> str:
    """Return how many items lie somewhere, and how many of them are late."""
    if not load:
        return say("flow.map.nothing_now", language)
    said = say("flow.map.load", language, n=load)
    return f"{said}, {say('flow.map.late', language, n=late)}" if late else said


def _shown(phases: Sequence[PhaseLine]) -> list[PhaseLine]:
    """Return the phases of the map; where nobody has given a state any, four empty ones would say nothing."""
    named = [one for one in phases if one.phase is not None and (one.days or one.load)]
    return list(phases) if named else [one for one in phases if one.phase is None]


def _lines(content: ReportContent, phase: PhaseLine, *, small: bool) -> list[StateLine]:
    """Return the steps of a phase, or those in which there is next to no time and nothing now."""
    mine = [line for line in content.states if line.phase == phase.phase]
    return [line for line in mine if ((line.share or 0.0) < _SMALL and not line.load) == small]


def _phase_text(phase: PhaseLine, content: ReportContent, language: Language) -> str:
    if not phase.days:
        return ""
    said = [say("flow.map.share", language, share=percent(phase.share or 0.0, language))]
    if phase.waiting_share:
        said.append(say("flow.map.waiting", language, share=percent(phase.waiting_share, language)))
    return ", ".join(said)


def _step(line: StateLine, found: StreamReport, content: ReportContent, widest: float, language: Language) -> Step:
    timed = line.items > 0
    width = round(100 * (line.share or 0.0) / widest) if timed and widest else None
    part = percent(line.share or 0.0, language) if timed else ""
    each = duration(line.days_per_item, language, unit=content.unit) if timed else ""
    sees = found.leads_to_items
    return Step(
        name=line.state_name,
        href=items_href(found, "work_item_age", line.state) if sees and line.load else None,
        category=line.category_name if not line.friction_name else f"{line.category_name}, {line.friction_name}",
        waiting=line.category == StateCategory.WAITING,
        width=None if width is None else max(_LEAST_WIDTH, width),
        part=part,
        duration=each,
        share=say("flow.map.share", language, share=part) if timed else "",
        time=say("flow.map.per_item", language, time=each) if timed else "",
        time_href=items_href(found, "time_in_state", line.state) if sees and timed else None,
        load=load_text(line.load, line.late, language),
        late=str(line.late) if line.late else "",
        oldest=""
        if line.oldest is None
        else say("flow.map.oldest", language, time=duration(line.oldest, language, unit=content.unit)),
    )
