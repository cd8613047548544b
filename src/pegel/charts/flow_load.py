"""Flow load: how much is in progress at the end of each day, stacked by kind of work."""

from __future__ import annotations

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, colours, finished, millis, time_axis, values
from pegel.charts.palette import Mode, colour, kind_role
from pegel.charts.stacking import KINDS, present, stacked
from pegel.charts.weeks import thinned
from pegel.flow.answer import Status
from pegel.flow.flow_load import FlowLoad
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.names import term
from pegel.words.numbers import number, short_number


def chart(load: FlowLoad, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw a stacked area in steps, and the mean of the period as a dashed line."""
    alt = altair()
    data = rows(load, language)
    kinds = present(sorted({row["kind"] for row in data}), KINDS)
    area = (
        alt.Chart(values(data))
        .mark_area(interpolate="step-after", opacity=0.9, line=False, stroke=colour("paper", mode), strokeWidth=0.5)
        .encode(
            x=time_axis(),
            y=alt.Y("low:Q", title=say("axis.items", language), axis=alt.Axis(tickMinStep=1)),
            y2=alt.Y2("high:Q"),
            color=colours(
                [term("kind", kind, language) for kind in kinds], [kind_role(kind) for kind in kinds], mode, "name"
            ),
            tooltip=[
                alt.Tooltip("day:N", title=say("column.day", language)),
                alt.Tooltip("name:N", title=say("column.kind", language)),
                alt.Tooltip("count:N", title=say("column.load", language)),
            ],
        )
    )
    mean = alt.Chart(values([{"mean": load.mean, "label": _mean_label(load, language)}]))
    rule = mean.mark_rule(strokeDash=[5, 4], color=colour("ink", mode)).encode(y=alt.Y("mean:Q"))
    label = mean.mark_text(
        align="left", baseline="bottom", dx=3, dy=-2, stroke=colour("paper", mode), strokeWidth=3, strokeOpacity=0.8
    ).encode(y=alt.Y("mean:Q"), x=alt.value(0), text=alt.Text("label:N"))
    over = mean.mark_text(align="left", baseline="bottom", dx=3, dy=-2).encode(
        y=alt.Y("mean:Q"), x=alt.value(0), text=alt.Text("label:N")
    )
    return finished(alt.layer(area, rule, label, over), language, mode, title=sentence(load, language))


def sentence(load: FlowLoad, language: Language) -> str:
    """Say the load now, on average and at most."""
    if load.status is not Status.VALUE or load.now is None or load.mean is None:
        return say(f"reason.{load.reason}", language)
    most = load.by_day.group_by("day_us").agg(pl.col("load").sum())["load"].max()
    return say(
        "chart.flow_load.one" if load.now == 1 else "chart.flow_load.value",
        language,
        **({} if load.now == 1 else {"now": load.now}),
        mean=short_number(load.mean, language),
        most=most,
    )


def rows(load: FlowLoad, language: Language) -> list[Row]:
    """Return one row per day (per week in long periods) and kind."""
    plain = [
        {
            "at": millis(day["day_us"]),
            "kind": day["kind"],
            "name": term("kind", day["kind"], language),
            "load": day["load"],
            "day": day_text(day["day_us"], language),
            "count": number(day["load"], language),
        }
        for day in thinned(load.by_day).iter_rows(named=True)
    ]
    return stacked(plain, KINDS, by="at", part="kind", size="load")


def _mean_label(load: FlowLoad, language: Language) -> str:
    return f"{say('legend.mean', language)} {short_number(load.mean or 0, language)}"
