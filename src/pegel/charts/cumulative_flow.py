"""Cumulative flow: items per category at the end of each day, stacked, done at the bottom."""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, colours, finished, millis, time_axis, values
from pegel.charts.palette import Mode, colour
from pegel.charts.stacking import CATEGORIES, present, stacked
from pegel.eventlog.schema import DAY_US
from pegel.flow.answer import Status
from pegel.flow.cumulative_flow import CumulativeFlow
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.names import term
from pegel.words.numbers import number

#: Days shown, counted back from the end: bands of open work are lost beside years of finished work.
SHOWN_DAYS: Final = 182
_ENDED: Final = ("done", "cancelled")


def chart(flow: CumulativeFlow, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw stacked areas; what has ended counts from its lowest level in the days shown."""
    alt = altair()
    data = rows(flow, language)
    found = present(sorted({row["category"] for row in data}), CATEGORIES)
    area = (
        alt.Chart(values(data))
        .mark_area(interpolate="step-after", opacity=0.92, stroke=colour("paper", mode), strokeWidth=0.8)
        .encode(
            x=time_axis(),
            y=alt.Y("low:Q", title=say("axis.items", language), axis=alt.Axis(tickMinStep=1)),
            y2=alt.Y2("high:Q"),
            color=colours([term("category", name, language) for name in found], found, mode, "name"),
            tooltip=[
                alt.Tooltip("day:N", title=say("column.day", language)),
                alt.Tooltip("name:N", title=say("column.category", language)),
                alt.Tooltip("count:N", title=say("column.items", language)),
            ],
        )
    )
    return finished(area, language, mode, title=sentence(flow, language), height=280)


def sentence(flow: CumulativeFlow, language: Language) -> str:
    """Say how many items are in which category at the end."""
    if flow.status is not Status.VALUE:
        return say(f"reason.{flow.reason}", language)
    last = flow.by_category.filter(pl.col("day_us") == pl.col("day_us").max())
    counts = {row["category"]: row["items"] for row in last.iter_rows(named=True)}
    parts = [
        say("chart.cumulative_flow.part", language, n=counts[name], category=term("category", name, language))
        for name in present(list(counts), CATEGORIES)[::-1]
        if counts[name]
    ]
    return say("chart.cumulative_flow.value", language, parts=", ".join(parts) or "0")


def shown(flow: CumulativeFlow) -> pl.DataFrame:
    """Return the days that are drawn: [day_us, category, items]; what has ended counts above its lowest level there."""
    table = flow.by_category
    if not table.height:
        return table
    first = max(int(table["day_us"].min()), int(table["day_us"].max()) - (SHOWN_DAYS - 1) * DAY_US)  # type: ignore[arg-type]  # integers, not empty
    ended = pl.col("category").is_in(_ENDED)
    before = pl.col("items").min().over("category")
    return table.filter(pl.col("day_us") >= first).with_columns(
        items=pl.when(ended).then(pl.col("items") - before).otherwise(pl.col("items"))
    )


def rows(flow: CumulativeFlow, language: Language) -> list[Row]:
    """Return one row per day and category."""
    plain = [
        {
            "at": millis(day["day_us"]),
            "category": day["category"],
            "name": term("category", day["category"], language),
            "items": day["items"],
            "day": day_text(day["day_us"], language),
            "count": number(day["items"], language),
        }
        for day in shown(flow).iter_rows(named=True)
    ]
    return stacked(plain, CATEGORIES, by="at", part="category", size="items")
