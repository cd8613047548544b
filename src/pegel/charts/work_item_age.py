"""Work item age: open items by state, against the ages at which finished work left the same state."""

from __future__ import annotations

from typing import Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, colours, finished, values
from pegel.charts.palette import Mode, colour
from pegel.flow.answer import Status
from pegel.flow.work_item_age import WorkItemAge
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import state_name, term
from pegel.words.numbers import number

#: Items drawn: the oldest ones, and an even selection of the others; the sentence counts all of them.
MOST_ITEMS: Final = 600
_OLDEST: Final = 100
#: Types of a state that get a column of their own within it; the others share one, without a band.
MOST_TYPES: Final = 3
_SHAPES: Final = {"beyond_p85": "triangle-up", "within_p85": "circle", "within_p50": "square", "unknown": "cross"}
_ROLES: Final = {"beyond_p85": "warning", "within_p85": "accent", "within_p50": "done", "unknown": "muted"}


def chart(
    age: WorkItemAge,
    language: Language,
    *,
    mode: Mode = "light",
    streams: bool = False,
    names: dict[int, str] | None = None,
) -> Drawing:
    """Draw a point per open item over bands: below the inner one half of finished work had left the state, below the
    outer one 85%. Types have bands of their own, side by side. Shape and colour say how an item compares.
    """
    alt = altair()
    items, bands = rows(age, language, streams=streams, names=names)
    order = list(dict.fromkeys(row["place"] for row in [*bands, *items]))
    slots = sorted({row["slot"] for row in [*bands, *items]})
    x = alt.X("place:N", sort=order, title=None, axis=alt.Axis(labelAngle=-35, labelLimit=130, ticks=False))
    offset = alt.XOffset("slot:O", sort=slots, scale=alt.Scale(paddingInner=0.12))
    band_names = [say("legend.band_p50", language), say("legend.band_p85", language)]
    drawn_bands = (
        alt.Chart(values(bands))
        .mark_bar()
        .encode(
            x=x,
            xOffset=offset,
            y=alt.Y("low:Q", title=say("axis.age" if age.unit == "days" else "axis.age_working", language)),
            y2=alt.Y2("high:Q"),
            color=colours(band_names, ["band_inner", "band_outer"], mode, "band"),
            tooltip=[
                alt.Tooltip("place:N", title=say("column.state", language)),
                alt.Tooltip("type:N", title=say("column.type", language)),
                alt.Tooltip("p50:N", title=say("legend.p50", language)),
                alt.Tooltip("p85:N", title=say("legend.p85", language)),
                alt.Tooltip("n:N", title=say("column.n", language)),
            ],
        )
    )
    found = [name for name in _SHAPES if any(row["pace"] == name for row in items)]
    verdicts = [term("pace", name, language) for name in found]
    points = (
        alt.Chart(values(items))
        .mark_point(size=62, opacity=0.85, stroke=colour("paper", mode), strokeWidth=0.5)
        .encode(
            x=x,
            xOffset=offset,
            y=alt.Y("age:Q"),
            fill=alt.Fill(
                "verdict:N",
                scale=alt.Scale(domain=verdicts, range=[colour(_ROLES[name], mode) for name in found]),
                legend=alt.Legend(title=None),
            ),
            shape=alt.Shape(
                "verdict:N",
                scale=alt.Scale(domain=verdicts, range=[_SHAPES[name] for name in found]),
                legend=alt.Legend(title=None),
            ),
            tooltip=[
                alt.Tooltip("item:N", title=say("column.item", language)),
                alt.Tooltip("type:N", title=say("column.type", language)),
                alt.Tooltip("place:N", title=say("column.state", language)),
                alt.Tooltip("old:N", title=say("column.age_days", language)),
                alt.Tooltip("here:N", title=say("column.in_state_days", language)),
                alt.Tooltip("usual:N", title=say("legend.p85", language)),
                alt.Tooltip("verdict:N", title=say("column.pace", language)),
            ],
        )
    )
    return finished(alt.layer(drawn_bands, points), language, mode, title=sentence(age, language), height=320)


