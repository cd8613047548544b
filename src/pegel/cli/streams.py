"""``pegel streams``: which value streams the lake holds."""

from __future__ import annotations

from pathlib import Path

import click

from pegel.cli.options import json_option, lake_option, language_option
from pegel.cli.output import print_json, print_table
from pegel.lake.store import open_lake
from pegel.lake.stream_table import stream_table
from pegel.words import Language, say
from pegel.words.dates import day_text


@click.command()
@lake_option
@json_option
@language_option
def streams(lake_path: Path, as_json: bool, language: Language) -> None:
    """List the value streams: items, states, first and last event, how their states are mapped.

    \b
    pegel streams --lake my-lake
    """
    table = stream_table(open_lake(lake_path))
    if as_json:
        print_json(table)
        return
    columns = [
        (say("cli.column.stream", language), "left"),
        (say("cli.column.items", language), "right"),
        (say("cli.column.states", language), "right"),
        (say("cli.column.first", language), "right"),
        (say("cli.column.last", language), "right"),
        (say("cli.column.mapping", language), "left"),
    ]
    print_table(
        say("cli.streams", language),
        columns,
        (
            (
                row["stream"],
                say("cli.number", language, value=row["items"]),
                say("cli.number", language, value=row["states"]),
                day_text(row["first_us"], language),
                day_text(row["last_us"], language),
                say(f"cli.mapping.{row['mapping']}", language),
            )
            for row in table.iter_rows(named=True)
        ),
    )
