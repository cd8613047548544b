"""Predictability: weekly values with their natural limits; what falls out of them looks different."""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, finished, millis, time_axis, values
from pegel.charts.palette import Mode, colour
from pegel.flow.answer import Status
from pegel.prediction.predictability import Predictability
from pegel.prediction.process_behaviour import SIGNALS, ProcessBehaviour
from pegel.prediction.tail import TailRatio
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.durations import duration
from pegel.words.names import term
from pegel.words.numbers import number, short_number

#: Points drawn: the last ones.
MOST_POINTS: Final = 260
_TITLES: Final = {"items": "finished_week", "days": "median_days", "working_days": "median_working_days"}


def chart(
    behaviour: ProcessBehaviour, language: Language, *, mode: Mode = "light", changes: pl.DataFrame | None = None
) -> Drawing:
    """Draw a process behaviour chart: values, mean, limits; signals as triangles; changes of level as dashed lines."""
    alt = altair()
    data = rows(behaviour, language)
    names = [say("legend.usual_value", language), say("legend.signal_value", language)]
    tooltip = [
        alt.Tooltip("day:N", title=say("column.day", language)),
        alt.Tooltip("said:N", title=say("column.value", language)),
        alt.Tooltip("why:N", title=say("legend.signal_value", language)),
    ]
    title = say(f"axis.{_TITLES[behaviour.unit]}", language)
    base = alt.Chart(values(data)).encode(x=time_axis(), y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=True)))
    line = base.mark_line(strokeWidth=1.2, color=colour("muted", mode))
    sign = alt.Scale(domain=names, range=[colour("accent", mode), colour("warning", mode)])
    points = base.mark_point(filled=True, size=52, opacity=0.95).encode(
        color=alt.Color("kind:N", scale=sign, legend=alt.Legend(title=None)),
        shape=alt.Shape("kind:N", scale=alt.Scale(domain=names, range=["circle", "triangle-up"])),
        tooltip=tooltip,
    )
    limits = [
        alt.Chart(values([{"value": value}]))
        .mark_rule(color=colour("ink", mode), strokeDash=dash)
        .encode(y=alt.Y("value:Q"))
        for value, dash in ((behaviour.mean, [1, 0]), (behaviour.lower, [5, 4]), (behaviour.upper, [5, 4]))
        if value is not None
    ]
    shown = {row["at"] for row in data}
    marks = [
        {"at": millis(row["week_us"]), "day": day_text(row["week_us"], language)}
        for row in (changes.iter_rows(named=True) if changes is not None else ())
        if millis(row["week_us"]) in shown
    ]
    moved = (
        [
            alt.Chart(values(marks))
            .mark_rule(color=colour("warning", mode), strokeDash=[2, 3], strokeWidth=1.5)
            .encode(x=time_axis(), tooltip=[alt.Tooltip("day:N", title=say("legend.level_change", language))])
        ]
        if marks
        else []
    )
    return finished(alt.layer(line, *limits, *moved, points), language, mode, title="")


def rows(behaviour: ProcessBehaviour, language: Language) -> list[Row]:
    """Return one row per value, the last ``MOST_POINTS``."""
    out = []
    for row in behaviour.points.tail(MOST_POINTS).iter_rows(named=True):
        why = [say(f"column.{name}", language) for name in SIGNALS[:3] if row[name]]
        if row["range_outside"]:
            why.append(say("column.moving_range", language))
        out.append(
            {
                "at": millis(row["at_us"]),
                "value": round(row["value"], 4),
                "day": day_text(row["at_us"], language),
                "said": _said(row["value"], behaviour.unit, language),
                "kind": say("legend.signal_value" if why else "legend.usual_value", language),
                "why": ", ".join(why) or "–",
            }
        )
    return out


def sentence(found: Predictability, language: Language) -> str:
    """Say the usual range of the weekly throughput, what falls out of it, and whether the past is a fair guide."""
    weekly = found.throughput
    if found.status is not Status.VALUE or weekly.mean is None or weekly.lower is None or weekly.upper is None:
        return say(f"reason.{found.reason}", language)
    return say(
        "chart.predictability.value",
        language,
        per_week=short_number(weekly.mean, language),
        low=short_number(weekly.lower, language),
        high=short_number(weekly.upper, language),
        n=weekly.signals,
        weeks=weekly.n,
        finding=term("steadiness", found.finding, language),
    )


def flow_time_sentence(behaviour: ProcessBehaviour, language: Language, *, single: bool = False) -> str:
    """Say the usual range of the weekly median, or of single flow times."""
    if behaviour.mean is None or behaviour.lower is None or behaviour.upper is None:
        return say(f"reason.{behaviour.reason}", language)
    return say(
        f"chart.predictability.{'single' if single else 'flow_time'}",
        language,
        mean=_said(behaviour.mean, behaviour.unit, language),
        low=_said(behaviour.lower, behaviour.unit, language),
        high=_said(behaviour.upper, behaviour.unit, language),
        n=behaviour.signals,
        weeks=behaviour.n,
    )


def tail_sentence(tail: TailRatio, language: Language) -> str:
    """Say the tail ratio and what it means."""
    if tail.ratio is None or tail.p50 is None or tail.p98 is None:
        return say(f"reason.{tail.reason}", language)
    return say(
        "chart.predictability.tail",
        language,
        ratio=number(tail.ratio, language, decimals=1),
        p98=duration(tail.p98, language, unit=tail.unit),
        p50=duration(tail.p50, language, unit=tail.unit),
        finding=term("tail", tail.finding, language),
    )


def change_sentences(found: Predictability, language: Language) -> list[str]:
    """Say each change of level."""
    unit = {"throughput": "items", "flow_time": found.unit}
    return [
        say(
            "chart.predictability.change",
            language,
            series=say(f"series.{row['series']}", language),
            day=day_text(row["week_us"], language),
            before=_said(row["before"], unit[row["series"]], language),
            after=_said(row["after"], unit[row["series"]], language),
        )
        for row in found.changes.iter_rows(named=True)
    ]


def _said(value: float, unit: str, language: Language) -> str:
    return short_number(value, language) if unit == "items" else duration(value, language, unit=unit)