def sentence(age: WorkItemAge, language: Language) -> str:
    """Say how many items are open, how old, and how many of them are late."""
    if age.status is not Status.VALUE or age.p50 is None or age.oldest is None:
        return say(f"reason.{age.reason}", language)
    values_ = {
        "open": say("count.open", language, n=age.n),
        "oldest": duration(age.oldest, language, unit=age.unit),
        "late": number(age.beyond_p85, language),
    }
    if age.n == 1:
        return say("chart.work_item_age.one", language, **values_)
    return say("chart.work_item_age.value", language, **values_, p50=duration(age.p50, language, unit=age.unit))


def rows(
    age: WorkItemAge, language: Language, *, streams: bool = False, names: dict[int, str] | None = None
) -> tuple[list[Row], list[Row]]:
    """Return open items (oldest first, at most ``MOST_ITEMS``) and the bands of the states they are in."""
    shown = _selection(age.items)
    slots = _slots(shown)

    def place(row: Row) -> str:
        name = state_name(row["state"], language)
        return f"{name} · {row['stream']}" if streams else name

    def slot(row: Row) -> int:
        return slots.get((row["stream"], row["state"], row["type"]), MOST_TYPES)

    items = [
        {
            "place": place(row),
            "slot": slot(row),
            "age": round(row["age_days"], 3),
            "item": (names or {}).get(row["item"], str(row["item"])),
            "type": row["type"] or "–",
            "old": duration(row["age_days"], language, unit=age.unit),
            "here": duration(row["in_state_days"], language, unit=age.unit),
            "usual": "–" if row["p85"] is None else duration(row["p85"], language, unit=age.unit),
            "pace": row["pace"] or "unknown",
            "verdict": term("pace", row["pace"] or "unknown", language),
        }
        for row in shown.iter_rows(named=True)
    ]
    here = shown.select("stream", "type", "state").unique()
    reference = age.pace.join(here, on=["stream", "type", "state"], how="semi", nulls_equal=True).sort(
        pl.col("p50").min().over("stream", "state"), "stream", "state", "type", nulls_last=True
    )
    bands = [
        {
            "place": place(row),
            "slot": slot(row),
            "type": row["type"] or "–",
            "band": say(f"legend.band_{edge}", language),
            "low": round(low, 3),
            "high": round(high, 3),
            "p50": duration(row["p50"], language, unit=age.unit),
            "p85": duration(row["p85"], language, unit=age.unit),
            "n": number(row["n"], language),
        }
        for row in reference.iter_rows(named=True)
        if slot(row) < MOST_TYPES
        for edge, low, high in (("p50", 0.0, row["p50"]), ("p85", row["p50"], row["p85"]))
    ]
    return items, bands


def _selection(items: pl.DataFrame) -> pl.DataFrame:
    if items.height <= MOST_ITEMS:
        return items
    others, wanted = items.height - _OLDEST, MOST_ITEMS - _OLDEST
    return items[[*range(_OLDEST), *(_OLDEST + number * others // wanted for number in range(wanted))]]


def _slots(items: pl.DataFrame) -> dict[tuple[str, str, str | None], int]:
    """Give the most frequent types of each state a column, from 0."""
    counted = items.group_by("stream", "state", "type").agg(n=pl.len()).sort("n", "type", descending=[True, False])
    slots: dict[tuple[str, str, str | None], int] = {}
    for _, of_state in counted.group_by("stream", "state", maintain_order=True):
        # A single type stands in the middle of its state.
        first = 1 if of_state.height == 1 else 0
        for number_, (stream, state, type_name, _) in enumerate(of_state.head(MOST_TYPES).iter_rows(), start=first):
            slots[stream, state, type_name] = number_
    return slots
