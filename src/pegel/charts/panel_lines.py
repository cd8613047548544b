"""The raw figures: a line per unit, adopters apart from the others, with the moment each of them adopted.

More than ``MOST_LINES`` units would be a thicket: then a line is the median of the units that adopted together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from pegel.charts.drawing import Drawing, Row, altair, colours, finished, values
from pegel.charts.palette import Mode
from pegel.words import Language, say

_HEIGHT: Final = 220
MOST_LINES: Final = 40


def chart(
    figures: np.ndarray,
    cohort: np.ndarray,
    units: Sequence[str],
    periods: Sequence[str],
    language: Language,
    *,
    name: str,
    mode: Mode = "light",
) -> Drawing:
    """Draw figures (U, T) of units with their first treated period (U,), infinite: never."""
    alt = altair()
    title = sentence(cohort, language)
    if len(units) > MOST_LINES:
        figures, cohort, units = _together(figures, cohort, periods, language)
    groups = [say("impact.chart.adopter", language), say("impact.chart.other", language)]
    points: list[Row] = []
    starts: list[Row] = []
    for u, unit in enumerate(units):
        adopts = math.isfinite(cohort[u])
        for t, period in enumerate(periods):
            if math.isfinite(figures[u, t]):
                row = {
                    "period": period,
                    "unit": str(unit),
                    "value": round(float(figures[u, t]), 6),
                    "group": groups[0] if adopts else groups[1],
                }
                points.append(row)
                if adopts and t == int(cohort[u]):
                    starts.append(row)
    step = max(1, -(-len(periods) // 8))
    axis = alt.Axis(grid=False, labelAngle=0, values=list(periods)[::step])
    x = alt.X("period:O", title=None, sort=list(periods), axis=axis)
    y = alt.Y("value:Q", title=name, scale=alt.Scale(zero=False))
    tips = [alt.Tooltip(f"{field}:N", title=" ") for field in ("unit", "period", "value")]
    lines = (
        alt.Chart(values(points))
        .mark_line(strokeWidth=1.1, opacity=0.65)
        .encode(
            x=x,
            y=y,
            detail=alt.Detail("unit:N"),
            tooltip=tips,
            color=colours(groups, ["accent", "muted"], mode, "group", symbol="stroke"),
            strokeDash=alt.StrokeDash("group:N", scale=alt.Scale(domain=groups, range=[[1, 0], [4, 3]]), legend=None),
        )
    )
    marks = (
        alt.Chart(values(starts))
        .mark_point(shape="triangle-up", filled=True, size=50, opacity=1)
        .encode(x=x, y=y, tooltip=tips, color=colours(groups, ["accent", "muted"], mode, "group"))
    )
    return finished(alt.layer(lines, marks), language, mode, title=title, height=_HEIGHT)


def sentence(cohort: np.ndarray, language: Language) -> str:
    """Say how many units adopted, and how many there are to compare with."""
    adopters = int(np.isfinite(cohort).sum())
    code = "lines" if len(cohort) <= MOST_LINES else "lines_together"
    return say(f"impact.chart.{code}", language, adopters=adopters, others=len(cohort) - adopters)


def _together(
    figures: np.ndarray, cohort: np.ndarray, periods: Sequence[str], language: Language
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return the medians (C, T) of units with the same date, these dates (C,), and what to call them."""
    dates = np.unique(cohort)
    medians = np.full((len(dates), figures.shape[1]), np.nan)
    for c, date in enumerate(dates):
        mine = figures[cohort == date]
        seen = np.isfinite(mine).any(axis=0)
        medians[c, seen] = np.nanmedian(mine[:, seen], axis=0)
    names = [
        say("impact.chart.cohort", language, n=int((cohort == date).sum()), date=periods[int(date)])
        if math.isfinite(date)
        else say("impact.chart.never", language, n=int((cohort == date).sum()))
        for date in dates
    ]
    return medians, dates, names
