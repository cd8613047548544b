"""Effort and benefit: a cross per use case, as wide and as high as its estimate is uncertain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pegel.charts.drawing import Drawing, Row, altair, finished, values
from pegel.charts.palette import Mode, colour
from pegel.words import Language, say

_HEIGHT: Final = 420
#: Role of the colour and shape of each group; both say the same, so that colour is never the only sign.
LOOKS: Final[dict[str, tuple[str, str]]] = {
    "idea": ("new", "circle"),
    "assessed": ("risk", "triangle-down"),
    "prioritised": ("debt", "diamond"),
    "pilot": ("waiting", "triangle-up"),
    "production": ("done", "square"),
    "scaled": ("active", "triangle-right"),
    "retired": ("muted", "cross"),
    "aside": ("cancelled", "triangle-left"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """One use case. ``group``: a key of ``LOOKS``; ``state``: the same in words. Amounts in EUR: low, likely, high.

    ``said_benefit``, ``said_effort``: the amounts in words. ``href``: its page; None: it leads nowhere.
    """

    name: str
    group: str
    state: str
    benefit: tuple[float, float, float]
    effort: tuple[float, float, float]
    said_benefit: str
    said_effort: str
    href: str | None = None


def chart(points: Sequence[Estimated], language: Language, *, title: str, mode: Mode = "light") -> Drawing:
    """Draw benefit over effort: arms from low to high, the sign at what is likely, zero, and where both are equal.

    ``title``: what it shows in one sentence.
    """
    alt = altair()
    rows = [{**_row(one), "ink": colour(LOOKS[one.group][0], mode)} for one in points]
    groups = {one.group: one.state for one in points}
    shown = [name for name in LOOKS if name in groups]
    names = [groups[name] for name in shown]
    money = alt.Axis(format=",d", grid=True, tickCount=6)
    x = alt.X("effort:Q", title=say("effort_benefit.axis.effort", language), axis=money, scale=alt.Scale(zero=True))
    y = alt.Y("benefit:Q", title=say("effort_benefit.axis.benefit", language), axis=money, scale=alt.Scale(zero=True))
    colours = alt.Scale(domain=names, range=[colour(LOOKS[name][0], mode) for name in shown])
    shapes = alt.Scale(domain=names, range=[LOOKS[name][1] for name in shown])
    # The colour as such: a second scale of the same states, without a legend, would take the legend of the signs.
    by_state = alt.Stroke("ink:N", scale=None)
    base = alt.Chart(values(rows))
    across = base.mark_rule(opacity=0.5).encode(x=alt.X("effort_low:Q"), x2="effort_high:Q", y=y, stroke=by_state)
    along = base.mark_rule(opacity=0.5).encode(x=x, y=alt.Y("benefit_low:Q"), y2="benefit_high:Q", stroke=by_state)
    signs = base.mark_point(size=90, opacity=0.95, stroke=colour("paper", mode), strokeWidth=0.7).encode(
        x=x,
        y=y,
        fill=alt.Fill("state:N", scale=colours, sort=names, legend=alt.Legend(title=None)),
        shape=alt.Shape("state:N", scale=shapes, sort=names, legend=alt.Legend(title=None)),
        href="href:N",
        description="name:N",
        tooltip=[
            alt.Tooltip("name:N", title=say("effort_benefit.column.name", language)),
            alt.Tooltip("state:N", title=say("effort_benefit.column.state", language)),
            alt.Tooltip("said_benefit:N", title=say("effort_benefit.column.benefit", language)),
            alt.Tooltip("said_effort:N", title=say("effort_benefit.column.effort", language)),
        ],
    )
    zero = alt.Chart(values([{"benefit": 0}])).mark_rule(color=colour("ink", mode), strokeWidth=1).encode(y=y)
    said = alt.Tooltip("said:N", title=" ")
    even = (
        alt.Chart(values(_even(points, language)))
        .mark_line(color=colour("muted", mode), strokeDash=[5, 4], strokeWidth=1.2)
        .encode(x=x, y=y, tooltip=[said])
    )
    return finished(alt.layer(zero, even, across, along, signs), language, mode, title=title, height=_HEIGHT)


def _row(one: Estimated) -> Row:
    (benefit_low, benefit, benefit_high), (effort_low, effort, effort_high) = one.benefit, one.effort
    return {
        "name": one.name, "state": one.state, "href": one.href,
        "benefit_low": benefit_low, "benefit": benefit, "benefit_high": benefit_high,
        "effort_low": effort_low, "effort": effort, "effort_high": effort_high,
        "said_benefit": one.said_benefit, "said_effort": one.said_effort,
    }  # fmt: skip


def _even(points: Sequence[Estimated], language: Language) -> list[Row]:
    """Return the line on which one year pays the effort, no longer than there is both effort and benefit."""
    most = min(max((one.effort[2] for one in points), default=0), max((one.benefit[2] for one in points), default=0))
    words = say("effort_benefit.even", language)
    return [{"effort": at, "benefit": at, "said": words} for at in (0, most)] if most > 0 else []
