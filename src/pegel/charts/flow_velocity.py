"""Flow velocity: what was finished per week (per month in long periods), stacked by kind of work."""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, colours, finished, millis, time_axis, values
from pegel.charts.palette import Mode, colour, kind_role
from pegel.charts.stacking import KINDS, present, stacked
from pegel.charts.weeks import MOST_WEEKS, by_month
from pegel.eventlog.schema import DAY_US, WEEK_US
from pegel.flow.answer import Status
from pegel.flow.flow_distribution import FlowDistribution
from pegel.flow.flow_velocity import FlowVelocity
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.names import term
from pegel.words.numbers import number, short_number

#: Width of a bar for a week and for a month; the rest is the gap to the next one.
_WEEK_BAR_US: Final = WEEK_US - DAY_US
_MONTH_BAR_US: Final = 26 * DAY_US


def chart(
    velocity: FlowVelocity, distribution: FlowDistribution, language: Language, *, mode: Mode = "light"
) -> Drawing:
    """Draw bars; ``distribution`` says which kinds the finished items of each week are."""
    alt = altair()
    data, span = rows(velocity, distribution, language)
    kinds = present(sorted({row["kind"] for row in data}), KINDS)
    drawn = (
        alt.Chart(values(data))
        .mark_bar(stroke=colour("paper", mode), strokeWidth=0.6)
        .encode(
            x=time_axis(),
            x2=alt.X2("until:T"),
            y=alt.Y("low:Q", title=say(f"axis.finished_{span}", language), axis=alt.Axis(tickMinStep=1)),
            y2=alt.Y2("high:Q"),
            color=colours(
                [term("kind", kind, language) for kind in kinds], [kind_role(kind) for kind in kinds], mode, "name"
            ),
            tooltip=[
                alt.Tooltip("week:N", title=say(f"column.{span}", language)),
                alt.Tooltip("name:N", title=say("column.kind", language)),
                alt.Tooltip("count:N", title=say("column.finished", language)),
            ],
        )
    )
    return finished(drawn, language, mode, title=sentence(velocity, language))


def sentence(velocity: FlowVelocity, language: Language) -> str:
    """Say how much was finished, and how much weeks differ."""
    if velocity.status is not Status.VALUE or velocity.per_week is None:
        return say(f"reason.{velocity.reason or 'empty_period'}", language)
    if not velocity.finished:
        return say("reason.nothing_finished", language)
    weeks = velocity.by_week["finished"]
    return say(
        "chart.flow_velocity.value",
        language,
        items=say("count.items", language, n=velocity.finished),
        per_week=short_number(velocity.per_week, language),
        most=weeks.max(),
        least=weeks.min(),
    )


def rows(velocity: FlowVelocity, distribution: FlowDistribution, language: Language) -> tuple[list[Row], str]:
    """Return one row per week and kind, and whether they stand for a ``week`` or a ``month``."""
    weekly, span, width = distribution.by_week, "week", _WEEK_BAR_US
    if velocity.by_week.height > MOST_WEEKS:
        weekly, span, width = by_month(weekly, "kind"), "month", _MONTH_BAR_US
    plain = [
        {
            "at": millis(week["week_us"]),
            "until": millis(week["week_us"] + width),
            "kind": week["kind"],
            "name": term("kind", week["kind"], language),
            "finished": week["finished"],
            "week": day_text(week["week_us"], language),
            "count": number(week["finished"], language),
        }
        for week in weekly.filter(pl.col("finished") > 0).iter_rows(named=True)
    ]
    return stacked(plain, KINDS, by="at", part="kind", size="finished"), span
