"""``pegel forecast``: when will it be done, and how much by then?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
import polars as pl

from pegel.cli.flow import chosen_policy, open_selected, policy_body
from pegel.cli.forecast_tables import show_forecast, show_item_forecast
from pegel.cli.options import Moment, json_option, lake_option, language_option
from pegel.cli.output import plain, print_json
from pegel.errors import InputError, NotFoundError, UserError
from pegel.eventlog.schema import to_us
from pegel.lake.store import Lake, open_lake
from pegel.prediction.forecast import forecast
from pegel.prediction.item_forecast import ItemForecast, forecast_items
from pegel.prediction.rules import Rules
from pegel.prediction.split import SplitRate, split_rate
from pegel.words import Language, say
from pegel.workbench import require_file

_MOST_BYTES: Final = 1 << 20


@click.command("forecast")
@lake_option
@click.option("--stream", "streams", multiple=True, help="Value stream; repeat for several. Default: all.")
@click.option(
    "--items",
    "asked",
    multiple=True,
    help="How many (20), how many of a stream (Claims=20; repeat), or which (A-1,A-2).",
)
@click.option("--until", "until_at", type=Moment(), help="How many by the end of this day?")
@click.option(
    "--order", "order_path", type=click.Path(path_type=Path), help="File with the items in order, one id per line."
)
@click.option("--wip", type=int, help="Items in progress at once. Default: as observed.")
@click.option("--split-rate", "split", help="Items that one item becomes: 1.3, 1-1.5, or observed.")
@click.option("--window", "window_days", type=int, default=90, show_default=True, help="Days of the reference window.")
@click.option("--runs", type=int, default=10_000, show_default=True, help="Simulated futures.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the random numbers.")
@click.option("--policy", help="Name of a policy, or a policy file.")
@click.option("--calendar", help="Name of a calendar (elapsed, de, de-BY …), or a calendar file.")
@click.option("--as-of", type=Moment(), help="See nothing that happened later (event time).")
@click.option("--known-at", type=Moment(), help="See nothing that was imported later (seen time).")
@click.option("--no-backtest", is_flag=True, help="Do not hold the forecast against the past: quicker.")
@json_option
@language_option
def forecast_command(
    lake_path: Path,
    asked: tuple[str, ...],
    until_at: datetime | None,
    order_path: Path | None,
    policy: str | None,
    no_backtest: bool,
    as_json: bool,
    language: Language,
    **options: Any,
) -> None:
    """Forecast when items are done, or how many are done by a date, and how often such a forecast has held.

    \b
    pegel forecast --lake my-lake --items 20 --calendar de
    pegel forecast --lake my-lake --items Claims=20 --items Portal=8
    pegel forecast --lake my-lake --until 2026-12-31
    pegel forecast --lake my-lake --order backlog.txt --wip 3
    """
    lake = open_lake(lake_path)
    numbers, names = _question(asked)
    listed = [] if order_path is None else _order(order_path)
    split = SplitRate() if options["split"] is None else split_rate(options["split"])
    rules = Rules(**{name: options[name] for name in ("window_days", "runs", "seed", "wip")}, split=split)
    streams = options["streams"] or (tuple(numbers) if set(numbers) - {""} else ())
    log = open_selected(lake, {**options, "streams": streams})
    rule = chosen_policy(lake, log, policy)
    until_us = None if until_at is None else to_us(until_at)
    with _progress(language, shown=not as_json) as on_origin:
        common: dict[str, Any] = {"rules": rules, "with_backtest": not no_backtest, "on_origin": on_origin}
        chosen = _chosen(lake, numbers, names, listed)
        if chosen is None:
            items: Any = numbers.get("", numbers or None)
            found = forecast(log, rule, items=items, until_us=until_us, **common)
        else:
            of_items = forecast_items(log, rule, chosen, **common)
    said = {"policy": policy_body(rule), "calendar": options["calendar"] or "elapsed"}
    if chosen is None:
        if as_json:
            print_json({**plain(found), **said})
        else:
            show_forecast(found, language)
        return
    named = lake.item_names(_numbers_in(of_items))
    if as_json:
        print_json({**_with_names(of_items, named), **said})
    else:
        show_item_forecast(of_items, named, language)


def _question(asked: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Return items by stream ("": all together), or the ids that were named."""
    numbers: dict[str, int] = {}
    names: list[str] = []
    for text in asked:
        stream, sign, count = text.rpartition("=")
        if text.isascii() and text.isdigit():
            stream, count = "", text
        elif not (sign and stream and count.isascii() and count.isdigit()):
            names += [name.strip() for name in text.split(",") if name.strip()]
            continue
        if stream in numbers or len(count) > 9:
            raise UserError("forecast_items_mixed")
        numbers[stream] = int(count)
    if (numbers and names) or ("" in numbers and len(numbers) > 1):
        raise UserError("forecast_items_mixed")
    return numbers, names


def _order(path: Path) -> list[str]:
    """Read a list of ids, one per line; empty lines and lines that begin with # are passed over."""
    require_file(path)
    if path.stat().st_size > _MOST_BYTES:
        raise InputError("order_file_too_large", file=path.name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("not_utf8", file=path.name) from None
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _chosen(lake: Lake, numbers: dict[str, int], names: list[str], listed: list[str]) -> list[int] | None:
    """Return the numbers of the named items in order; None: the question is about a number of items."""
    if names:
        # The list says the order of those it knows; the others follow as they were named.
        rank = {name: position for position, name in enumerate(listed)}
        wanted = sorted(dict.fromkeys(names), key=lambda name: rank.get(name, len(rank)))
    elif listed:
        if set(numbers) - {""}:
            raise UserError("forecast_items_mixed")
        wanted = list(dict.fromkeys(listed))[: numbers.get("", len(listed))]
    else:
        return None
    known = lake.items().filter(pl.col("item").is_in(wanted)).select("item", "item_no").collect()
    found = dict(known.iter_rows())
    for name in wanted:
        if name not in found:
            raise NotFoundError("unknown_item", name=name)
    return [found[name] for name in wanted]


def _numbers_in(found: ItemForecast) -> set[int]:
    return {*found.items["item"].to_list(), *found.left_out["item"].to_list(), *found.cycle}


def _with_names(found: ItemForecast, names: dict[int, str]) -> dict[str, Any]:
    body: dict[str, Any] = plain(found)
    for part in ("items", "left_out"):
        body[part] = [{**row, "item": names.get(row["item"], str(row["item"]))} for row in body[part]]
    body["cycle"] = [names.get(item, str(item)) for item in found.cycle]
    return body


@contextmanager
def _progress(language: Language, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Write one line that renews itself while the backtest runs; silent when nobody watches."""
    watched = shown and sys.stderr.isatty()

    def on_origin(done: int, every: int) -> None:
        if watched:
            sys.stderr.write(f"\r\033[K{say('cli.forecast.progress', language, done=done, all=every)}")
            sys.stderr.flush()

    try:
        yield on_origin
    finally:
        if watched:
            sys.stderr.write("\r\033[K")
