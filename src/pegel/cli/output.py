"""How results are printed: tables for people, JSON for programs, errors in words."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from itertools import pairwise
from typing import Any, cast

import click
import polars as pl
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pegel.cli.options import default_language
from pegel.errors import PegelError
from pegel.eventlog.schema import from_us
from pegel.words import Language, say
from pegel.words.explanation import explain

#: Moments at the beginning of a day or week are printed as a date.
_DATES = {"week_us": "week", "day_us": "day"}


def plain(value: Any) -> Any:
    """Return a result as plain JSON values.

    Dataclasses and tables become objects and lists of objects; ``…_us`` moments become ISO 8601 text named ``…_at``
    (``week`` and ``day`` as dates).
    """
    if isinstance(value, pl.DataFrame):
        return [_named(row.items()) for row in value.iter_rows(named=True)]
    if is_dataclass(value) and not isinstance(value, type):
        return _named((one.name, getattr(value, one.name)) for one in fields(value))
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(one) for one in value)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def _named(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in pairs:
        if name in _DATES and isinstance(value, int):
            out[_DATES[name]] = from_us(value).date().isoformat()
        elif name.endswith("_us") and (value is None or isinstance(value, int)):
            out[f"{name[:-3]}_at"] = None if value is None else from_us(value).isoformat()
        else:
            out[name] = plain(value)
    return out


def print_json(value: Any) -> None:
    """Print a result as JSON (UTF-8, two blanks of indentation)."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def print_table(title: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; ``columns``: (heading, "left" | "right")."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading, justify in columns:
        table.add_column(escape(heading), justify=cast("Any", justify), overflow="fold")
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    screen = console()
    if title:
        screen.print(title, markup=False, style="bold")
    screen.print(table)


def console() -> Console:
    """Return the console on standard output; a file or pipe gets the full width."""
    return Console(width=None if sys.stdout.isatty() else 120, highlight=False, markup=True)


def show_error(error: PegelError, *, as_json: bool, arguments: Sequence[str] = ()) -> None:
    """Say on standard error what went wrong and what to do."""
    if as_json:
        body = {"error": error.code, "values": plain(dict(error.values))}
        click.echo(json.dumps(body, ensure_ascii=False, default=str), err=True)
        return
    language = _language_of(arguments)
    words = explain(error, language)
    click.echo(f"{words.says}\n{words.do}".strip(), err=True)


def show_interrupted(arguments: Sequence[str]) -> None:
    """Say on standard error that a person has stopped the command, and what that means."""
    click.echo(say("cli.interrupted", _language_of(arguments)), err=True)


def _language_of(arguments: Sequence[str]) -> Language:
    for option, value in pairwise(arguments):
        if option == "--language" and value in ("de", "en"):
            return cast("Language", value)
    return default_language()
