"""The five figures in words: the same codes that the static report says them with."""

from __future__ import annotations

from typing import Final, Literal

from pegel.flow.answer import Answer, Status
from pegel.flow.flow_report import FlowMetrics, FlowReport
from pegel.prediction.predictability import Predictability
from pegel.prediction.process_behaviour import SIGNALS, ProcessBehaviour
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import term
from pegel.words.numbers import number, percent, short_number
from pegel_web.flow.contracts.figures import StreamFigure, Tone, Verdict

Better = Literal["lower", "higher"]
#: Finished items in both periods below which a change says nothing.
_FEWEST: Final = 5
#: Smaller relative changes are none.
_SAME: Final = 0.005


def figures(
    report: FlowReport, before: FlowMetrics | None, steadiness: Predictability | None, language: Language
) -> tuple[StreamFigure, ...]:
    """Return the five figures of a report, compared with the period before where there is one.

    ``steadiness``: what tells signal from noise; None: nobody asks.
    """
    return (
        _time(report, before, steadiness, language),
        _velocity(report, before, steadiness, language),
        _efficiency(report, before, language),
        _load(report, before, language),
        _distribution(report, before, language),
    )


def _time(
    report: FlowReport, before: FlowMetrics | None, steadiness: Predictability | None, language: Language
) -> StreamFigure:
    time = report.flow_time
    if time.p50 is None or time.p85 is None or time.p95 is None:
        return _empty("flow_time", time, report.unit, language)
    p50, p85, p95 = (duration(days, language, unit=time.unit) for days in (time.p50, time.p85, time.p95))
    enough = before is not None and min(time.n, before.flow_time.n) >= _FEWEST
    return _figure(
        "flow_time",
        time,
        value=time.p85,
        unit=time.unit,
        words=(p85, say("card.p85", language), say("card.more_time", language, p50=p50, p95=p95)),
        n=time.n,
        previous=before.flow_time.p85 if before is not None and enough else None,
        better="lower",
        verdict=None if steadiness is None else _verdict(steadiness.flow_time, "flow_time", report, steadiness),
        language=language,
    )


def _velocity(
    report: FlowReport, before: FlowMetrics | None, steadiness: Predictability | None, language: Language
) -> StreamFigure:
    velocity = report.flow_velocity
    if velocity.per_week is None or velocity.finished is None:
        return _empty("flow_velocity", velocity, "items_per_week", language)
    return _figure(
        "flow_velocity",
        velocity,
        value=velocity.per_week,
        unit="items_per_week",
        words=(short_number(velocity.per_week, language), say("card.per_week", language), ""),
        n=velocity.finished,
        previous=None if before is None else before.flow_velocity.per_week,
        better="higher",
        verdict=None if steadiness is None else _verdict(steadiness.throughput, "throughput", report, steadiness),
        language=language,
    )


def _efficiency(report: FlowReport, before: FlowMetrics | None, language: Language) -> StreamFigure:
    efficiency = report.flow_efficiency
    if efficiency.share is None or efficiency.active_days is None or efficiency.waiting_days is None:
        return _empty("flow_efficiency", efficiency, "share", language)
    more = say(
        "card.more_efficiency",
        language,
        active_time=duration(efficiency.active_days, language, unit=report.unit),
        waiting_time=duration(efficiency.waiting_days, language, unit=report.unit),
    )
    enough = before is not None and min(efficiency.n, before.flow_efficiency.n) >= _FEWEST
    return _figure(
        "flow_efficiency",
        efficiency,
        value=efficiency.share,
        unit="share",
        words=(percent(efficiency.share, language), say("card.in_active", language), more),
        n=efficiency.n,
        previous=before.flow_efficiency.share if before is not None and enough else None,
        better="higher",
        language=language,
    )


def _load(report: FlowReport, before: FlowMetrics | None, language: Language) -> StreamFigure:
    load = report.flow_load
    if load.now is None or load.mean is None:
        return _empty("flow_load", load, "items", language)
    more = say("card.more_load", language, mean=short_number(load.mean, language))
    return _figure(
        "flow_load",
        load,
        value=float(load.now),
        unit="items",
        words=(number(load.now, language), say("card.in_progress", language), more),
        previous=None if before is None or before.flow_load.now is None else float(before.flow_load.now),
        better="lower",
        language=language,
    )


