"""The sentences that stand first: what the report says, and where work stalls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from pegel.eventlog.workflow import StateCategory
from pegel.flow.answer import Status
from pegel.flow.flow_report import FlowReport
from pegel.flow.time_in_state import TimeInState
from pegel.words.catalogue import Language, quoted, say
from pegel.words.durations import duration
from pegel.words.names import state_name, term
from pegel.words.numbers import percent

#: Shares of the recorded time in states without meaning from which on nothing can be said, and a remark is due.
_ALL: Final = 0.9999
_MUCH: Final = 0.05
#: Below so many finished items, p95 is the largest or second largest value.
_FEW: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A state of a stream with the part of all flow time that lies in it."""

    stream: str
    state: str
    category: str
    friction: str | None
    share: float
    days_per_item: float


def summary(report: FlowReport, language: Language) -> str:
    """Return what the report says, in one to six sentences; correct for every kind of answer."""
    unmapped = sum(one.share for one in report.unmapped)
    if unmapped > _ALL:
        return say("summary.nothing_mapped", language)
    about_time = (_time_and_waiting, _few, _never_started, _age)
    parts = [sentence(report, language) for sentence in about_time]
    if unmapped >= _MUCH:
        parts.append(say("summary.unmapped", language, share=percent(unmapped, language)))
    if report.workflow_status in ("suggested", "mixed"):
        parts.append(say(f"summary.{report.workflow_status}", language))
    return " ".join(part for part in parts if part)


def _few(report: FlowReport, language: Language) -> str:
    """Say so where the figures rest on few items; one item is said to be one anyway."""
    n = report.flow_time.n
    return say("summary.few", language, n=n) if 1 < n < _FEW else ""


def _never_started(report: FlowReport, language: Language) -> str:
    """Say how many finished items the sentence about time is not about."""
    time = report.flow_time
    if time.status is not Status.VALUE or not time.undefined:
        return ""
    return say("summary.never_started_besides", language, n=time.undefined)


def where_it_stalls(report: FlowReport, language: Language) -> str:
    """Return where finished work spent its waiting time, in one or two sentences."""
    place, sentence = _stall(report)
    if place is None:
        return say(sentence, language)
    text = say(
        sentence,
        language,
        state=place_name(place, report, language),
        share=percent(place.share, language),
        time=duration(place.days_per_item, language, unit=report.unit),
    )
    if place.friction and sentence == "stall.waits":
        text += " " + say("stall.friction", language, friction=term("friction", place.friction, language))
    return text


def stall_in_short(report: FlowReport, language: Language) -> str:
    """Return the same in a few words, for a list of reports."""
    place, sentence = _stall(report)
    if place is None:
        return say(sentence, language)
    name, share = place_name(place, report, language), percent(place.share, language)
    meaning = term("category", place.category, language)
    reason = term("friction", place.friction, language) if place.friction else None
    return ", ".join(filter(None, [say("stall.short", language, state=name, share=share), meaning, reason]))


def longest_wait(times: TimeInState) -> Stall | None:
    """Return the state that is not work in which most flow time lies; None if there is no such time."""
    return _most(times.by_state.filter(pl.col("category") != StateCategory.ACTIVE.value))


def longest_stay(times: TimeInState) -> Stall | None:
    """Return the state in which most flow time lies, whatever it means; None if no time passed."""
    return _most(times.by_state)


def place_name(place: Stall, report: FlowReport, language: Language) -> str:
    """Return a state's name in quotation marks, with its stream where the report is about several."""
    name = quoted(state_name(place.state, language), language)
    return f"{name} · {place.stream}" if len(report.streams) > 1 else name


def _stall(report: FlowReport) -> tuple[Stall | None, str]:
    """Return the place to name and the code of the sentence that names it; without a place, that of the reason."""
    times = report.time_in_state
    if sum(one.share for one in report.unmapped) > _ALL:
        return None, "summary.nothing_mapped"
    if times.status is not Status.VALUE:
        return None, f"reason.{times.reason}"
    if report.flow_efficiency.status is Status.NOT_CONFIGURED:
        place = longest_stay(times)
        return place, "stall.passes" if place else "stall.no_time"
    waiting = longest_wait(times)
    if waiting:
        return waiting, "stall.waits"
    place = longest_stay(times)
    return place, "stall.works" if place else "stall.no_time"


def _most(rows: pl.DataFrame) -> Stall | None:
    counted = rows.filter(pl.col("share").is_not_null() & (pl.col("days") > 0)).sort("days", descending=True)
    if not counted.height:
        return None
    row: dict[str, Any] = counted.row(0, named=True)
    return Stall(**{name: row[name] for name in ("stream", "state", "category", "friction", "share", "days_per_item")})


def _time_and_waiting(report: FlowReport, language: Language) -> str:
    time = report.flow_time
    if time.status is Status.UNDEFINED:
        return say("summary.never_started", language, n=time.undefined)
    if time.p85 is None:
        return say("summary.nothing_finished", language)
    text = duration(time.p85, language, unit=time.unit)
    first = say("summary.time_of_one" if time.n == 1 else "summary.time", language, time=text)
    waiting = _waiting(report, language)
    return f"{first}; {waiting}" if waiting else f"{first}."


def _waiting(report: FlowReport, language: Language) -> str:
    efficiency = report.flow_efficiency
    if efficiency.status is Status.NOT_CONFIGURED:
        most = longest_stay(report.time_in_state)
        if most is None:
            return say("summary.waiting_unknown_plain", language)
        part = percent(most.share, language)
        return say("summary.waiting_unknown", language, state=place_name(most, report, language), part=part)
    if efficiency.share is None:
        return ""
    if efficiency.share == 1:
        return say("summary.waits_never", language)
    share = percent(1 - efficiency.share, language)
    most = longest_wait(report.time_in_state)
    if most is None:
        return say("summary.waits", language, share=share)
    part = percent(most.share, language)
    return say("summary.waits_most_in", language, share=share, state=place_name(most, report, language), part=part)


def _age(report: FlowReport, language: Language) -> str:
    age = report.work_item_age
    if age.status is not Status.VALUE:
        return say("summary.nothing_open", language)
    if age.beyond_p85:
        return say("summary.late", language, n=age.beyond_p85)
    if age.items["pace"].null_count() == age.n:
        return say("summary.no_comparison", language, n=age.n)
    return say("summary.none_late", language)
