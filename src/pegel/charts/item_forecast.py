"""Forecast of items: each as a bar from its middle day to its later one, in order of doing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, finished, millis, time_axis, values
from pegel.charts.palette import Mode, colour
from pegel.flow.answer import Status
from pegel.prediction.item_forecast import ItemForecast
from pegel.prediction.rules import LEVELS
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.numbers import percent

#: Items drawn; the table has all of them.
MOST_ITEMS: Final = 40
_ROW: Final = 24
_MAIN: Final = 85


def chart(
    forecast: ItemForecast, language: Language, *, mode: Mode = "light", names: Mapping[int, str] | None = None
) -> Drawing:
    """Draw a bar per item from the day of 50% to that of the highest level, with a tick at 85%."""
    alt = altair()
    data = rows(forecast, language, names=names)
    base = alt.Chart(values(data)).encode(
        y=alt.Y("item:N", sort=[row["item"] for row in data], title=None, axis=alt.Axis(ticks=False, domain=False)),
        tooltip=[
            alt.Tooltip("item:N", title=say("column.item", language)),
            *(alt.Tooltip(f"p{level}:N", title=say(f"column.p{level}_us", language)) for level in LEVELS),
        ],
    )
    bars = base.mark_bar(height={"band": 0.5}, color=colour("accent", mode), opacity=0.5).encode(
        x=time_axis("from"), x2=alt.X2("until:T")
    )
    ticks = base.mark_tick(thickness=3, color=colour("warning", mode)).encode(x=time_axis("main"))
    height = _ROW * len(data) + 20
    return finished(alt.layer(bars, ticks), language, mode, title=sentence(forecast, language), height=height)


def rows(forecast: ItemForecast, language: Language, *, names: Mapping[int, str] | None = None) -> list[Row]:
    """Return one row per item with at least one day, at most ``MOST_ITEMS``."""
    out: list[Row] = []
    for row in forecast.items.head(MOST_ITEMS).iter_rows(named=True):
        days = [row[f"p{level}_us"] for level in LEVELS]
        known = [day for day in days if day is not None]
        if not known:
            continue
        texts = {
            f"p{level}": "–" if day is None else day_text(day, language)
            for level, day in zip(LEVELS, days, strict=True)
        }
        main = row[f"p{_MAIN}_us"] if row[f"p{_MAIN}_us"] is not None else known[-1]
        out.append(
            {
                "item": (names or {}).get(row["item"], str(row["item"])),
                "from": millis(known[0]),
                "until": millis(known[-1]),
                "main": millis(main),
                **texts,
            }
        )
    return out


def sentence(forecast: ItemForecast, language: Language) -> str:
    """Say when all items are done, or why that is not known."""
    if forecast.status is not Status.VALUE:
        return say(f"reason.{forecast.reason}", language)
    n = forecast.items.height
    known = forecast.when.filter((pl.col("answer") == "value") & (pl.col("level") <= _MAIN))
    if not known.height:
        return say("chart.item_forecast.not_reached", language, items=say("count.items", language, n=n))
    row = known.row(-1, named=True)
    return say(
        "chart.item_forecast.one" if n == 1 else "chart.item_forecast.all",
        language,
        items=say("count.items", language, n=n),
        level=percent(row["level"] / 100, language),
        day=day_text(row["at_us"], language),
    )


def basis(forecast: ItemForecast, language: Language) -> str:
    """Say what the forecast rests on."""
    return say(
        "chart.item_forecast.basis",
        language,
        n=forecast.n,
        wip=forecast.wip,
        others=forecast.others,
        runs=forecast.runs,
        seed=str(forecast.seed),
    )
