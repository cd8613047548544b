"""``pegel variants``: by which ways work really goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import polars as pl

from pegel.cli.flow import chosen_policy, open_selected, policy_body
from pegel.cli.options import json_option, lake_option, language_option, selection_options
from pegel.cli.output import console, plain, print_json, print_table
from pegel.eventlog.schema import to_us
from pegel.flow.attribution import attribute
from pegel.flow.item_windows import item_windows
from pegel.flow.variants import Variants, variants, ways
from pegel.lake.store import open_lake
from pegel.words import Language, say
from pegel.words.durations import in_days
from pegel.words.names import state_name
from pegel.words.numbers import number, percent
from pegel.words.variants import variants_sentences, way_text


@click.command("variants")
@click.argument("stream", required=False)
@lake_option
@selection_options
@click.option(
    "--show", default=80, show_default=True, type=click.IntRange(1, 100), metavar="PERCENT",
    help="Show the most frequent ways that together cover so much of the items.",
)  # fmt: skip
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0), help="Most ways shown; 0: all.")
@json_option
@language_option
def variants_command(
    lake_path: Path,
    stream: str | None,
    show: int,
    limit: int,
    as_json: bool,
    language: Language,
    **selection: Any,
) -> None:
    """Show the ways by which the finished work of a stream really went, how often each, and the steps between states.

    \b
    pegel variants Claims --lake my-lake
    pegel variants Claims --lake my-lake --show 95 --json
    """
    lake = open_lake(lake_path)
    names = selection.pop("policies") or (None,)
    if stream is not None:
        selection["streams"] = (*selection["streams"], stream)
    period = {
        name: None if selection[f"{name}_at"] is None else to_us(selection[f"{name}_at"]) for name in ("from", "until")
    }
    log = open_selected(lake, selection)
    policy = chosen_policy(lake, log, names[0])
    windows = attribute(log, policy, item_windows(log, policy))
    found = variants(log, policy, windows, from_us=period["from"], until_us=period["until"])
    drawn = ways(found, show / 100)
    count = min(drawn.variants, limit) if limit else drawn.variants
    if as_json:
        body = {**plain(found), "variants": found.variants.head(count), "steps": drawn.steps}
        print_json({**body, "policy": policy_body(policy), "distinct": found.variants.height})
        return
    for sentence in variants_sentences(found, language):
        console().print(sentence, markup=False)
    _show_ways(found, count, language)
    _show_steps(drawn.steps, language)


def _show_ways(found: Variants, count: int, language: Language) -> None:
    if not found.variants.height:
        return
    heads = ("way", "items", "share_of_items", "covered", "p50", "p85", "way_wait_share", "returns")
    print_table(
        say("variants.table", language, shown=count, total=found.variants.height),
        [(say(f"column.{name}", language), "left" if name == "way" else "right") for name in heads],
        (
            (
                way_text(row["states"], language, cut=row["cut"]),
                number(row["items"], language),
                percent(row["share"], language),
                percent(row["covered"], language),
                *("–" if row[name] is None else in_days(row[name], language) for name in ("p50", "p85")),
                "–" if row["wait_share"] is None else percent(row["wait_share"], language),
                number(row["returns"], language),
            )
            for row in found.variants.head(count).iter_rows(named=True)
        ),
    )


def _show_steps(steps: pl.DataFrame, language: Language) -> None:
    if not steps.height:
        return
    heads = (("from_state", "left"), ("to_state", "left"), ("moves", "right"), ("time_before", "right"),
             ("direction", "left"))  # fmt: skip
    print_table(
        say("variants.steps", language),
        [(say(f"column.{name}", language), side) for name, side in heads],
        (
            (
                state_name(row["from_state"], language),
                state_name(row["to_state"], language),
                number(row["moves"], language),
                in_days(row["p50"], language),
                say("variants.back", language) if row["back"] else "",
            )
            for row in steps.iter_rows(named=True)
        ),
    )
