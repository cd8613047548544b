"""The value stream network: streams on a circle, an arrow from the one that is waited for to the one that waits."""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, pi, sin
from typing import Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, finished, values
from pegel.charts.palette import Mode, colour
from pegel.network import StreamNetwork
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import term
from pegel.words.numbers import number

#: Streams drawn: the ones most waited for; the table has all.
MOST_STREAMS: Final = 14
_HEIGHT: Final = 420
_THINNEST, _THICKEST = 1.2, 9.0
#: Where an arrow begins and ends, as shares of the way: it leaves room for the names.
_BEGINS, _ENDS = 0.1, 0.9
#: A step to the right is so much longer on the page than one up.
_WIDER: Final = 1.35


def chart(network: StreamNetwork, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw blocking as solid arrows and moves of work as dashed ones; width by waiting."""
    alt = altair()
    links, nodes = arrows(network, language), circle(network, language)
    span = alt.Scale(domain=[-1.75, 1.75], nice=False)
    x, y = alt.X("x:Q", axis=None, scale=span), alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[-1.3, 1.3]))
    kinds = [term("edge", "blocks", language), term("edge", "moves", language)]
    shades = alt.Scale(domain=kinds, range=[colour("waiting", mode), colour("accent", mode)])
    dashes = alt.Scale(domain=kinds, range=[[1, 0], [5, 4]])
    tooltip = [
        alt.Tooltip("from_stream:N", title=say("column.from_stream", language)),
        alt.Tooltip("to_stream:N", title=say("column.to_stream", language)),
        alt.Tooltip("edge:N", title=say("column.edge", language)),
        alt.Tooltip("count:N", title=say("column.volume", language)),
        alt.Tooltip("waited:N", title=say("column.waited_days", language)),
    ]
    lines = alt.Chart(values(links)).mark_rule(opacity=0.75).encode(
        x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), tooltip=tooltip,
        color=alt.Color("edge:N", scale=shades, legend=alt.Legend(title=None, symbolType="stroke")),
        strokeDash=alt.StrokeDash("edge:N", scale=dashes, legend=None),
        strokeWidth=alt.StrokeWidth("width:Q", scale=None, legend=None),
    )  # fmt: skip
    heads = alt.Chart(values(links)).mark_point(shape="triangle", filled=True, size=110, opacity=1).encode(
        x=alt.X("x2:Q", axis=None, scale=span), y=alt.Y("y2:Q", axis=None), angle=alt.Angle("angle:Q", scale=None),
        color=alt.Color("edge:N", scale=shades, legend=None), tooltip=tooltip,
    )  # fmt: skip
    points = alt.Chart(values(nodes)).mark_point(filled=True, size=70, color=colour("ink", mode), opacity=1)
    names = alt.Chart(values(nodes)).mark_text(fontWeight="bold", baseline="middle", lineBreak="\n")
    layers = [lines, heads, points.encode(x=x, y=y)] + [
        names.transform_filter(f"datum.side == '{side}'").mark_text(
            align=align, dx=dx, dy=dy, fontWeight="bold", lineBreak="\n"
        ).encode(x=x, y=y, text=alt.Text("label:N"))
        for side, align, dx, dy in (
            ("left", "right", -10, 0), ("right", "left", 10, 0), ("top", "center", 0, -30), ("bottom", "center", 0, 14)
        )
    ]  # fmt: skip
    return finished(alt.layer(*layers), language, mode, title=sentence(network, language), height=_HEIGHT)


def sentence(network: StreamNetwork, language: Language) -> str:
    """Say how to read the drawing."""
    if not network.edges.height:
        return say(f"reason.{network.reason}" if network.reason else "network.nobody_waits", language)
    return say("network.reading", language)


def circle(network: StreamNetwork, language: Language) -> list[Row]:
    """Return one row per stream with its place on a circle; the stream most waited for stands on top."""
    streams = _drawn(network)
    waited = dict(network.nodes.select("stream", "waited_for_days").iter_rows())
    out = []
    for place, stream in enumerate(streams):
        turn = pi / 2 - 2 * pi * place / max(1, len(streams))
        x, y = cos(turn), sin(turn)
        time = waited.get(stream, 0.0)
        below = "\n" + duration(time, language, unit=network.unit) if time > 0 else ""
        side = "top" if y > 0.95 else "bottom" if y < -0.95 else "right" if x >= 0 else "left"
        out.append({"stream": stream, "x": round(x, 4), "y": round(y, 4), "side": side, "label": f"{stream}{below}"})
    return out


def arrows(network: StreamNetwork, language: Language) -> list[Row]:
    """Return one row per edge that makes somebody wait, between two drawn streams."""
    places = {row["stream"]: (row["x"], row["y"]) for row in circle(network, language)}
    edges = network.edges.filter(pl.col("kind").is_in(["blocks", "moves"]))
    longest = max(edges["waited_days"].drop_nulls().to_list(), default=0.0) or 1.0
    out = []
    for row in edges.iter_rows(named=True):
        if row["from_stream"] not in places or row["to_stream"] not in places:
            continue
        (x, y), (x2, y2) = places[row["from_stream"]], places[row["to_stream"]]
        aside = _aside(x, y, x2, y2)
        days = row["waited_days"] or 0.0
        out.append(
            {
                "x": round(x + (x2 - x) * _BEGINS + aside[0], 4),
                "y": round(y + (y2 - y) * _BEGINS + aside[1], 4),
                "x2": round(x + (x2 - x) * _ENDS + aside[0], 4),
                "y2": round(y + (y2 - y) * _ENDS + aside[1], 4),
                # Vega turns clockwise from "up".
                "angle": round(90 - degrees(atan2(y2 - y, _WIDER * (x2 - x))), 1),
                "width": round(_THINNEST + (_THICKEST - _THINNEST) * days / longest, 2),
                "from_stream": row["from_stream"],
                "to_stream": row["to_stream"],
                "edge": term("edge", row["kind"], language),
                "count": number(row["volume"], language),
                "waited": duration(days, language, unit=network.unit),
            }
        )
    return out


def _aside(x: float, y: float, x2: float, y2: float) -> tuple[float, float]:
    """Move an arrow a little to its right, so that two in opposite directions do not lie on each other."""
    length = hypot(x2 - x, y2 - y) or 1.0
    return 0.035 * (y2 - y) / length, -0.035 * (x2 - x) / length


def _drawn(network: StreamNetwork) -> list[str]:
    touched = {*network.edges["from_stream"], *network.edges["to_stream"]}
    return [stream for stream in network.nodes["stream"] if stream in touched][:MOST_STREAMS]
