"""Forecasts as sentences and tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pegel.charts import forecast as words
from pegel.charts import item_forecast as item_words
from pegel.cli.output import console, print_table
from pegel.flow.answer import Status
from pegel.prediction.backtest import Backtest
from pegel.prediction.forecast import Forecast
from pegel.prediction.item_forecast import ItemForecast
from pegel.prediction.rules import LEVELS
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.durations import duration
from pegel.words.names import term
from pegel.words.numbers import number, percent


def show_forecast(found: Forecast, language: Language) -> None:
    """Print a forecast of numbers: the sentence, what it rests on, the days or numbers, the backtest."""
    screen = console()
    screen.print(words.sentence(found, language), markup=False)
    if found.status is not Status.VALUE:
        seen = {"days": found.days_seen, "finished": int(found.window["finished"].sum())}
        least = {"least_days": found.least_days, "least_items": found.least_items}
        screen.print(say("cli.forecast.missing", language, **seen, **least), markup=False)
        return
    screen.print(words.basis(found, language), markup=False, style="dim")
    if found.when.height:
        _show_days(found, language)
    if found.how_many.height:
        _show_numbers(found.how_many, language)
    _show_backtest(found.backtest, found.assumptions, language)


def show_item_forecast(found: ItemForecast, names: Mapping[int, str], language: Language) -> None:
    """Print a forecast of items: the sentence, each item's days, what is left out, the backtest."""
    screen = console()
    screen.print(item_words.sentence(found, language), markup=False)
    if found.cycle:
        circle = " → ".join(names.get(item, str(item)) for item in (*found.cycle, found.cycle[0]))
        screen.print(say("chart.item_forecast.cycle", language, names=circle), markup=False)
    if found.reason == "too_few_flow_times":
        said = say("cli.forecast.missing_times", language, n=found.n, least_items=found.least_items)
        screen.print(said, markup=False)
    if found.status is Status.VALUE:
        screen.print(item_words.basis(found, language), markup=False, style="dim")
        _show_items(found, names, language)
    if found.left_out.height:
        screen.print(say("cli.forecast.left_out", language), markup=False)
        for item, reason in found.left_out.iter_rows():
            screen.print(f"  {names.get(item, str(item))}: {term('left_out', reason, language)}", markup=False)
    if found.status is Status.VALUE:
        _show_backtest(found.backtest, found.assumptions, language)


def _show_days(found: Forecast, language: Language) -> None:
    table, many = found.when, len(found.window) > 1
    codes = ["confidence_level", *(["stream"] if many else []), "done_by", "days_of_work"]
    print_table(
        "",
        [(say(f"column.{code}", language), "right" if code == "days_of_work" else "left") for code in codes],
        (
            (
                percent(row["level"] / 100, language),
                *([_stream(row["stream"], language)] if many else []),
                term("forecast_answer", row["answer"], language)
                if row["day_us"] is None
                else day_text(row["day_us"], language),
                "–" if row["days"] is None else number(row["days"], language),
            )
            for row in table.iter_rows(named=True)
        ),
    )


def _show_numbers(table: pl.DataFrame, language: Language) -> None:
    many = table["stream"].n_unique() > 1
    codes = ["confidence_level", *(["stream"] if many else []), "at_least_items"]
    print_table(
        "",
        [(say(f"column.{code}", language), "left") for code in codes],
        (
            (
                percent(row["level"] / 100, language),
                *([_stream(row["stream"], language)] if many else []),
                term("forecast_answer", row["answer"], language)
                if row["items"] is None
                else number(row["items"], language),
            )
            for row in table.iter_rows(named=True)
        ),
    )


def _show_items(found: ItemForecast, names: Mapping[int, str], language: Language) -> None:
    codes = ["position", "item", "age_days", "blockers", *(f"p{level}_us" for level in LEVELS)]
    print_table(
        "",
        [(say(f"column.{code}", language), "left" if code == "item" else "right") for code in codes],
        (
            (
                number(row["position"], language),
                _name(row["item"], names, language, added=row["added"]),
                "–" if row["age_days"] is None else duration(row["age_days"], language, unit=found.unit),
                number(row["blockers"], language),
                *("–" if row[f"p{level}_us"] is None else day_text(row[f"p{level}_us"], language) for level in LEVELS),
            )
            for row in found.items.iter_rows(named=True)
        ),
    )


def _show_backtest(backtest: Backtest, assumptions: tuple[str, ...], language: Language) -> None:
    screen = console()
    screen.print(words.backtest_sentence(backtest, language), markup=False)
    screen.print(say("cli.forecast.assumptions", language), markup=False, style="dim")
    for code in assumptions:
        line = say("cli.forecast.assumption", language, text=term("assumption", code, language))
        screen.print(line, markup=False, style="dim")


def _stream(stream: str | None, language: Language) -> str:
    return say("cli.forecast.all_streams", language) if stream is None else stream


def _name(item: int, names: Mapping[int, str], language: Language, *, added: bool) -> str:
    name = names.get(item, str(item))
    return say("cli.forecast.added", language, name=name) if added else name
