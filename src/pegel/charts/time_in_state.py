"""Time per state: where finished work spent its flow time, the longest first."""

from __future__ import annotations

from collections import Counter
from typing import Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, finished, values
from pegel.charts.palette import Mode, colour
from pegel.flow.time_in_state import TimeInState
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import state_name, term
from pegel.words.numbers import percent

#: States drawn; the table has all of them.
MOST_STATES: Final = 12
_ROW: Final = 34
#: How full a bar is, by category: waiting solid, work hollow, the rest between and with a dashed outline.
_STRENGTH: Final = {"waiting": 1.0, "active": 0.14}
_PLAIN: Final = frozenset(_STRENGTH)


def chart(
    times: TimeInState, language: Language, *, mode: Mode = "light", streams: bool = False, known: bool = True
) -> Drawing:
    """Draw a bar per state: waiting is solid, work is hollow, and each bar says which it is.

    ``streams``: name the stream with the state. ``known``: somebody has said which states are work; otherwise all bars
    look alike, because nothing is known about waiting.
    """
    alt = altair()
    data = rows(times, language, streams=streams, known=known)
    places = [row["place"] for row in data]
    categories = sorted({row["category"] for row in data})
    longest = max((row["share"] for row in data), default=1)
    fills = alt.Scale(domain=categories, range=[colour(name if known else "new", mode) for name in categories])
    dashes = alt.Scale(domain=categories, range=[[1, 0] if name in _PLAIN else [3, 3] for name in categories])
    base = alt.Chart(values(data)).encode(
        y=alt.Y("place:N", sort=places, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8)),
        x=alt.X("share:Q", axis=None, scale=alt.Scale(domain=[0, longest * 1.75], nice=False)),
        tooltip=[
            alt.Tooltip("state:N", title=say("column.state", language)),
            alt.Tooltip("stream:N", title=say("column.stream", language)),
            alt.Tooltip("meaning:N", title=say("column.category", language)),
            alt.Tooltip("part:N", title=say("column.share", language)),
            alt.Tooltip("each:N", title=say("column.days_per_item", language)),
            alt.Tooltip("friction:N", title=say("column.friction", language)),
        ],
    )
    bars = base.mark_bar(height={"band": 0.62}, strokeWidth=1.4).encode(
        fill=alt.Fill("category:N", scale=fills, legend=None),
        stroke=alt.Stroke("category:N", scale=fills, legend=None),
        fillOpacity=alt.FillOpacity("strength:Q", scale=None, legend=None),
        strokeDash=alt.StrokeDash("category:N", scale=dashes, legend=None),
    )
    labels = base.mark_text(align="left", dx=6).encode(text=alt.Text("label:N"))
    return finished(alt.layer(bars, labels), language, mode, title="", height=_ROW * len(data) + 6)


def rows(times: TimeInState, language: Language, *, streams: bool = False, known: bool = True) -> list[Row]:
    """Return one row per state in which flow time lies, the longest first, at most ``MOST_STATES``."""
    counted = times.by_state.filter(pl.col("share").is_not_null() & (pl.col("days") > 0)).head(MOST_STATES)
    names = Counter(_place(row, language, streams=streams) for row in counted.iter_rows(named=True))
    out = []
    for row in counted.iter_rows(named=True):
        name, meaning = state_name(row["state"], language), term("category", row["category"], language)
        part, place = percent(row["share"], language), _place(row, language, streams=streams)
        out.append(
            {
                # A state that means different things for different types has a bar for each meaning.
                "place": f"{place} ({meaning})" if names[place] > 1 else place,
                "state": name,
                "stream": row["stream"],
                "category": row["category"],
                "meaning": meaning,
                "strength": _STRENGTH.get(row["category"], 0.4) if known else 0.4,
                "share": round(row["share"], 5),
                "part": part,
                "each": duration(row["days_per_item"], language, unit=times.unit),
                "friction": term("friction", row["friction"], language),
                "label": f"{part} · {meaning}" if known else part,
            }
        )
    return out


def _place(row: Row, language: Language, *, streams: bool) -> str:
    name = state_name(row["state"], language)
    return f"{name} · {row['stream']}" if streams else name
