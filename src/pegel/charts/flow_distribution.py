"""Flow distribution: what kinds of work were finished."""

from __future__ import annotations

from pegel.charts.drawing import Drawing, Row, altair, finished, values
from pegel.charts.palette import Mode, colour, kind_role
from pegel.charts.stacking import KINDS, present
from pegel.flow.answer import Status
from pegel.flow.flow_distribution import FlowDistribution
from pegel.words import Language, say
from pegel.words.names import term
from pegel.words.numbers import percent


def chart(distribution: FlowDistribution, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw one bar per kind, named and labelled with its share."""
    alt = altair()
    data = rows(distribution, language)
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
    labels = bars.mark_text(align="left", dx=5).encode(text="text:N")
    drawn = alt.layer(bars.mark_bar(height={"band": 0.62}).encode(color=roles), labels)
    return finished(drawn, language, mode, title=sentence(distribution, language), height=34 * len(names) + 8)


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


def rows(distribution: FlowDistribution, language: Language) -> list[Row]:
    """Return one row per kind that occurs."""
    return [
        {
            "kind": kind,
            "name": term("kind", kind, language),
            "share": round(distribution.shares[kind], 4),
            "text": percent(distribution.shares[kind], language),
        }
        for kind in present(list(distribution.shares), KINDS)
    ]
