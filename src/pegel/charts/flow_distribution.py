"""Flow distribution: what kinds of work were finished."""

from __future__ import annotations

from collections.abc import Mapping

from pegel.charts.drawing import Drawing, Row, altair, finished, values
from pegel.charts.palette import Mode, colour, kind_role
from pegel.charts.stacking import KINDS, present
from pegel.flow.answer import Status
from pegel.flow.flow_distribution import FlowDistribution
from pegel.words import Language, say
from pegel.words.names import term
from pegel.words.numbers import percent

#: The share of a kind that is meant: at least, at most; None: no such bound.
Meant = Mapping[str, tuple[float | None, float | None]]


def chart(
    distribution: FlowDistribution, language: Language, *, mode: Mode = "light", meant: Meant | None = None
) -> Drawing:
    """Draw one bar per kind, named and labelled with its share; the share that is meant as a bracket over it."""
    alt = altair()
    data = rows(distribution, language, meant=meant)
    names = [row["name"] for row in data]
    bars = alt.Chart(values(data)).encode(
        y=alt.Y("name:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False)),
        x=alt.X("share:Q", axis=None, scale=alt.Scale(domain=[0, 1.15])),
        tooltip=[
            alt.Tooltip("name:N", title=say("column.kind", language)),
            alt.Tooltip("text:N", title=say("column.share_of_finished", language)),
        ],
    )
    roles = alt.Color(
        "name:N",
        legend=None,
        scale=alt.Scale(domain=names, range=[colour(kind_role(row["kind"]), mode) for row in data]),
    )
    labels = bars.mark_text(align="left", dx=5).encode(x=alt.X("text_at:Q"), text=alt.Text("text:N"))
    layers = [bars.mark_bar(height={"band": 0.62}).encode(color=roles), *_brackets(data, names, mode, language), labels]
    drawn = alt.layer(*layers)
    return finished(drawn, language, mode, title=sentence(distribution, language), height=34 * len(names) + 8)


def _brackets(data: list[Row], names: list[str], mode: Mode, language: Language) -> list[Drawing]:
    """Return the shares that are meant: a line from the least to the most, with an upright at each bound."""
    alt = altair()
    ranges = [row for row in data if row["low"] is not None]
    if not ranges:
        return []
    bounds = [{**row, "at": at} for row in ranges for at in (row["least"], row["most"]) if at is not None]
    y = alt.Y("name:N", sort=names)
    tip = [
        alt.Tooltip("name:N", title=say("column.kind", language)),
        alt.Tooltip("meant:N", title=say("column.share_meant", language)),
    ]
    ink = colour("ink", mode)
    line = alt.Chart(values(ranges)).mark_rule(color=ink, strokeWidth=2)
    upright = alt.Chart(values(bounds)).mark_tick(color=ink, thickness=2, size=24)
    return [
        line.encode(y=y, x=alt.X("low:Q"), x2=alt.X2("high:Q"), tooltip=tip),
        upright.encode(y=y, x=alt.X("at:Q"), tooltip=tip),
    ]


def sentence(distribution: FlowDistribution, language: Language) -> str:
    """Say which kind was finished most often."""
    if distribution.status is not Status.VALUE:
        return say(f"reason.{distribution.reason}", language)
    kind, share = max(distribution.shares.items(), key=lambda one: one[1])
    return say(
        "chart.flow_distribution.value",
        language,
        kind=term("kind", kind, language),
        share=percent(share, language),
        n=distribution.n,
    )


def rows(distribution: FlowDistribution, language: Language, *, meant: Meant | None = None) -> list[Row]:
    """Return one row per kind that occurs or is meant to, with the range from ``low`` to ``high`` that is meant."""
    wanted = meant or {}
    return [
        _row(kind, distribution.shares.get(kind, 0.0), *wanted.get(kind, (None, None)), language)
        for kind in present([*distribution.shares, *wanted], KINDS)
    ]


def _row(kind: str, share: float, least: float | None, most: float | None, language: Language) -> Row:
    none = least is None and most is None
    low, high = (None, None) if none else (least or 0.0, 1.0 if most is None else most)
    return {
        "kind": kind,
        "name": term("kind", kind, language),
        "share": round(share, 4),
        "text": percent(share, language),
        "text_at": round(max(share, high or 0.0), 4),
        "least": least,
        "most": most,
        "low": low,
        "high": high,
        "meant": "–" if low is None or high is None else f"{percent(low, language)} – {percent(high, language)}",
    }
