"""Arrivals against departures: by how much the load changed in each week (each month in long periods)."""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, colours, finished, millis, time_axis, values
from pegel.charts.palette import Mode, colour
from pegel.charts.weeks import MOST_WEEKS, month_start_us
from pegel.eventlog.schema import DAY_US, WEEK_US
from pegel.flow.answer import Status
from pegel.flow.arrivals_and_departures import ArrivalsAndDepartures
from pegel.flow.flow_load import FlowLoad
from pegel.flow.periods import week_start_us
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.numbers import number, signed

_WIDTH_US: Final = {"week": WEEK_US - DAY_US, "month": 26 * DAY_US}


def chart(changes: ArrivalsAndDepartures, load: FlowLoad, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw bars above the line for weeks that began more than they ended, below it for the others."""
    alt = altair()
    data, span = rows(changes, load, language)
    names = [say("legend.grew", language), say("legend.shrank", language)]
    bars = (
        alt.Chart(values(data))
        .mark_bar()
        .encode(
            x=time_axis(),
            x2=alt.X2("until:T"),
            y=alt.Y("net:Q", title=say(f"axis.net_{span}", language), axis=alt.Axis(tickMinStep=1)),
            y2=alt.Y2("zero:Q"),
            color=colours(names, ["waiting", "active"], mode, "direction"),
            tooltip=[
                alt.Tooltip("from:N", title=say(f"column.{span}", language)),
                alt.Tooltip("change:N", title=say("column.net", language)),
                alt.Tooltip("level:N", title=say("column.load", language)),
            ],
        )
    )
    zero = alt.Chart(values([{"net": 0}])).mark_rule(color=colour("muted", mode)).encode(y=alt.Y("net:Q"))
    return finished(alt.layer(bars, zero), language, mode, title=sentence(changes, language), height=200)


def sentence(changes: ArrivalsAndDepartures, language: Language) -> str:
    """Say both counts, and what became of the load."""
    if changes.status is not Status.VALUE or changes.balance is None or changes.arrivals is None:
        return say(f"reason.{changes.reason}", language)
    arrivals, balance = changes.arrivals, changes.balance
    if balance == 0:
        return say("chart.arrivals_and_departures.even", language, arrivals=arrivals)
    return say(
        f"chart.arrivals_and_departures.{'grew' if balance > 0 else 'shrank'}",
        language,
        arrivals=arrivals,
        departures=changes.departures,
        balance=abs(balance),
    )


def rows(changes: ArrivalsAndDepartures, load: FlowLoad, language: Language) -> tuple[list[Row], str]:
    """Return the change of load per week, and whether a row stands for a ``week`` or a ``month``.

    The changes add up to the balance of the period.
    """
    totals = load.by_day.group_by("day_us").agg(pl.col("load").sum()).sort("day_us")
    span = "month" if totals.height > MOST_WEEKS * 7 else "week"
    start = month_start_us if span == "month" else week_start_us
    levels: dict[int, int] = {}
    for day_us, level in totals.iter_rows():
        levels[start(day_us)] = level
    before = (load.now or 0) - (changes.balance or 0)
    out = []
    for at_us, level in levels.items():
        net, before = level - before, level
        out.append(
            {
                "at": millis(at_us),
                "until": millis(at_us + _WIDTH_US[span]),
                "net": net,
                "zero": 0,
                "load": level,
                "direction": say("legend.grew" if net > 0 else "legend.shrank", language),
                "from": day_text(at_us, language),
                "change": signed(net, language),
                "level": number(level, language),
            }
        )
    return out, span
