"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import click

from pegel.words import Language

_Command = TypeVar("_Command", bound=Callable[..., Any])
DEFAULT_LAKE: Final = "pegel-lake"


def lake_option(command: _Command) -> _Command:
    """Add ``--lake``."""
    return click.option(
        "--lake",
        "lake_path",
        type=click.Path(path_type=Path, file_okay=False),
        default=lambda: os.environ.get("PEGEL_LAKE", DEFAULT_LAKE),
        show_default=f"$PEGEL_LAKE or ./{DEFAULT_LAKE}",
        help="Folder of the lake.",
    )(command)


def json_option(command: _Command) -> _Command:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs instead of a table.")(command)


def language_option(command: _Command) -> _Command:
    """Add ``--language``."""
    return click.option(
        "--language",
        type=click.Choice(["de", "en"]),
        default=default_language,
        show_default="$PEGEL_LANGUAGE, else that of the terminal",
        help="Language of what is shown.",
    )(command)


def default_language() -> Language:
    """Return the language that the environment asks for: PEGEL_LANGUAGE, else LC_ALL, LC_MESSAGES, LANG."""
    for name in ("PEGEL_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value[:2] in ("de", "en"):
            return cast("Language", value[:2])
    return "en"


class Moment(click.ParamType[datetime]):
    """A date or a time: 2026-01-31, 2026-01-31T14:00, 2026-01-31T14:00+01:00; without offset UTC."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read a moment."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date or time such as 2026-01-31 or 2026-01-31T14:00+01:00.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def selection_options(command: _Command) -> _Command:
    """Add the options that choose what a figure is for: stream, period, rules, moment."""
    options = [
        click.option("--stream", "streams", multiple=True, help="Value stream; repeat for several. Default: all."),
        click.option("--from", "from_at", type=Moment(), help="First moment of the period. Default: the first event."),
        click.option("--until", "until_at", type=Moment(), help="End of the period, not included. Default: the last."),
        click.option("--policy", "policies", multiple=True, help="Name of a policy, or a policy file."),
        click.option("--calendar", help="Name of a calendar (elapsed, de, de-BY …), or a calendar file."),
        click.option("--as-of", type=Moment(), help="See nothing that happened later (event time)."),
        click.option("--known-at", type=Moment(), help="See nothing that was imported later (seen time)."),
    ]
    for option in reversed(options):
        command = option(command)
    return command
