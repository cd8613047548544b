"""``pegel network``: who waits for whom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import polars as pl

from pegel.cli.flow import chosen_policy, open_selected, policy_body
from pegel.cli.options import json_option, lake_option, language_option, selection_options
from pegel.cli.output import console, plain, print_json, print_table
from pegel.errors import NotFoundError
from pegel.eventlog.policy import Policy
from pegel.flow.log import FlowLog
from pegel.lake.store import open_lake
from pegel.network import LoadTransfer, StreamNetwork, if_relieved
from pegel.words import Language, say
from pegel.words.dates import day_text
from pegel.words.durations import duration, in_days
from pegel.words.load_transfer import range_text, transfer_sentences
from pegel.words.names import term
from pegel.words.network import named_items, network_sentences
from pegel.words.numbers import number, percent
from pegel.workbench import moved_load
from pegel.workbench import network as network_of


@click.command("network")
@lake_option
@selection_options
@click.option("--items", "board", is_flag=True, help="List the dependencies between items too.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(0), help="Most items shown; 0: all.")
@click.option(
    "--relieve", metavar="STREAM=PERCENT", help="Say what would go if others waited so much less for a stream."
)
@click.option(
    "--move", metavar="FROM=TO=ITEMS", help="Say what would change if so many items a week arrived at another stream."
)
@click.option(
    "--capacity",
    type=click.IntRange(0, 100),
    default=0,
    show_default=True,
    help="With --move: percent of the capacity that goes with them.",
)
@json_option
@language_option
def network(
    lake_path: Path,
    board: bool,
    limit: int,
    relieve: str | None,
    move: str | None,
    capacity: int,
    as_json: bool,
    language: Language,
    **selection: Any,
) -> None:
    """Show which value stream waits for which: blocked work, work that moves on, chains and circles.

    \b
    pegel network --lake my-lake
    pegel network --lake my-lake --items --relieve "IT=30"
    pegel network --lake my-lake --move "IT=Claims=3" --capacity 10
    """
    lake = open_lake(lake_path)
    names = selection.pop("policies") or (None,)
    log = open_selected(lake, selection)
    policy = chosen_policy(lake, log, names[0])
    found = network_of(log, policy=policy)
    items = lake.item_names(named_items(found, None if as_json or not limit else limit))
    relieved = None if relieve is None else _relieved(found, relieve)
    moved = None if move is None else _moved(log, policy, move, capacity / 100)
    if as_json:
        body = {**plain(replace(found, cases=found.cases.clear())), "policy": policy_body(policy), "items": items}
        if relieved is not None:
            body["relieved"] = dict(zip(_RELIEVED, relieved, strict=True))
        if moved is not None:
            body["moved"] = plain(moved)
        print_json(body)
        return
    for sentence in network_sentences(found, language, items):
        console().print(sentence, markup=False)
    if relieved is not None:
        stream, share, days = relieved
        time = duration(days, language, unit=found.unit)
        said = say("network.relieved", language, share=percent(share, language), stream=stream, time=time)
        console().print(said, markup=False)
    if moved is not None:
        _show_moved(moved, language)
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


def _moved(log: FlowLog, policy: Policy, text: str, share: float) -> LoadTransfer:
    try:
        giver, taker, amount = text.rsplit("=", 2)
        items = int(amount)
    except ValueError:
        giver, taker, items = "", "", 0
    if items < 1 or giver == taker:
        raise click.BadParameter(f"{text!r}: write FROM=TO=ITEMS, for example IT=Claims=3.", param_hint="--move")
    return moved_load(log, giver, taker, items_per_week=items, capacity_share=share, policy=policy)


def _show_moved(found: LoadTransfer, language: Language) -> None:
    for sentence in transfer_sentences(found, language):
        console().print(sentence, markup=False)
    if not found.sides:
        return
    heads = ("stream", "transfer_measure", "transfer_before", "transfer_after", "transfer_difference")
    print_table(
        say("transfer.table", language),
        [(say(f"column.{name}", language), "left") for name in heads],
        (
            (
                side.stream or say("transfer.together", language),
                term("transfer_measure", one.measure, language),
                *(range_text(part, language) for part in (one.before, one.after, one.difference)),
            )
            for side in found.sides
            for one in side.measures
        ),
    )
    console().print(say("transfer.basis", language, weeks=found.weeks, runs=found.runs), markup=False)
    for code in found.assumptions:
        console().print(f"- {term('assumption', code, language)}", markup=False)


def _show_edges(edges: pl.DataFrame, language: Language) -> None:
    if not edges.height:
        return
    counted = ("volume", "per_week", "open_edges", "waited_days", "edge_p50", "edge_p85", "overtaken")
    heads = ("from_stream", "edge", "to_stream", *counted)
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
                *(
                    "–" if row[name] is None else in_days(row[name], language)
                    for name in ("waited_days", "p50_days", "p85_days")
                ),
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