def _distribution(report: FlowReport, before: FlowMetrics | None, language: Language) -> StreamFigure:
    distribution = report.flow_distribution
    if distribution.status is not Status.VALUE:
        return _empty("flow_distribution", distribution, "share", language)
    ordered = sorted(distribution.shares.items(), key=lambda one: -one[1])
    kind, share = ordered[0]
    rest = " · ".join(f"{term('kind', name, language)} {percent(part, language)}" for name, part in ordered[1:])
    enough = before is not None and min(distribution.n, before.flow_distribution.n) >= _FEWEST
    return _figure(
        "flow_distribution",
        distribution,
        value=share,
        unit="share",
        words=(percent(share, language), term("kind", kind, language), rest),
        n=distribution.n,
        previous=before.flow_distribution.shares.get(kind, 0.0) if before is not None and enough else None,
        language=language,
    )


def _figure(
    metric: str,
    answer: Answer,
    *,
    value: float,
    unit: str,
    words: tuple[str, str, str],
    language: Language,
    n: int | None = None,
    previous: float | None = None,
    better: Better | None = None,
    verdict: Verdict | None = None,
) -> StreamFigure:
    change = change_of(value, previous, unit)
    text, meaning, detail = words
    return StreamFigure(
        metric=metric,
        definition=answer.definition,
        status="value",
        reason=None,
        value=value,
        unit=unit,
        text=text,
        meaning=meaning,
        detail=detail,
        basis="" if n is None else say("card.n_finished", language, n=n),
        n=n,
        previous=previous,
        change=change,
        change_text=change_text(change, unit, language),
        tone=_tone(change, better, verdict),
        verdict=verdict,
    )


def _empty(metric: str, answer: Answer, unit: str, language: Language) -> StreamFigure:
    """Return a figure that is none: which of the four answers it is, and what can be done."""
    return StreamFigure(
        metric=metric,
        definition=answer.definition,
        status=answer.status.value,
        reason=answer.reason,
        value=None,
        unit=unit,
        text=term("status", answer.status.value, language),
        meaning="",
        detail=say(f"reason.{answer.reason or 'empty_period'}", language),
        basis="",
        n=None,
        previous=None,
        change=None,
        change_text="",
        tone="neutral",
        verdict=None,
    )


def change_of(value: float, previous: float | None, unit: str) -> float | None:
    """Return the relative change, of a share the difference; None: nothing to compare with."""
    if previous is None:
        return None
    if unit == "share":
        return value - previous
    return None if previous == 0 else value / previous - 1


def change_text(change: float | None, unit: str, language: Language) -> str:
    """Return a change in words, with its sign; empty where there is nothing to compare with."""
    if change is None:
        return ""
    if abs(change) < _SAME:
        return say("flow.change.same", language)
    sign = "+" if change > 0 else "\N{MINUS SIGN}"
    if unit == "share":
        return say("flow.change.points", language, points=f"{sign}{number(abs(change) * 100, language)}")
    return f"{sign}{number(abs(change) * 100, language)}\N{NARROW NO-BREAK SPACE}%"


def _tone(change: float | None, better: Better | None, verdict: Verdict | None) -> Tone:
    """Return whether a change is for the better. What is the usual up and down is neither."""
    if change is None or better is None or abs(change) < _SAME or verdict == "noise":
        return "neutral"
    return "good" if (change < 0) == (better == "lower") else "bad"


def _verdict(
    behaviour: ProcessBehaviour, series: str, report: FlowReport, steadiness: Predictability
) -> Verdict | None:
    """Tell whether the weeks of the period hold news: a value beyond the limits, a run, or a change of level."""
    if behaviour.status is not Status.VALUE:
        return None
    weeks = [row for row in behaviour.points.iter_rows(named=True) if report.from_us <= row["at_us"] < report.until_us]
    if not weeks:
        return None
    moved = any(
        row["series"] == series and report.from_us <= row["week_us"] < report.until_us
        for row in steadiness.changes.iter_rows(named=True)
    )
    return "signal" if moved or any(row[name] for row in weeks for name in SIGNALS) else "noise"
