"""One item's life on a line: a bar for each stay, a lane for each state, and when its clock started and stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pegel.charts.drawing import Drawing, Row, altair, colours, finished, millis, time_axis, values
from pegel.charts.palette import Mode, colour
from pegel.words import Language, say

_LANE_HEIGHT: Final = 30
#: Role of the bars that are no stay: what blocked the item.
BLOCKED: Final = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of time in a lane. ``role``: of ``palette.COLOURS``, such as a category; ``meaning``: it in words."""

    lane: str
    role: str
    meaning: str
    from_us: int
    until_us: int
    length: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A moment that is worth a line through all lanes, with its name."""

    at_us: int
    name: str


def chart(
    bars: Sequence[Bar], marks: Sequence[Mark], language: Language, *, title: str, mode: Mode = "light"
) -> Drawing:
    """Draw a life; lanes stand in the order in which they first occur. ``title``: the same in one sentence."""
    alt = altair()
    lanes = list(dict.fromkeys(bar.lane for bar in bars))
    meanings = dict.fromkeys((bar.meaning, bar.role) for bar in bars)
    y = alt.Y("lane:N", sort=lanes, title=None, axis=alt.Axis(labelLimit=230, ticks=False, grid=True))
    stays = (
        alt.Chart(values(rows(bars)))
        .mark_bar(height=16, cornerRadius=2, minBandSize=2, stroke=colour("paper", mode), strokeWidth=0.5)
        .encode(
            x=time_axis("from"),
            x2=alt.X2("until:T"),
            y=y,
            color=colours([one for one, _ in meanings], [role for _, role in meanings], mode, "meaning"),
            tooltip=[
                alt.Tooltip("lane:N", title=say("column.state", language)),
                alt.Tooltip("meaning:N", title=say("column.category", language)),
                alt.Tooltip("length:N", title=say("axis.item_life_length", language)),
            ],
        )
    )
    found = [{"at": millis(one.at_us), "name": one.name} for one in marks]
    lines = (
        alt.Chart(values(found))
        .mark_rule(strokeDash=[4, 3], color=colour("ink", mode), strokeWidth=1.5)
        .encode(x=time_axis("at"), tooltip=[alt.Tooltip("name:N", title=say("axis.item_life_mark", language))])
    )
    height = max(2, len(lanes)) * _LANE_HEIGHT
    return finished(alt.layer(stays, lines), language, mode, title=title, height=height)


def rows(bars: Sequence[Bar]) -> list[Row]:
    """Return the bars as rows of the chart, with times in milliseconds."""
    return [
        {
            "lane": bar.lane,
            "meaning": bar.meaning,
            "from": millis(bar.from_us),
            "until": millis(bar.until_us),
            "length": bar.length,
        }
        for bar in bars
    ]
