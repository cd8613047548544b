"""``pegel export``: the log as files for other programs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from pegel.cli.options import Moment, json_option, lake_option, language_option
from pegel.cli.output import console, print_json, print_table
from pegel.cli.progress import Progress
from pegel.exports import FORMATS, ExportFormat, ExportResult, export_log
from pegel.exports.parquet import TABLES
from pegel.lake.importing import Account
from pegel.lake.store import open_lake
from pegel.words import Language, say


@click.command("export")
@lake_option
@click.option("--format", "format_name", required=True, type=click.Choice(FORMATS), help="What to write.")
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write (compressed if it ends in .gz); with parquet a folder.",
)
@click.option(
    "--stream",
    "streams",
    multiple=True,
    help="Value stream; repeat for several. Items that are or were in it, with their whole life. Default: all.",
)
@click.option("--as-of", type=Moment(), help="Write nothing that happened later (event time).")
@click.option("--known-at", type=Moment(), help="Write nothing that was imported later (seen time).")
@click.option("--titles", is_flag=True, help="Write titles, where the lake has them (free text; off by default).")
@click.option("--overwrite", is_flag=True, help="Replace an earlier export of that name.")
@json_option
@language_option
def export_command(
    lake_path: Path,
    format_name: ExportFormat,
    output: Path,
    streams: tuple[str, ...],
    as_of: datetime | None,
    known_at: datetime | None,
    titles: bool,
    overwrite: bool,
    as_json: bool,
    language: Language,
) -> None:
    """Write the log as files: csv to read back, xes for process mining, parquet for notebooks and archives.

    The file is written whole or not at all. People appear as pseudonyms, as in the lake.

    \b
    pegel export --lake my-lake --format csv --output log.csv
    pegel export --lake my-lake --format xes --output claims.xes.gz --stream Claims
    pegel export --lake my-lake --format parquet --output log --as-of 2026-06-30
    """
    lake = open_lake(lake_path)
    with Progress(output.name, shown=not as_json, language=language) as progress:
        result = export_log(
            lake,
            output,
            format=format_name,
            streams=frozenset(streams) or None,
            as_of=as_of,
            known_at=known_at,
            titles=titles,
            overwrite=overwrite,
            readme=readme_text(language),
            on_part=lambda rows, share: progress.part(Account(accepted=rows), share),
        )
    if as_json:
        print_json({"format": result.format, "path": str(result.path), **_counts(result)})
    else:
        _show(result, language)


def readme_text(language: Language) -> str:
    """Return what stands beside the Parquet files: the tables and columns in words."""
    parts = [say("export.readme.title", language), say("export.readme.intro", language)]
    for table, columns in TABLES.items():
        lines = [f"  {name:12} {_column(table, name, language)}" for name in columns]
        parts.append("\n".join([f"{table}.parquet: {say(f'export.table.{table}', language)}", *lines]))
    parts.append(say("export.readme.order", language))
    return "\n\n".join(parts) + "\n"


def _column(table: str, name: str, language: Language) -> str:
    meanings = {"links.item": "link_item", "links.kind": "link_kind", "links.at": "link_at"}
    return say(f"export.column.{meanings.get(f'{table}.{name}', name)}", language)


def _counts(result: ExportResult) -> dict[str, object]:
    return {"items": result.items, "rows": result.rows, "bytes": result.bytes, "remarks": result.remarks}


def _show(result: ExportResult, language: Language) -> None:
    counts = {"items": result.items, **result.rows, "bytes": result.bytes}
    print_table(
        say("export.written", language, file=str(result.path)),
        [("", "left"), ("", "right")],
        [
            (say(f"export.count.{name}", language), say("cli.number", language, value=value))
            for name, value in counts.items()
        ],
    )
    for code, count in sorted(result.remarks.items()):
        console().print("  " + say(f"export.remark.{code}", language, n=count), markup=False)
    if not result.items:
        console().print("  " + say("export.nothing", language), markup=False)
