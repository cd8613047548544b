"""``pegel import``: bring files into the lake."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import click

from pegel.cli.options import Moment, json_option, lake_option, language_option
from pegel.cli.output import console, plain, print_json, print_table
from pegel.cli.progress import Progress
from pegel.errors import AmbiguousInputError
from pegel.lake.importing import ImportResult
from pegel.lake.store import Lake, create_lake
from pegel.sources.formats import DateOrder, ReadOptions
from pegel.words import Language, say
from pegel.words.names import note_text, reason_text
from pegel.workbench import import_file, require_file


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@lake_option
@click.option("--stream", help="Value stream of all items. Default: what the file says, else its name.")
@click.option(
    "--format", "format_name", help="Name of the format (csv.transitions, jira.rest, xes …). Default: detect."
)
@click.option(
    "--column", "columns", multiple=True, metavar="ROLE=NAME", help="Column of a role: --column item=Key. Repeatable."
)
@click.option("--dates", "date_order", type=click.Choice(["ymd", "dmy", "mdy"]), help="Order of day and month.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone of times without offset, as Europe/Berlin.")
@click.option("--titles", is_flag=True, help="Take titles over (free text; off by default for privacy).")
@click.option("--attribute", "attributes", multiple=True, help="Further column or field to keep. Repeatable.")
@click.option("--encoding", help="Encoding of a text file. Default: detect.")
@click.option("--delimiter", help="Column delimiter. Default: detect.")
@click.option("--sheet", help="Sheet of a workbook. Default: the only one, or ask.")
@click.option("--object-type", help="Type of the objects that are the items, in an object-centric log (OCEL).")
@click.option("--seen-at", type=Moment(), help="When this was seen. Default: now.")
@json_option
@language_option
def import_command(
    files: tuple[Path, ...],
    lake_path: Path,
    format_name: str | None,
    columns: tuple[str, ...],
    seen_at: datetime | None,
    as_json: bool,
    language: Language,
    **options: Any,
) -> None:
    """Bring FILES into a lake: exports of trackers, CSV, XLSX, event logs.

    A file that was imported already changes nothing; an interrupted import goes on where it stopped; every row that
    could not be used is reported with its reason.

    \b
    pegel import export.csv --lake my-lake --stream "Claims"
    pegel import jira.json helpdesk.xes.gz --lake my-lake
    """
    roles = dict(_pair(text) for text in columns)
    chosen = ReadOptions(columns=roles, **options)
    for file in files:
        require_file(file)
    lake = create_lake(lake_path)
    results = []
    for file in files:
        results.append(_import_one(lake, file, chosen, format_name, seen_at or datetime.now(UTC), as_json, language))
        if not as_json:
            _show(lake, results[-1], language)
    if as_json:
        bodies = [import_body(result) for result in results]
        print_json(bodies[0] if len(bodies) == 1 else bodies)


def import_body(result: ImportResult) -> dict[str, Any]:
    """Return an import's result for programs: the account of every row at the top level."""
    body: dict[str, Any] = plain(result)
    account = body.pop("account")
    return {**body, "rows_read": result.account.rows_read, **account}


def _import_one(
    lake: Lake,
    file: Path,
    options: ReadOptions,
    format_name: str | None,
    seen_at: datetime,
    as_json: bool,
    language: Language,
) -> ImportResult:
    asks = sys.stdin.isatty() and sys.stderr.isatty() and not as_json
    while True:
        try:
            with Progress(file.name, shown=not as_json, language=language) as progress:
                return import_file(lake, file, options, seen_at=seen_at, format=format_name, on_part=progress.part)
        except AmbiguousInputError as error:
            if not asks:
                raise
            if error.code == "ambiguous_dates":
                choices = [str(choice) for choice in cast("list[str]", error.values.get("choices", ["dmy", "mdy"]))]
                question = say("cli.ask_dates", language, example=str(error.values.get("example")))
                answer = cast("DateOrder", click.prompt(question, type=click.Choice(choices), err=True))
                options = replace(options, date_order=answer)
            elif error.code == "ambiguous_format":
                names = cast("list[str]", error.values["candidates"])
                format_name = click.prompt(say("cli.ask_format", language), type=click.Choice(names), err=True)
            elif error.code == "ambiguous_object_type":
                names = [str(choice) for choice in cast("list[str]", error.values["choices"])]
                question = say("cli.ask_object_type", language)
                options = replace(options, object_type=click.prompt(question, type=click.Choice(names), err=True))
            else:
                raise


def _show(lake: Lake, result: ImportResult, language: Language) -> None:
    account = result.account
    rows = [
        (say(f"cli.fate.{name}", language), say("cli.number", language, value=getattr(account, name)))
        for name in ("rows_read", "accepted", "merged", "duplicate", "ignored", "rejected")
    ]
    rows += [
        (say(f"cli.records.{name}", language), say("cli.number", language, value=getattr(account, name)))
        for name in ("items", "transitions", "field_changes", "links")
    ]
    title = say(
        f"cli.import.{result.status}", language, file=result.file, source=result.source, import_id=result.import_id
    )
    print_table(title, [("", "left"), ("", "right")], rows)
    if not account.rows_read:
        console().print("  " + say("cli.no_rows", language), markup=False)
    for code, count in sorted(account.reasons.items()):
        reason = reason_text(code, language)
        console().print("  " + say("cli.reason", language, reason=reason, count=count), markup=False)
    for code, count in sorted(account.warnings.items()):
        reason = reason_text(code, language)
        console().print("  " + say("cli.warning", language, reason=reason, count=count), markup=False)
    for code, value in result.notes.items():
        console().print("  " + note_text(code, value, language), markup=False)
    if account.rejected:
        console().print("  " + say("cli.see_rejects", language, lake=str(lake.root)), markup=False)
    if result.left_out:
        console().print("  " + say("cli.left_out", language, columns=list(result.left_out)), markup=False)


def _pair(text: str) -> tuple[str, str]:
    role, separator, name = text.partition("=")
    if not separator or not role or not name:
        raise click.BadParameter(f"{text!r}: write ROLE=NAME, for example item=Key.", param_hint="--column")
    return role.strip(), name
