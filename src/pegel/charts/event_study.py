"""The event study: the effect by period since adoption against one base, its bands, and how many units it shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from pegel.charts.drawing import HEIGHT, Drawing, Row, altair, finished, values
from pegel.charts.palette import Mode, colour
from pegel.words import Language, say
from pegel.words.impact import MOST_LOG, bound, relative_bound

if TYPE_CHECKING:  # pandas is only there with the extra
    from pegel.impact.estimate import Estimate


def event_study_chart(estimate: Estimate, language: str, *, mode: Mode = "light", scale: str = "level") -> Drawing:
    """Draw effects by horizon: points, pointwise bars, the simultaneous band, the line of adoption, units per point.

    ``scale``: ``log`` shows effects as changes in per cent.
    """
    alt = altair()
    chosen = cast("Language", language)
    points = rows(estimate, chosen, scale=scale)
    x = alt.X(
        "horizon:Q",
        title=say("impact.chart.horizon", chosen, unit=say(f"impact.chart.unit.{unit_of(estimate)}", chosen)),
        axis=alt.Axis(tickMinStep=1, format="+d", grid=False),
        scale=alt.Scale(nice=False, padding=14),
    )
    signs = {"format": "+.0%"} if scale == "log" else {}
    title = say("impact.chart.effect", chosen, name=estimate.outcome)
    y = alt.Y("effect:Q", title=title, axis=alt.Axis(**signs))
    base = alt.Chart(values(points))
    tips = [
        alt.Tooltip("when:N", title=" "),
        alt.Tooltip("said:N", title=title),
        alt.Tooltip("adopters:Q", title=say("impact.chart.adopters", chosen)),
    ]
    nothing = alt.Chart(values([{"effect": 0}])).mark_rule(color=colour("muted", mode), strokeDash=[2, 3]).encode(y=y)
    adoption = (
        alt.Chart(values([{"horizon": -0.5, "label": say("impact.chart.adoption", chosen)}]))
        .mark_rule(color=colour("ink", mode), strokeWidth=1.2)
        .encode(x=x)
    )
    layers = [
        base.mark_area(opacity=0.18, color=colour("accent", mode)).encode(
            x=x, y=alt.Y("band_low:Q", title=title), y2=alt.Y2("band_high:Q")
        ),
        nothing,
        adoption,
        base.mark_rule(color=colour("accent", mode), strokeWidth=1.6).encode(
            x=x, y=alt.Y("low:Q", title=title), y2=alt.Y2("high:Q")
        ),
        base.mark_point(color=colour("accent", mode), filled=True, size=46, opacity=1).encode(x=x, y=y, tooltip=tips),
    ]
    # How many units stand behind a point is written below it, at as many points as there is room for.
    step = max(1, len(points) // 16)
    counts = (
        alt.Chart(values([row for row in points if row["horizon"] % step == 0]))
        .mark_text(color=colour("muted", mode), fontSize=10, baseline="bottom")
        .encode(x=x, y=alt.value(HEIGHT - 2), text=alt.Text("adopters:Q"), tooltip=tips)
    )
    return finished(alt.layer(*layers, counts), chosen, mode, title=sentence(estimate, chosen, scale=scale))


def rows(estimate: Estimate, language: Language, *, scale: str = "level") -> list[Row]:
    """Return the points; bounds that are infinite end where the finite ones end, so that a chart can be drawn."""
    table = estimate.by_horizon
    if not len(table):
        return []
    names = ("effect", "low", "high", "band_low", "band_high")
    finite = [value for name in names for value in table[name].tolist() if math.isfinite(value)]
    least, most = min(finite, default=0.0), max(finite, default=0.0)
    reach = max(most - least, 1e-12) * 0.1
    found: list[Row] = []
    for row in table.to_dict("records"):
        if not math.isfinite(row["effect"]):
            continue
        shown = {name: _shown(min(max(row[name], least - reach), most + reach), scale) for name in names
                 if not math.isnan(row[name])}  # fmt: skip
        low, high = bound(row["low"], language), bound(row["high"], language)
        if scale == "log":
            low, high = (relative_bound(row[name], scale, language) for name in ("low", "high"))
        said = relative_bound(row["effect"], scale, language)
        found.append(
            {
                **shown,
                "horizon": int(row["horizon"]),
                "adopters": int(row["adopters"]),
                "when": say("impact.chart.at_horizon", language, horizon=f"{int(row['horizon']):+d}"),
                "said": f"{said} ({low} … {high})",
            }
        )
    return found


def sentence(estimate: Estimate, language: Language, *, scale: str = "level") -> str:
    """Say what the chart shows: the effect, and whether leads stay around zero."""
    base = -1 - int(estimate.diagnostics.get("anticipation") or 0)
    points = estimate.by_horizon.to_dict("records")
    leads = [row for row in points if row["horizon"] < base and not math.isnan(row["effect"])]
    outside = sum(row["band_low"] > 0 or row["band_high"] < 0 for row in leads)
    code = "no_leads" if not leads else "leads_calm" if not outside else "leads_off"
    if estimate.effect is None or estimate.interval is None:
        return say("impact.estimate.no_effect", language, name=estimate.outcome)
    effect, low, high = (relative_bound(value, scale, language) for value in (estimate.effect, *estimate.interval))
    return say(f"impact.chart.{code}", language, effect=effect, low=low, high=high, n=outside, leads=len(leads))


def unit_of(estimate: Estimate) -> str:
    """Return what a period of the estimate is called: ``week``, ``month`` … ``period``."""
    axis = estimate.diagnostics.get("axis") or {}
    return str(axis.get("unit", "period"))


def _shown(value: float, scale: str) -> float:
    return math.expm1(min(value, MOST_LOG)) if scale == "log" else value
