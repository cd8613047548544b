"""The chapter about forecasts: the day or the number, beside it how often the same forecast would have held."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pegel.charts import forecast as drawing
from pegel.charts import item_forecast as item_drawing
from pegel.flow.answer import Status
from pegel.prediction.backtest import Backtest
from pegel.prediction.forecast import Forecast
from pegel.prediction.item_forecast import ItemForecast
from pegel.report import tables
from pegel.report.figures import Figures, definition_link
from pegel.report.markup import Markup, tag
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.names import term
from pegel.words.numbers import percent


def chapter(forecast: Forecast, language: Language, figures: Figures, *, all_open: Forecast | None = None) -> Markup:
    """Return a forecast of numbers: sentence, curve with its tables, backtest, assumptions.

    ``all_open``: when everything that is in progress will be done, shown beside it.
    """
    has = forecast.status is Status.VALUE
    also = None
    if all_open is not None and all_open.status is Status.VALUE:
        also = tag(
            "div",
            tag("h3", say("report.forecast_open", language)),
            _figure("chart-forecast-open", all_open, language, figures),
        )
    figure = _figure("chart-forecast", forecast, language, figures)
    return _chapter(figure, forecast.backtest, forecast.assumptions, language, last=also, has=has)


def _figure(identity: str, forecast: Forecast, language: Language, figures: Figures) -> Markup:
    has = forecast.status is Status.VALUE
    return figures.figure(
        identity,
        (lambda: drawing.chart(forecast, language)) if has and forecast.curve.height else None,
        metric="forecast",
        sentence=drawing.sentence(forecast, language),
        note=drawing.basis(forecast, language) if has else None,
        twin=_twins(forecast, language) if has else None,
        wide=True,
    )


def item_chapter(forecast: ItemForecast, language: Language, figures: Figures, names: Mapping[int, str]) -> Markup:
    """Return a forecast of items: sentence, bars with their table, what is left out, backtest, assumptions."""
    has = forecast.status is Status.VALUE
    figure = figures.figure(
        "chart-item-forecast",
        (lambda: item_drawing.chart(forecast, language, names=names))
        if has and item_drawing.rows(forecast, language)
        else None,
        metric="item_forecast",
        sentence=_item_sentence(forecast, language, names),
        note=f"{say('chart.item_forecast.reading', language)} {item_drawing.basis(forecast, language)}"
        if has
        else None,
        twin=_item_table(forecast, language, names) if has else None,
        wide=True,
    )
    left = [
        {"item": names.get(row["item"], str(row["item"])), "left_out": row["reason"]}
        for row in forecast.left_out.iter_rows(named=True)
    ]
    left_out = (
        tables.table(
            left,
            [tables.text("item"), tables.word("left_out")],
            language,
            caption=say("report.forecast_left_out", language),
        )
        if left
        else None
    )
    return _chapter(figure, forecast.backtest, forecast.assumptions, language, left_out, has=has)


def _chapter(
    figure: Markup,
    backtest: Backtest,
    assumptions: tuple[str, ...],
    language: Language,
    *more: Markup | None,
    last: Markup | None = None,
    has: bool,
) -> Markup:
    return tag(
        "section",
        tag("h2", say("report.forecast", language)),
        figure,
        *more,
        _backtest(backtest, language) if has else None,
        tag(
            "div",
            tag("h3", say("report.forecast_assumptions", language)),
            tag("ul", [tag("li", term("assumption", code, language)) for code in assumptions]),
        )
        if has
        else None,
        last,
        id="forecast",
    )


def _backtest(backtest: Backtest, language: Language) -> Markup:
    rows = [
        {**row, "level": row["level"] / 100, "interval": (row["low"], row["high"])}
        for row in backtest.levels.iter_rows(named=True)
    ]
    columns = [
        tables.share("level", "confidence_level"),
        tables.count("decided"),
        tables.count("held"),
        tables.share("share", "held_share"),
        tables.Column("interval", "held_interval", _interval),
        tables.Column(
            "finding", "held_finding", lambda value, its: term("backtest_finding", value, its), quantity=False
        ),
    ]
    caption = say("report.backtest_levels", language)
    return tag(
        "div",
        tag("h3", definition_link("backtest", language)),
        tag("p", drawing.backtest_sentence(backtest, language)),
        tables.table(rows, columns, language, caption=caption) if rows else None,
    )


def _interval(bounds: tuple[float, float], language: Language) -> str:
    low, high = (percent(bound, language) for bound in bounds)
    return f"{low} – {high}"


def _twins(forecast: Forecast, language: Language) -> Markup | None:
    many = len(forecast.window) > 1
    stream = [tables.Column("stream", "stream", _stream, quantity=False)] if many else []
    level = tables.share("level", "confidence_level")
    day = tables.Column("day_us", "done_by", _day)
    shown = [
        _table(forecast.when, [level, *stream, day, tables.count("days", "days_of_work")], "forecast_levels", language),
        _table(
            forecast.how_many, [level, *stream, tables.count("items", "at_least_items")], "forecast_numbers", language
        ),
        _table(
            forecast.joint,
            [
                level,
                tables.Column("day_us", "joint_day", _day),
                tables.Column("slowest_day_us", "slowest_day", _day),
                tables.Column("independent_day_us", "independent_day", _day),
            ],
            "forecast_joint",
            language,
        ),
        tables.folded(
            say("report.table", language),
            tables.table(
                forecast.curve.iter_rows(named=True),
                [tables.date("day_us", "day"), tables.share("share", "futures_done")],
                language,
                caption=say("report.forecast_curve", language),
            ),
        )
        if forecast.curve.height
        else None,
    ]
    return tag("div", *shown)


def _table(frame: Any, columns: list[tables.Column], caption: str, language: Language) -> Markup | None:
    rows = [{**row, "level": row["level"] / 100} for row in frame.iter_rows(named=True)]
    return tables.table(rows, columns, language, caption=say(f"report.{caption}", language)) if rows else None


def _day(value: int | None, language: Language) -> str:
    return "–" if value is None else day_text(value, language)


def _stream(value: str | None, language: Language) -> str:
    return say("cli.forecast.all_streams", language) if value is None else value


def _item_sentence(forecast: ItemForecast, language: Language, names: Mapping[int, str]) -> str:
    said = item_drawing.sentence(forecast, language)
    if not forecast.cycle:
        return said
    circle = " → ".join(names.get(item, str(item)) for item in (*forecast.cycle, forecast.cycle[0]))
    return f"{said} {say('chart.item_forecast.cycle', language, names=circle)}"


def _item_table(forecast: ItemForecast, language: Language, names: Mapping[int, str]) -> Markup:
    rows = [{**row, "item": names.get(row["item"], str(row["item"]))} for row in forecast.items.iter_rows(named=True)]
    columns = [
        tables.count("position"),
        tables.text("item"),
        tables.days("age_days"),
        tables.count("blockers"),
        *(tables.Column(f"p{level}_us", f"p{level}_us", _day) for level in (50, 70, 85, 95)),
    ]
    return tables.table(rows, columns, language, caption=say("report.forecast_items", language))
