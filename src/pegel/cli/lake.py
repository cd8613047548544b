"""``pegel lake``: look after the lake."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from pegel.cli.options import json_option, lake_option, language_option
from pegel.cli.output import console, print_json, print_table
from pegel.eventlog.schema import from_us, to_us
from pegel.lake.store import open_lake
from pegel.words import Language, say
from pegel.words.dates import moment_text
from pegel.words.names import reason_text


@click.group()
def lake() -> None:
    """Show what was imported, take an import back, clean up."""


@lake.command("info")
@lake_option
@json_option
@language_option
def info(lake_path: Path, as_json: bool, language: Language) -> None:
    """List the imports and what lies on disk.

    \b
    pegel lake info --lake my-lake
    """
    opened = open_lake(lake_path)
    imports = [
        {
            "import_id": line["import_id"],
            "file": line["file"],
            "source": line["source"],
            "seen_at": from_us(line["at_us"]).isoformat(),
            "event": line["event"],
            **{name: json.loads(line["result"])["account"][name] for name in ("rows_read", "items", "transitions")},
            "rejected": json.loads(line["result"])["account"]["rejected"],
        }
        for line in opened.register().lines
    ]
    if as_json:
        state = opened.prepared()
        prepared = {"segments": len(state.segments), "intervals": state.rows}
        print_json({"lake": str(lake_path), "streams": opened.streams(), "imports": imports, "prepared": prepared})
        return
    headings = ("import_id", "file", "source", "seen", "event", "rows_read", "items", "transitions", "rejected")
    numeric = ("rows_read", "items", "transitions", "rejected")
    print_table(
        say("cli.lake.imports", language),
        [(say(f"cli.column.{name}", language), "right" if name in numeric else "left") for name in headings],
        (
            (
                line["import_id"],
                line["file"],
                line["source"],
                moment_text(to_us(datetime.fromisoformat(line["seen_at"])), language),
                say(f"cli.lake.{line['event']}", language),
                *(say("cli.number", language, value=line[name]) for name in numeric),
            )
            for line in imports
        ),
    )


@lake.command("rejects")
@lake_option
@click.option("--import", "import_id", help="Only those of one import.")
@json_option
@language_option
def rejects(lake_path: Path, import_id: str | None, as_json: bool, language: Language) -> None:
    """List the rejected rows with their reasons.

    \b
    pegel lake rejects --lake my-lake --import 000001-1a2b3c4d
    """
    opened = open_lake(lake_path)
    table = opened.rejects(import_id)
    if as_json:
        print_json(table)
        return
    print_table(
        say("cli.lake.rejects", language),
        [(say(f"cli.column.{name}", language), "left") for name in ("import_id", "row", "reason", "detail")],
        (
            (row["import_id"], str(row["row"]), reason_text(row["reason"], language), row["detail"] or "")
            for row in table.iter_rows(named=True)
        ),
    )


@lake.command("undo")
@lake_option
@click.argument("import_id")
@json_option
@language_option
def undo(lake_path: Path, import_id: str, as_json: bool, language: Language) -> None:
    """Take the import IMPORT_ID back: what it alone said is gone from every figure.

    \b
    pegel lake undo 000001-1a2b3c4d --lake my-lake
    """
    open_lake(lake_path).undo(import_id)
    if as_json:
        print_json({"undone": import_id})
        return
    console().print(say("cli.lake.undo", language, import_id=import_id), markup=False)


@lake.command("vacuum")
@lake_option
@json_option
@language_option
def vacuum(lake_path: Path, as_json: bool, language: Language) -> None:
    """Delete from disk what no reader can see: undone and abandoned imports, replaced files.

    \b
    pegel lake vacuum --lake my-lake
    """
    counts = open_lake(lake_path).vacuum()
    if as_json:
        print_json(counts)
        return
    console().print(say("cli.lake.vacuum", language, **counts), markup=False)
