"""Bottlenecks: the delay per item that each stage costs, with its interval, the first first."""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, finished, values
from pegel.charts.palette import Mode, colour
from pegel.waits.bottlenecks import Bottlenecks
from pegel.words import Language, say
from pegel.words.bottlenecks import stage_name
from pegel.words.durations import duration
from pegel.words.names import state_name, term
from pegel.words.numbers import percent

#: Stages drawn; the table has all of them.
MOST_STAGES: Final = 10
_ROW: Final = 34
#: Waiting is solid, work hollow, what nobody has mapped between.
_STRENGTH: Final = {"wait": 1.0, "work": 0.14, "ended": 0.6, "unknown": 0.4}
_ROLES: Final = {"wait": "waiting", "work": "active", "ended": "done", "unknown": "unmapped"}


def chart(found: Bottlenecks, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw a bar per stage, its interval as a line, and beside it how often it came first."""
    alt = altair()
    data = rows(found, language)
    places = [row["place"] for row in data]
    kinds = sorted({row["kind"] for row in data})
    fills = alt.Scale(domain=kinds, range=[colour(_ROLES[name], mode) for name in kinds])
    unit = "axis.delay_per_item" if found.unit == "days" else "axis.delay_per_item_working"
    y = alt.Y("place:N", sort=places, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8))
    longest = max((row["high"] for row in data), default=1.0)
    scale = alt.Scale(domain=[0, longest * 1.45], nice=False)
    base = alt.Chart(values(data)).encode(
        y=y,
        tooltip=[
            alt.Tooltip("state:N", title=say("column.state", language)),
            alt.Tooltip("stream:N", title=say("column.stream", language)),
            alt.Tooltip("meaning:N", title=say("column.stage_kind", language)),
            alt.Tooltip("each:N", title=say("column.per_item_days", language)),
            alt.Tooltip("above:N", title=say("column.excess_per_item_days", language)),
            alt.Tooltip("part:N", title=say("column.share_of_stream", language)),
            alt.Tooltip("trend:N", title=say("column.queue_trend", language)),
        ],
    )
    bars = base.mark_bar(height={"band": 0.62}, strokeWidth=1.4).encode(
        x=alt.X("delay:Q", scale=scale, title=say(unit, language), axis=alt.Axis(grid=False, tickCount=6)),
        fill=alt.Fill("kind:N", scale=fills, legend=None),
        stroke=alt.Stroke("kind:N", scale=fills, legend=None),
        fillOpacity=alt.FillOpacity("strength:Q", scale=None, legend=None),
    )
    lines = base.transform_filter("datum.known").mark_rule(strokeWidth=2, color=colour("ink", mode)).encode(
        x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q")
    )  # fmt: skip
    labels = base.mark_text(align="left", dx=6).encode(x=alt.X("high:Q", scale=scale), text=alt.Text("label:N"))
    return finished(alt.layer(bars, lines, labels), language, mode, title="", height=_ROW * len(data) + 40)


def rows(found: Bottlenecks, language: Language) -> list[Row]:
    """Return one row per stage that has a delay, the first first, at most ``MOST_STAGES``."""
    ranked = found.stages.filter(pl.col("rank").is_not_null() & (pl.col("delay_days") > 0)).head(MOST_STAGES)
    out = []
    for row in ranked.iter_rows(named=True):
        known = row["per_item_low"] is not None
        meaning = term("stage_kind", row["stage_kind"], language)
        first = "" if row["first_share"] is None else f"{percent(row['first_share'], language)} · "
        out.append(
            {
                # Two meanings of one state are two stages, and need two names.
                "place": f"{row['rank']}. {stage_name(row, found, language)}",
                "state": state_name(row["state"], language),
                "stream": row["stream"],
                "kind": row["stage_kind"],
                "meaning": meaning,
                "strength": _STRENGTH[row["stage_kind"]],
                "delay": round(row["per_item_days"], 5),
                "low": round(row["per_item_low"] if known else row["per_item_days"], 5),
                "high": round(row["per_item_high"] if known else row["per_item_days"], 5),
                "known": known,
                "each": duration(row["per_item_days"], language, unit=found.unit),
                "above": duration(row["excess_per_item_days"], language, unit=found.unit),
                "part": "–" if row["share_of_stream"] is None else percent(row["share_of_stream"], language),
                "trend": term("queue_trend", row["trend"], language),
                "label": f"{first}{meaning}",
            }
        )
    return out
