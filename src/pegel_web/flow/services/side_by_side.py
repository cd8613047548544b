"""Two selections of a stream next to each other; what is not computed yet is computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal, cast
from uuid import UUID

from pegel.words import Language, say
from pegel.words.names import term
from pegel.words.numbers import short_number
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.figures import change_of, change_text
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.reports import ReportContent, Selection, StreamReport
from pegel_web.flow.contracts.side_by_side import ComparedLine, Side, SideBySide
from pegel_web.flow.services.selection import report_of

#: Days per item below which nothing has changed: they are written with one digit.
_SAME: Final = 0.05


def side_by_side(*, actor: Actor, stream_id: UUID, first: Selection, second: Selection) -> SideBySide:
    """Return two selections of a stream next to each other. Single items are in neither.

    Raises
    ------
    NotFoundError: ``stream_unknown``. InputError, ConflictError, LimitedError: see ``selection.report_of``.
    """
    language = cast(Language, actor.language)
    reports = [report_of(actor=actor, stream_id=stream_id, selection=one) for one in (first, second)]
    sides = [_side(found, asked) for found, asked in zip(reports, (first, second), strict=True)]
    status, most, usual = _status(reports), "", ""
    lines: tuple[ComparedLine, ...] = ()
    contents = [one.content for one in reports]
    if status == "value" and contents[0] is not None and contents[1] is not None:
        lines = tuple(_lines(contents[0], contents[1], language))
        most = _most(lines, contents[0].unit, language)
        usual = _usual(contents[0], contents[1], sides, language)
    return SideBySide(
        stream=reports[0].stream,
        status=status,
        first=sides[0],
        second=sides[1],
        most=most,
        usual=usual,
        lines=lines,
    )


def _status(reports: list[StreamReport]) -> Literal["value", "computing", "not_computed", "withheld"]:
    if any(one.job is not None for one in reports):
        return "computing"
    if any(one.content is None for one in reports):
        return "not_computed"
    return "withheld" if any(one.withheld for one in reports) else "value"


def _side(found: StreamReport, asked: Selection) -> Side:
    content = found.content
    return Side(
        selection=asked,
        from_at=None if content is None else content.from_at,
        until_at=None if content is None else content.until_at,
        policy=None if content is None else content.policy,
        unit=None if content is None else content.unit,
        finished=None if content is None or found.withheld else _timed(content),
        job=found.job,
    )


def _lines(first: ReportContent, second: ReportContent, language: Language) -> Iterator[ComparedLine]:
    others = {one.metric: one for one in second.figures}
    for one in first.figures:
        yield _figure(one, others[one.metric], language)
    sides = (first, second)
    states = [
        {one.state: (one.state_name, one.days) for one in content.states if one.share is not None} for content in sides
    ]
    yield from _times("state", states, sides, language)
    waits = [
        {one.cause: (one.cause_name, one.days) for one in content.waits.lines if one.days is not None}
        for content in sides
    ]
    yield from _times("wait", waits, sides, language)


def _figure(one: StreamFigure, other: StreamFigure, language: Language) -> ComparedLine:
    alike = one.unit == other.unit and (one.metric != "flow_distribution" or one.meaning == other.meaning)
    known = one.value is not None and other.value is not None and alike
    change = change_of(other.value, one.value, one.unit) if known and other.value is not None else None
    return ComparedLine(
        part="figure",
        code=one.metric,
        name=say(f"metric.{one.metric}.label", language),
        unit=one.unit,
        first=one.value,
        second=other.value,
        first_text=_said(one),
        second_text=_said(other),
        difference=other.value - one.value if known and other.value is not None and one.value is not None else None,
        difference_text=change_text(change, one.unit, language),
    )


def _said(one: StreamFigure) -> str:
    return f"{one.text} {one.meaning}".strip()


def _times(
    part: Literal["state", "wait"],
    known: list[dict[str, tuple[str, float]]],
    sides: tuple[ReportContent, ReportContent],
    language: Language,
) -> Iterator[ComparedLine]:
    """Yield days per finished item; where one side has finished items, what is not there has taken no time."""
    names = {code: name for side in known for code, (name, _) in side.items()}
    units = {one.unit for one in sides}
    found = []
    for code, name in names.items():
        first, second = (
            side.get(code, ("", 0.0))[1] / n if (n := _timed(content)) and side else None
            for side, content in zip(known, sides, strict=True)
        )
        known_both = first is not None and second is not None and len(units) == 1
        difference = second - first if known_both and first is not None and second is not None else None
        found.append(
            ComparedLine(
                part=part,
                code=code,
                name=name,
                unit=sides[0].unit,
                first=first,
                second=second,
                first_text=_days(first, sides[0].unit, language),
                second_text=_days(second, sides[1].unit, language),
                difference=difference,
                difference_text="" if difference is None else _signed(difference, language),
            )
        )
    yield from sorted(found, key=lambda line: -abs(line.difference or 0.0))


def _timed(content: ReportContent) -> int:
    """Return how many finished items the times of a report are about."""
    return next((one.n or 0 for one in content.figures if one.metric == "flow_time"), 0)


def _days(days: float | None, unit: str, language: Language) -> str:
    if days is None:
        return term("status", "no_data", language)
    return say(f"flow.side.{unit}", language, days=short_number(days, language))


def _signed(difference: float, language: Language) -> str:
    if abs(difference) < _SAME:
        return say("flow.change.same", language)
    sign = "+" if difference > 0 else "\N{MINUS SIGN}"
    return f"{sign}{short_number(abs(difference), language)}"


def _most(lines: tuple[ComparedLine, ...], unit: str, language: Language) -> str:
    states = [one for one in lines if one.part == "state" and one.difference is not None]
    if not states:
        return say("flow.side.most_unknown", language)
    most = max(states, key=lambda one: abs(one.difference or 0.0))
    if abs(most.difference or 0.0) < _SAME:
        return say("flow.side.most_none", language)
    code = "more" if (most.difference or 0.0) > 0 else "less"
    return say(
        f"flow.side.most_{code}",
        language,
        state=most.name,
        days=_days(abs(most.difference or 0.0), unit, language),
        first=most.first_text,
        second=most.second_text,
    )


def _usual(first: ReportContent, second: ReportContent, sides: list[Side], language: Language) -> str:
    one, other = (replace(side.selection, period="", from_day=None, until_day=None) for side in sides)
    alike = replace(one, policy=first.policy) == replace(other, policy=second.policy)
    if not alike or not (first.until_at == second.from_at or second.until_at == first.from_at):
        return say("flow.side.usual_unknown", language)
    later = second if first.until_at == second.from_at else first
    said = [
        f"{say(f'metric.{one.metric}.label', language)}: {say(f'flow.verdict.{one.verdict}', language)}"
        for one in later.figures
        if one.verdict is not None
    ]
    return (
        say("flow.side.usual", language, verdicts="; ".join(said))
        if said
        else say("flow.side.usual_too_short", language)
    )
