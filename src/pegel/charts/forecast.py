"""Forecast: the share of simulated futures that are done by each day, with the days of the levels marked."""

from __future__ import annotations

import polars as pl

from pegel.charts.drawing import Drawing, Row, altair, finished, millis, time_axis, values
from pegel.charts.palette import Mode, colour
from pegel.eventlog.schema import from_us
from pegel.flow.answer import Status
from pegel.prediction.backtest import Backtest
from pegel.prediction.forecast import Forecast
from pegel.words import Language, say
from pegel.words.dates import date_text, day_text, period_text
from pegel.words.names import term
from pegel.words.numbers import number, percent

#: The level that the sentence is about, where it is claimed.
_MAIN = 85
#: Steps between labels of a short axis at most; days that make an axis short; a day as Vega counts time.
_TICKS = 7
_SHORT = 42
_DAY_MS = 86_400_000


def chart(forecast: Forecast, language: Language, *, mode: Mode = "light") -> Drawing:
    """Draw the rising share as a line, and a point with its day for each level that is claimed."""
    alt = altair()
    curve, marks = rows(forecast, language)
    scale = alt.Scale(domain=[0, 1])
    first, last = _span(curve, marks)
    x = time_axis(every_days=_every_days(first, last))
    y = alt.Y("share:Q", title=say("axis.futures_done", language), scale=scale, axis=alt.Axis(format="%", tickCount=5))
    line = (
        alt.Chart(values(curve))
        .mark_line(interpolate="step-after", strokeWidth=2, color=colour("accent", mode))
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("day:N", title=say("column.day", language)),
                alt.Tooltip("part:N", title=say("column.futures_done", language)),
            ],
        )
    )
    base = alt.Chart(values(marks)).encode(x=x, y=y)
    rules = base.mark_rule(strokeDash=[3, 3], color=colour("muted", mode)).encode(y2=alt.datum(0))
    points = base.mark_point(filled=True, size=70, shape="diamond", color=colour("warning", mode))
    # The share only rises, so that right of a point and below it there is room.
    labels = base.mark_text(align="left", dx=9, dy=8).encode(text=alt.Text("label:N"))
    # Nothing is drawn there: it keeps room for the last label.
    room = alt.Chart(values([{"at": last + max(last - first, _DAY_MS) * 3 // 10}])).mark_point(opacity=0).encode(x=x)
    layers = alt.layer(line, rules, points, labels, room)
    return finished(layers, language, mode, title=sentence(forecast, language))


def rows(forecast: Forecast, language: Language) -> tuple[list[Row], list[Row]]:
    """Return the points of the curve, and one row per level that has a day, of all streams together."""
    curve = [
        {
            "at": millis(day_us),
            "share": round(share, 4),
            "day": day_text(day_us, language),
            "part": percent(share, language),
        }
        for day_us, share in forecast.curve.iter_rows()
    ]
    marks = [
        {
            "at": millis(row["day_us"]),
            "share": row["level"] / 100,
            "label": f"{percent(row['level'] / 100, language)} · {day_text(row['day_us'], language)}",
        }
        for row in together(forecast.when).iter_rows(named=True)
        if row["day_us"] is not None
    ]
    return curve, marks


def _every_days(first: int, last: int) -> int | None:
    """Return the days between two ticks of a short axis, so that no day is labelled twice; None: it is long enough."""
    days = (last - first) // _DAY_MS
    return max(1, -(-days // _TICKS)) if days <= _SHORT else None


def _span(curve: list[Row], marks: list[Row]) -> tuple[int, int]:
    moments = [row["at"] for row in (*curve, *marks)]
    return min(moments, default=0), max(moments, default=0)


def together(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows about all streams together."""
    return table.filter(pl.col("stream").is_null())


def sentence(forecast: Forecast, language: Language) -> str:
    """Say the day or the number of the highest level up to 85%, or why there is none."""
    if forecast.status is not Status.VALUE:
        return say(f"reason.{forecast.reason}", language)
    parts = [
        *([_when(forecast, language)] if forecast.question == "when" else []),
        *([_probability(forecast, language)] if forecast.probability is not None else []),
        *([_how_many(forecast, language)] if forecast.question == "how_many" else []),
        *([_joint(forecast, language)] if forecast.joint.height else []),
    ]
    return " ".join(part for part in parts if part)


def basis(forecast: Forecast, language: Language) -> str:
    """Say what the forecast rests on: window, counts, futures, seed, highest confidence."""
    n = int(forecast.window["finished"].sum())
    return say(
        "chart.forecast.basis",
        language,
        window=period_text(forecast.from_us, forecast.window_until_us, language),
        finished=say("count.items", language, n=n),
        days=forecast.days_seen,
        per_day=number(n / max(1, forecast.days_seen), language, decimals=2),
        runs=forecast.runs,
        seed=str(forecast.seed),
        highest=percent(forecast.highest, language),
    )


def backtest_sentence(backtest: Backtest, language: Language) -> str:
    """Say how often the 85% level (or the highest tested) would have held, or why that is not known."""
    if backtest.status is not Status.VALUE:
        return say(f"reason.{backtest.reason}", language)
    row = backtest.levels.row(-1, named=True)
    code = "chart.backtest.items" if backtest.kind == "items" else "chart.backtest.value"
    said = say(
        code,
        language,
        decided=row["decided"],
        held=row["held"],
        origins=backtest.origins,
        level=percent(row["level"] / 100, language),
        share=percent(row["share"], language),
        low=percent(row["low"], language),
        high=percent(row["high"], language),
        finding=term("backtest_finding", row["finding"], language),
    )
    if not backtest.reduced:
        return said
    return f"{said} {say('chart.backtest.reduced', language, asked=asked_text(backtest, language))}"


def asked_text(backtest: Backtest, language: Language) -> str:
    """Return the size of the question that was tested: items, by stream where there are several, or days."""
    code = "asked_days" if backtest.kind == "how_many" else "asked_items"
    said = [(name, say(f"chart.backtest.{code}", language, n=size)) for name, size in backtest.asked.items()]
    return ", ".join(text if name in ("", "days") else f"{name}: {text}" for name, text in said)


def items_text(forecast: Forecast, language: Language) -> str:
    """Return what was asked: a number of items, by stream where there are several."""
    said = [(name, say("count.items", language, n=n)) for name, n in forecast.items.items()]
    return ", ".join(f"{text} ({name})" if name else text for name, text in said)


def _when(forecast: Forecast, language: Language) -> str:
    known = together(forecast.when).filter(pl.col("answer") == "value")
    items = items_text(forecast, language)
    if not known.height:
        claimed = together(forecast.when).filter(pl.col("answer") == "beyond_horizon").height
        return say(f"chart.forecast.{'not_foreseeable' if claimed else 'nothing_claimed'}", language, items=items)
    main = known.filter(pl.col("level") <= _MAIN).row(-1, named=True)
    level, day = percent(main["level"] / 100, language), day_text(main["day_us"], language)
    middle = known.row(0, named=True)
    if middle["level"] == main["level"] or middle["level"] != 50:
        return say("chart.forecast.when_one_level", language, level=level, items=items, day=day)
    by = day_text(middle["day_us"], language)
    return say("chart.forecast.when", language, level=level, items=items, day=day, middle=by)


def _probability(forecast: Forecast, language: Language) -> str:
    chance, highest = forecast.probability or 0.0, forecast.highest
    edge = "≥ " if chance >= highest else "≤ " if chance <= 1 - highest else ""
    return say(
        "chart.forecast.probability",
        language,
        day=date_text(from_us(forecast.until_us or 0), language),
        items=items_text(forecast, language),
        share=edge + percent(chance, language),
    )


def _how_many(forecast: Forecast, language: Language) -> str:
    known = together(forecast.how_many).filter((pl.col("answer") == "value") & (pl.col("level") <= _MAIN))
    if not known.height:
        return say("chart.forecast.nothing_claimed", language)
    row = known.row(-1, named=True)
    return say(
        "chart.forecast.how_many",
        language,
        day=date_text(from_us(forecast.until_us or 0), language),
        level=percent(row["level"] / 100, language),
        items=say("count.items", language, n=row["items"]),
    )


def _joint(forecast: Forecast, language: Language) -> str:
    known = forecast.joint.drop_nulls().filter(pl.col("level") <= _MAIN)
    if not known.height:
        return ""
    row = known.row(-1, named=True)
    return say(
        "chart.forecast.joint",
        language,
        level=percent(row["level"] / 100, language),
        day=day_text(row["day_us"], language),
        slowest=day_text(row["slowest_day_us"], language),
        independent=day_text(row["independent_day_us"], language),
    )
