"""Waits by cause: the days that each cause claims, in the order in which causes claim time."""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, finished, values
from pegel.charts.palette import Mode, colour
from pegel.waits.cause import Cause
from pegel.waits.causes import WaitCauses
from pegel.words import Language, say
from pegel.words.durations import duration, in_days
from pegel.words.names import term
from pegel.words.numbers import percent
from pegel.words.waits import evidence_text

_ROW: Final = 34


def chart(waits: WaitCauses, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw a bar per cause with an answer; what nobody can explain is hollow and dashed."""
    alt = altair()
    data = rows(waits, language)
    names = [row["name"] for row in data]
    longest = max((row["days"] for row in data), default=1.0)
    title = say("axis.wait_days" if waits.unit == "days" else "axis.wait_working_days", language)
    scale = alt.Scale(domain=[0, (longest or 1.0) * 1.3], nice=False)
    base = alt.Chart(values(data)).encode(
        y=alt.Y("name:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8)),
        x=alt.X("days:Q", scale=scale, title=title, axis=alt.Axis(grid=False, tickCount=6)),
        tooltip=[
            alt.Tooltip("name:N", title=say("column.cause", language)),
            alt.Tooltip("time:N", title=say("column.wait_days", language)),
            alt.Tooltip("part:N", title=say("column.wait_share", language)),
            alt.Tooltip("half:N", title=say("column.wait_p50", language)),
            alt.Tooltip("most:N", title=say("column.wait_p85", language)),
            alt.Tooltip("evidence:N", title=say("column.cause_evidence", language)),
        ],
    )
    kinds = ["explained", "unexplained"]
    shades = alt.Scale(domain=kinds, range=[colour("waiting", mode), colour("unmapped", mode)])
    dashes = alt.Scale(domain=kinds, range=[[1, 0], [3, 3]])
    bars = base.mark_bar(height={"band": 0.62}, strokeWidth=1.4).encode(
        fill=alt.Fill("kind:N", scale=shades, legend=None),
        stroke=alt.Stroke("kind:N", scale=shades, legend=None),
        fillOpacity=alt.FillOpacity("strength:Q", scale=None, legend=None),
        strokeDash=alt.StrokeDash("kind:N", scale=dashes, legend=None),
    )
    labels = base.mark_text(align="left", dx=6).encode(text=alt.Text("part:N"))
    return finished(alt.layer(bars, labels), language, mode, title="", height=_ROW * len(data) + 40)


def rows(waits: WaitCauses, language: Language) -> list[Row]:
    """Return one row per cause that has an answer: of finished work, or of open work where nothing is finished."""
    mine = waits.by_cause.filter((pl.col("open") == (waits.n == 0)) & pl.col("days").is_not_null())
    return [
        {
            "name": term("cause", row["cause"], language),
            "kind": "unexplained" if row["cause"] == Cause.UNEXPLAINED.value else "explained",
            "strength": 0.14 if row["cause"] == Cause.UNEXPLAINED.value else 1.0,
            "days": round(row["days"], 5),
            "time": in_days(row["days"], language),
            "part": "–" if row["share"] is None else percent(row["share"], language),
            "half": _time(row["p50"], waits, language),
            "most": _time(row["p85"], waits, language),
            "evidence": evidence_text(row, language),
        }
        for row in mine.iter_rows(named=True)
    ]


def _time(days: float | None, waits: WaitCauses, language: Language) -> str:
    return "–" if days is None else duration(days, language, unit=waits.unit)
