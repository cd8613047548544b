"""Unfinished work counts: the share not finished yet over time, beside that of the finished work alone."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, colours, finished, values
from pegel.charts.palette import Mode, colour
from pegel.flow.answer import Status
from pegel.prediction.survival import UnfinishedWork
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.numbers import percent

#: A difference of the medians or 85th percentiles below this share of the longer one hardly changes the picture.
_MUCH: Final = 0.1
_AXES: Final = {"days": "days_since_start", "working_days": "working_days_since_start"}


def chart(found: UnfinishedWork, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw the product-limit curve as a step line with its 95% band, and the finished work alone dashed."""
    alt = altair()
    lines, band = rows(found, language)
    names = [say("legend.unfinished_counted", language), say("legend.finished_alone", language)]
    x = alt.X("days:Q", title=say(f"axis.{_AXES[found.unit]}", language))
    title = say("axis.still_unfinished", language)
    y = alt.Y("share:Q", title=title, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5))
    area = (
        alt.Chart(values(band))
        .mark_area(interpolate="step-after", opacity=0.25, color=colour("accent", mode))
        .encode(x=x, y=alt.Y("low:Q", title=title), y2=alt.Y2("high:Q"))
    )
    drawn = (
        alt.Chart(values(lines))
        .mark_line(interpolate="step-after", strokeWidth=1.8)
        .encode(
            x=x,
            y=y,
            color=colours(names, ["accent", "warning"], mode, "series", symbol="stroke"),
            strokeDash=alt.StrokeDash("series:N", scale=alt.Scale(domain=names, range=[[1, 0], [6, 3]])),
            tooltip=[
                alt.Tooltip("series:N", title=" "),
                alt.Tooltip("time:N", title=say("metric.unfinished_work.label", language)),
                alt.Tooltip("part:N", title=title),
            ],
        )
    )
    return finished(alt.layer(area, drawn), language, mode, title=sentence(found, language))


def rows(found: UnfinishedWork, language: Language) -> tuple[list[Row], list[Row]]:
    """Return the points of both lines, and the band."""
    curve = found.curve
    total = max(1, int(curve["finished"].sum()))
    alone = (1 - curve["finished"].cum_sum() / total).to_list()
    begin: Row = {"days": 0.0, "share": 1.0}
    lines = []
    for code, shares in (("unfinished_counted", curve["unfinished"].to_list()), ("finished_alone", alone)):
        series = say(f"legend.{code}", language)
        points = [begin, *({"days": day, "share": share} for day, share in zip(curve["days"], shares, strict=True))]
        lines += [
            {
                "days": round(point["days"], 4),
                "share": round(point["share"], 4),
                "series": series,
                "time": duration(point["days"], language, unit=found.unit),
                "part": percent(max(0.0, point["share"]), language),
            }
            for point in points
        ]
    band = [
        {"days": round(row["days"], 4), "low": round(row["low"], 4), "high": round(row["high"], 4)}
        for row in curve.iter_rows(named=True)
    ]
    return lines, band


def sentence(found: UnfinishedWork, language: Language) -> str:
    """Say median and 85th percentile with and without unfinished work, and what the difference means."""
    if found.status is not Status.VALUE:
        return say(f"reason.{found.reason}", language)
    median, late = _row(found, 50), _row(found, 85)
    said = say(
        "chart.unfinished_work.value",
        language,
        p50=_time(median["days"], found, language),
        p85=_time(late["days"], found, language),
        p50_alone=_time(median["finished_only"], found, language),
        p85_alone=_time(late["finished_only"], found, language),
    )
    finding = "better" if any(_differs(row) for row in (median, late)) else "same"
    return f"{said} {say(f'chart.unfinished_work.{finding}', language)}"


def counts_sentence(found: UnfinishedWork, language: Language) -> str:
    """Say how many items the figure stands on."""
    return say(
        "chart.unfinished_work.counts",
        language,
        n=found.n,
        finished=found.finished,
        open=found.open,
        left=found.left,
    )


def _row(found: UnfinishedWork, percentile: int) -> dict[str, Any]:
    return found.percentiles.row(by_predicate=pl.col("percentile") == percentile, named=True)


def _differs(row: dict[str, Any]) -> bool:
    return row["days"] is None or row["difference"] > _MUCH * row["days"]


def _time(days: float | None, found: UnfinishedWork, language: Language) -> str:
    if days is None:
        return say("chart.unfinished_work.not_reached", language)
    return duration(days, language, unit=found.unit)
