"""The verdict at a glance: the interval of the effect against zero and the smallest effect that matters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from pegel.charts.drawing import Drawing, altair, finished, values
from pegel.charts.palette import Mode, colour
from pegel.words import Language, say
from pegel.words.impact import MOST_LOG, headline, relative_bound

if TYPE_CHECKING:  # pandas is only there with the extra
    from pegel.impact.verdicts.verdict import Verdict

_HEIGHT: Final = 74


def chart(verdict: Verdict, language: Language, *, scale: str = "level", mode: Mode = "light") -> Drawing:
    """Draw the effect with its interval on one line; shaded is what would be too small to matter."""
    alt = altair()
    delta = verdict.smallest_effect
    effect = verdict.effect if verdict.effect is not None else 0.0
    low, high = verdict.interval or (-math.inf, math.inf)
    if math.isnan(low) or math.isnan(high):
        low, high = -math.inf, math.inf
    known = [value for value in (low, high, effect, delta, -delta) if math.isfinite(value)]
    reach = max(known) - min(known)
    least, most = min(known) - 0.15 * reach, max(known) + 0.15 * reach
    shown = [_shown(value, scale) for value in (max(low, least), min(high, most), effect, -delta, delta, least, most)]
    signs = {"format": "+.0%"} if scale == "log" else {}
    title = say("impact.chart.effect", language, name=verdict.primary.outcome if verdict.primary else "")
    domain = alt.Scale(domain=[shown[5], shown[6]], nice=False)
    x = alt.X("at:Q", title=title, scale=domain, axis=alt.Axis(tickCount=7, grid=False, **signs))
    shade = (
        alt.Chart(values([{"at": shown[3], "to": shown[4], "label": say("impact.chart.too_small", language)}]))
        .mark_rect(color=colour("muted", mode), opacity=0.18)
        .encode(x=x, x2=alt.X2("to:Q"), tooltip=[alt.Tooltip("label:N", title=" ")])
    )
    zero = alt.Chart(values([{"at": 0}])).mark_rule(color=colour("ink", mode), strokeWidth=1).encode(x=x)
    said = " … ".join(relative_bound(value, scale, language) for value in (low, high))
    span = [{"at": shown[0], "to": shown[1], "said": said}]
    bar = (
        alt.Chart(values(span))
        .mark_bar(height=12, color=colour("accent", mode), opacity=0.55)
        .encode(x=x, x2=alt.X2("to:Q"), tooltip=[alt.Tooltip("said:N", title=title)])
    )
    dot = (
        alt.Chart(values([{"at": shown[2]}]))
        .mark_point(filled=True, size=80, color=colour("accent", mode), opacity=1)
        .encode(x=x)
    )
    layers = [shade, zero, bar, dot] if verdict.effect is not None else [shade, zero]
    title = headline(verdict, language, scale=scale)
    return finished(alt.layer(*layers), language, mode, title=title, height=_HEIGHT)


def _shown(value: float, scale: str) -> float:
    return math.expm1(min(value, MOST_LOG)) if scale == "log" else value
