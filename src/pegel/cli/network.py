"""``pegel network``: who waits for whom."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import polars as pl

from pegel.cli.flow import chosen_policy, open_selected, policy_body
from pegel.cli.options import json_option, lake_option, language_option, selection_options
from pegel.cli.output import console, plain, print_json, print_table
from pegel.errors import NotFoundError
from pegel.lake.store import open_lake
from pegel.network import StreamNetwork, if_relieved
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.durations import duration, in_days
from pegel.words.names import term
from pegel.words.network import named_items, network_sentences
from pegel.words.numbers import number, percent
from pegel.workbench import network as network_of


@click.command("network")
@lake_option
@selection_options
@click.option("--items", "board", is_flag=True, help="List the dependencies between items too.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(0), help="Most items shown; 0: all.")
@click.option(
    "--relieve", metavar="STREAM=PERCENT", help="Say what would go if others waited so much less for a stream."
)
@json_option
@language_option
def network(
    lake_path: Path,
    board: bool,
    limit: int,
    relieve: str | None,
    as_json: bool,
    language: Language,
    **selection: Any,
) -> None:
    """Show which value stream waits for which: blocked work, work that moves on, chains and circles.

    \b
    pegel network --lake my-lake
    pegel network --lake my-lake --items --relieve "IT=30"
    """
    lake = open_lake(lake_path)
    names = selection.pop("policies") or (None,)
    log = open_selected(lake, selection)
    policy = chosen_policy(lake, log, names[0])
    found = network_of(log, policy=policy)
    items = lake.item_names(named_items(found, None if as_json or not limit else limit))
    relieved = None if relieve is None else _relieved(found, relieve)
    if as_json:
        body = {**plain(found), "policy": policy_body(policy), "items": items}
        print_json(body if relieved is None else {**body, "relieved": dict(zip(_RELIEVED, relieved, strict=True))})
        return
    for sentence in network_sentences(found, language, items):
        console().print(sentence, markup=False)
    if relieved is not None:
        stream, share, days = relieved
        time = duration(days, language, unit=found.unit)
        said = say("network.relieved", language, share=percent(share, language), stream=stream, time=time)
        console().print(said, markup=False)
    _show_edges(found.edges, language)
    if board:
        _show_board(found.dependencies.board, items, limit, language)


_RELIEVED = ("stream", "share", "days")


def _relieved(found: StreamNetwork, text: str) -> tuple[str, float, float]:
    stream, separator, amount = text.rpartition("=")
    try:
        share = float(amount.rstrip("%")) / 100
    except ValueError:
        share = -1.0
    if not separator or not 0 <= share <= 1:
        raise click.BadParameter(f"{text!r}: write STREAM=PERCENT, for example IT=30.", param_hint="--relieve")
    if stream not in found.nodes["stream"]:
        raise NotFoundError("unknown_stream", name=stream, known=sorted(found.nodes["stream"]))
    return stream, share, if_relieved(found, stream, share)


def _show_edges(edges: pl.DataFrame, language: Language) -> None:
    if not edges.height:
        return
    heads = ("from_stream", "edge", "to_stream", "volume", "per_week", "open_edges", "waited_days", "overtaken")
    texts = ("from_stream", "edge", "to_stream")
    print_table(
        say("network.edges", language),
        [(say(f"column.{name}", language), "left" if name in texts else "right") for name in heads],
        (
            (
                row["from_stream"],
                term("edge", row["kind"], language),
                row["to_stream"],
                number(row["volume"], language),
                number(row["per_week"], language, decimals=1),
                number(row["open"], language),
                "–" if row["waited_days"] is None else in_days(row["waited_days"], language),
                "–" if row["overtaken"] is None else percent(row["overtaken"], language),
            )
            for row in edges.iter_rows(named=True)
        ),
    )


def _show_board(board: pl.DataFrame, items: dict[int, str], limit: int, language: Language) -> None:
    shown = board.head(limit) if limit else board
    heads = ("blocked", "blocker", "blocker_stream", "blocker_team", "dependency", "since", "age_days", "waited_days")
    print_table(
        say("network.board", language, shown=shown.height, total=board.height),
        [(say(f"column.{name}", language), "right" if name.endswith("days") else "left") for name in heads],
        (
            (
                items.get(row["blocked"], str(row["blocked"])),
                items.get(row["blocker"], str(row["blocker"])),
                row["blocker_stream"],
                row["blocker_team"] or "–",
                term("dependency", row["status"], language),
                day_text(row["since_us"], language),
                in_days(row["age_days"], language),
                in_days(row["waited_days"], language),
            )
            for row in shown.iter_rows(named=True)
        ),
    )
