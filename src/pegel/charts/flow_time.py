"""Flow time: what half and what 85% of the finished items took at most, week by week."""

from __future__ import annotations

from pegel.charts.drawing import Drawing, Row, altair, colours, finished, millis, time_axis, values
from pegel.charts.palette import Mode
from pegel.charts.weeks import MOST_WEEKS
from pegel.flow.answer import Status
from pegel.flow.flow_time import FlowTime
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.durations import duration
from pegel.words.numbers import number


def chart(time: FlowTime, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw both percentiles as lines; the size of a point tells how many items were finished in its week."""
    alt = altair()
    names = [say("legend.p50", language), say("legend.p85", language)]
    base = alt.Chart(values(rows(time, language))).encode(
        x=time_axis(),
        y=alt.Y("days:Q", title=say(f"axis.{time.unit}", language), scale=alt.Scale(zero=True)),
        color=colours(names, ["accent", "warning"], mode, "series", symbol=None),
        tooltip=[
            alt.Tooltip("week:N", title=say("column.week", language)),
            alt.Tooltip("series:N", title=" "),
            alt.Tooltip("time:N", title=say("metric.flow_time.label", language)),
            alt.Tooltip("count:N", title=say("column.finished", language)),
        ],
    )
    dash = alt.StrokeDash("series:N", scale=alt.Scale(domain=names, range=[[1, 0], [6, 3]]))
    shape = alt.Shape("series:N", scale=alt.Scale(domain=names, range=["circle", "diamond"]))
    many = time.by_week.height > MOST_WEEKS
    size = alt.Size("n:Q", scale=alt.Scale(range=[4, 40] if many else [14, 130], zero=True), legend=None)
    lines = base.mark_line(strokeWidth=0.8 if many else 1.6, opacity=0.75).encode(strokeDash=dash)
    points = base.mark_point(filled=True, opacity=0.9).encode(shape=shape, size=size)
    return finished(alt.layer(lines, points), language, mode, title=sentence(time, language))


def sentence(time: FlowTime, language: Language) -> str:
    """Say the percentiles of the whole period."""
    if time.status is not Status.VALUE or time.p50 is None or time.p85 is None or time.p95 is None:
        return say(f"reason.{time.reason}", language)
    p50, p85, p95 = (duration(days, language, unit=time.unit) for days in (time.p50, time.p85, time.p95))
    if time.n == 1:
        return say("chart.flow_time.one", language, p50=p50)
    items = say("count.items", language, n=time.n)
    return say("chart.flow_time.value", language, items=items, p50=p50, p85=p85, p95=p95)


def rows(time: FlowTime, language: Language) -> list[Row]:
    """Return one row per week and percentile."""
    return [
        {
            "at": millis(week["week_us"]),
            "series": say(f"legend.{name}", language),
            "days": round(week[name], 4),
            "n": week["n"],
            "week": day_text(week["week_us"], language),
            "time": duration(week[name], language, unit=time.unit),
            "count": number(week["n"], language),
        }
        for week in time.by_week.iter_rows(named=True)
        for name in ("p50", "p85")
    ]
