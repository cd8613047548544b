"""Flow efficiency: which part of the flow time was work, week by week."""

from __future__ import annotations

from pegel.charts.drawing import Drawing, Row, altair, finished, millis, time_axis, values
from pegel.charts.palette import Mode, colour
from pegel.flow.answer import Status
from pegel.flow.flow_efficiency import FlowEfficiency
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.durations import duration
from pegel.words.numbers import percent


def chart(efficiency: FlowEfficiency, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw the weekly share as a line, and that of the whole period as a dashed line."""
    alt = altair()
    weekly = alt.Chart(values(rows(efficiency, language))).encode(
        x=time_axis(),
        y=alt.Y(
            "share:Q",
            title=say("column.efficiency", language),
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]),
        ),
        tooltip=[
            alt.Tooltip("week:N", title=say("column.week", language)),
            alt.Tooltip("text:N", title=say("column.efficiency", language)),
        ],
    )
    accent, ink, paper = (colour(role, mode) for role in ("active", "ink", "paper"))
    lines = weekly.mark_line(color=accent, strokeWidth=1.6)
    points = weekly.mark_point(color=accent, filled=True, size=32)
    label = f"{say('legend.overall', language)} {percent(efficiency.share or 0, language)}"
    whole = alt.Chart(values([{"share": efficiency.share, "label": label}])).encode(y=alt.Y("share:Q"))
    rule = whole.mark_rule(strokeDash=[5, 4], color=ink)
    at = {"align": "left", "baseline": "bottom", "dx": 3, "dy": -3}
    halo = whole.mark_text(**at, stroke=paper, strokeWidth=3).encode(x=alt.value(0), text=alt.Text("label:N"))
    text = whole.mark_text(**at).encode(x=alt.value(0), text=alt.Text("label:N"))
    return finished(
        alt.layer(lines, points, rule, halo, text), language, mode, title=sentence(efficiency, language), height=200
    )


def sentence(efficiency: FlowEfficiency, language: Language, *, unit: str = "days") -> str:
    """Say the share and the two sums that it is made of."""
    share, active, waiting = efficiency.share, efficiency.active_days, efficiency.waiting_days
    if efficiency.status is not Status.VALUE or share is None or active is None or waiting is None:
        return say(f"reason.{efficiency.reason}", language)
    return say(
        "chart.flow_efficiency.value",
        language,
        share=percent(share, language),
        waiting=percent(1 - share, language),
        active_time=duration(active, language, unit=unit),
        flow_time=duration(active + waiting, language, unit=unit),
    )


def rows(efficiency: FlowEfficiency, language: Language) -> list[Row]:
    """Return one row per week in which something was finished."""
    return [
        {
            "at": millis(week["week_us"]),
            "share": round(week["share"], 4),
            "week": day_text(week["week_us"], language),
            "text": percent(week["share"], language),
        }
        for week in efficiency.by_week.iter_rows(named=True)
    ]
