"""Writes the generated parts of ``docs/reference``: what the code itself knows about commands, formats, tables, errors.

A page holds its generated parts between two comment lines::

    <!-- generated: NAME -->
    …
    <!-- end generated -->

Run ``python docs/generate_reference.py`` after changing one of these things; a test compares.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final, get_args

import click
from pydantic import HttpUrl, PostgresDsn, SecretStr
from pydantic.fields import FieldInfo

from pegel import errors
from pegel.cli import pegel
from pegel.eventlog import calendar, calendar_file, policy, schema, workflow
from pegel.lake import tables
from pegel.sources import dates_only
from pegel.sources.azure_boards import columns as azure_boards
from pegel.sources.jira import changelog as jira_changelog
from pegel.sources.jira import csv_export as jira_csv
from pegel.sources.jira.to_events import STATUS_CATEGORIES
from pegel.sources.servicenow import rows as servicenow_rows
from pegel.sources.servicenow import to_events as servicenow
from pegel.sources.transitions import columns as transitions
from pegel.sources.xes import to_events as xes
from pegel.words.catalogue import codes, forms_of, has, include, say
from pegel_web.config.env import Environment

#: Apps whose words stand in the pages, too.
for _app in ("core", "ui", "jobs", "search", "organisation", "privacy", "flow", "commands", "demo"):
    include(f"pegel_web.{_app}")

REFERENCE: Final = Path(__file__).parent / "reference"
SOURCE: Final = Path(errors.__file__).parent
_PART: Final = re.compile(r"(<!-- generated: ([\w.-]+) -->\n).*?(<!-- end generated -->)", re.DOTALL)

#: What the columns of the event log mean. A column without an entry here ends in a KeyError: describe it.
_COLUMNS: Final = {
    "row_id": "id of the record within its table, for good: an import that confirms or takes over the record names it",
    "table": "table of the record that an import said again",
    "line_no": "order in which the lines were written",
    "rescued": "further parts: records taken over from imports that were undone",
    "row": "number of the source row that the record came from, from 1; not stored, except for rejected rows",
    "item": "id of the item in its tool, unique within the lake",
    "item_no": "number of the item within the lake; stands for its id",
    "stream": "value stream the item is in today",
    "type": "work item type today; null: the source has none",
    "parent": "id of the parent item",
    "created_us": "when it was created; null: unknown",
    "title": "title; only where switched on (`--titles`)",
    "attributes": "further fields that were asked for (`--attribute`), as a JSON object of strings",
    "at_us": "event time; of a link: since when, null: unknown; of an import: when it was committed",
    "sequence": "order among equal times of one item",
    "occurrence": "1, 2 … among events of an item with the same time and value",
    "from_state": "state before; null: the source does not say",
    "to_state": "state that begins",
    "actor": "who did it: a pseudonym in the lake, the raw identity only while a file is read",
    "field": "assignee, team, priority, rank, type, stream, flag, comment_count, parent, deleted …",
    "from_value": "value before; of personal fields a pseudonym",
    "to_value": "value after; of personal fields a pseudonym",
    "kind": "`blocks`, `parent` (the item is the parent of the other), `relates`, `duplicates`",
    "other": "id of the other item",
    "seen_us": "seen time: when the lake learned of it",
    "import_no": "number of the import that brought it",
    "import_id": "name of the import",
    "event": "`committed` or `undone`; the last line of an import counts",
    "parts": "how many parts the import has",
    "source": "format that was read",
    "file": "name of the file",
    "fingerprint": "hash of content and options: the same one is never imported twice",
    "earliest_us": "first event of the import",
    "latest_us": "last event of the import that is not in the future",
    "result": "the import's account of its rows and findings, as JSON",
    "reason": "why the row was rejected, a code",
    "detail": "the offending value, cut to 200 characters",
}

#: What a person writes for a kind of setting.
_KINDS: Final = {
    Path: "path",
    PostgresDsn: "address",
    HttpUrl: "address",
    SecretStr: "secret text",
    str: "text",
    int: "whole number",
    bool: "`true`, `false`",
}


def rendered(page: str) -> str:
    """Return a page with its generated parts written anew."""
    return _PART.sub(lambda match: f"{match[1]}\n{PARTS[match[2]]().strip()}\n\n{match[3]}", page)


# -- commands ------------------------------------------------------------------------------------------------------


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, with its full name, sorted."""
    pending: list[tuple[str, click.Command]] = [("pegel", pegel)]
    found: list[tuple[str, click.Command]] = []
    while pending:
        name, command = pending.pop()
        if isinstance(command, click.Group):
            context = click.Context(command)
            children = ((child, command.get_command(context, child)) for child in command.list_commands(context))
            pending += [(f"{name} {child}", one) for child, one in children if one is not None]
        else:
            found.append((name, command))
    yield from sorted(found, key=lambda pair: pair[0])


def _commands() -> str:
    return "\n\n".join(_command(name, command) for name, command in commands())


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    parts = [f"## {name}", _help(command.help or "")]
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    usage = " ".join([name, "[OPTIONS]", *(one.make_metavar(context) for one in arguments)])
    parts.insert(1, f"```text\n{usage}\n```")
    records = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
    rows = [(f"`{_cell(record[0])}`", _cell(record[1])) for record in records if record]
    return "\n\n".join([*parts, _table(("option", "meaning"), rows)])


def _help(text: str) -> str:
    """Paragraphs of a help text; one that begins with a backspace is an example."""
    out: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph.lstrip().startswith("\b"):
            lines = [line.strip() for line in paragraph.strip().strip("\b").strip().splitlines()]
            out.append("```sh\n" + "\n".join(lines) + "\n```")
        else:
            out.append(" ".join(paragraph.split()).replace("``", "`"))
    return "\n\n".join(out)


# -- formats -------------------------------------------------------------------------------------------------------


def _headers(roles: Iterable[tuple[str, Sequence[str]]]) -> str:
    return _table(("role", "headers that mean it"), ((f"`{role}`", ", ".join(names)) for role, names in roles))


def _mapping(heading: tuple[str, str], pairs: Iterable[tuple[str, str]]) -> str:
    return _table(heading, ((f"`{left}`", f"`{right}`") for left, right in pairs))


# -- event log -----------------------------------------------------------------------------------------------------


def _schema() -> str:
    return "\n\n".join(f"### `{name}`\n\n{_columns(columns)}" for name, columns in schema.TABLES.items())


def _stored() -> str:
    stored = {**tables.STORED, "imports": tables.IMPORTS}
    return "\n\n".join(f"### `{name}` on disk\n\n{_columns(columns)}" for name, columns in stored.items())


def _columns(columns: dict[str, object]) -> str:
    rows = ((f"`{name}`", f"`{kind!s}`", _COLUMNS[name]) for name, kind in columns.items())
    return _table(("column", "type", "meaning"), rows)


# -- files that people write ---------------------------------------------------------------------------------------


def _policies() -> str:
    return "\n\n".join(
        f"### `{name}`\n\n{say(f'policy.{name}.meaning', 'en')}\n\n```yaml\n{policy.dump_policy(one).strip()}\n```"
        for name, one in policy.BUILT_IN.items()
    )


def _calendars() -> str:
    rows: list[tuple[str, str]] = []
    for name in calendar.BUILT_IN:
        built_in = calendar.built_in_calendar(name)
        if built_in is None:
            rows.append((f"`{name}`", "no calendar: all time counts"))
        else:
            data = calendar_file.dump_calendar(built_in).splitlines()[2:]
            rows.append((f"`{name}`", ", ".join(line.strip() for line in data if line != "hours:")))
    return _table(("name", "content"), rows)


def _vocabulary() -> str:
    hidden = {workflow.StateCategory.UNMAPPED, workflow.StateCategory.DELETED}
    words = {
        "category": [one for one in workflow.StateCategory if one not in hidden],
        "phase": list(workflow.Phase),
        "friction": list(workflow.Friction),
        "kind": list(workflow.FlowItemKind),
    }
    rows = [
        (key, f"`{one.value}`", say(f"{key}.{one.value}", "en"), say(f"{key}.{one.value}", "de"))
        for key, kinds in words.items()
        for one in kinds
    ]
    return _table(("key", "word", "English", "Deutsch"), rows)


# -- settings ------------------------------------------------------------------------------------------------------


def _settings() -> str:
    rows = []
    for name, one in Environment.model_fields.items():
        default = "" if one.default is None else str(one.default)
        rows.append((f"`PEGEL_{name.upper()}`", _kind(one), f"`{default}`" if default else "", one.description or ""))
    return _table(("variable", "value", "default", "meaning"), rows)


def _kind(one: FieldInfo) -> str:
    """Return what may stand there: the names of a choice, or the kind of value."""
    kinds = [kind for kind in get_args(one.annotation) or (one.annotation,) if kind is not type(None)]
    if all(isinstance(kind, str) for kind in kinds):
        return ", ".join(f"`{kind}`" for kind in kinds)
    return ", ".join(_KINDS[kind] for kind in kinds)


# -- errors --------------------------------------------------------------------------------------------------------


@cache
def raised_codes() -> dict[str, type[errors.PegelError]]:
    """Return the code of every error that the source raises, with its class."""
    classes = {
        name: one for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.PegelError)
    }
    found: dict[str, type[errors.PegelError]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in classes and node.args and isinstance(node.args[0], ast.Constant):
                found[str(node.args[0].value)] = classes[name]
            # Handed on as a value: ``read_settings(text, unreadable=CODE)``, ``BrokenMarkup(place, code=CODE)``.
            for keyword in node.keywords:
                if keyword.arg in ("unreadable", "code") and isinstance(keyword.value, ast.Constant):
                    found[str(keyword.value.value)] = errors.InputError
    return found


def _exit_codes() -> str:
    kinds: list[type[errors.PegelError]] = [
        errors.UserError,
        errors.InputError,
        errors.AmbiguousInputError,
        errors.NotFoundError,
        errors.BusyError,
        errors.InternalError,
    ]
    rows = [("`0`", "", "done")]
    rows += [(f"`{one.exit_code}`", f"`{one.__name__}`", _first_line(one)) for one in kinds]
    return _table(("exit code", "error", "meaning"), [*rows, ("`130`", "", "interrupted (Ctrl-C)")])


def _errors() -> str:
    raised = raised_codes()
    kinds = (errors.AmbiguousInputError, errors.BusyError, errors.InputError, errors.NotFoundError, errors.UserError)
    rows = []
    for code in sorted(raised):
        if raised[code] in kinds:
            exit_code = raised[code].exit_code
            rows.append((f"`{code}`", f"{exit_code}", _worded(f"error.{code}", "en"), _worded(f"error.{code}", "de")))
    return _table(("code", "exit", "English", "Deutsch"), rows)


def _group(prefix: str) -> str:
    """Every code of a group with its words."""
    listed = [code for code in codes() if code.startswith(prefix)]
    rows = ((f"`{code.removeprefix(prefix)}`", _worded(code, "en"), _worded(code, "de")) for code in listed)
    return _table(("code", "English", "Deutsch"), rows)


def _worded(code: str, language: str) -> str:
    parts = [one for one in (code, f"{code}.do") if has(one)]
    return " ".join(forms_of(one, language)["other"] for one in parts)  # type: ignore[arg-type]  # de or en


def _first_line(one: type) -> str:
    return (one.__doc__ or "").strip().splitlines()[0]


# -- tables --------------------------------------------------------------------------------------------------------


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


PARTS: Final[dict[str, Callable[[], str]]] = {
    "settings": _settings,
    "commands": _commands,
    "headers.csv.transitions": lambda: _headers(transitions.HEADERS.items()),
    "headers.csv.dates": lambda: _headers(dates_only.ROLES.items()),
    "headers.jira.csv": lambda: _headers(jira_csv.ROLES.items()),
    "headers.azure_boards.query": lambda: _headers(azure_boards.QUERY_ROLES.items()),
    "headers.azure_boards.revisions": lambda: _headers(azure_boards.REVISION_ROLES.items()),
    "fields.jira.rest": lambda: _mapping(("Jira's field", "event log"), jira_changelog.FIELDS.items()),
    "categories.jira.rest": lambda: _mapping(("Jira's status category", "hint"), STATUS_CATEGORIES.items()),
    "fields.servicenow.table": lambda: _mapping(("ServiceNow's field", "event log"), servicenow.FIELDS.items()),
    "states.servicenow.table": lambda: _table(
        ("code", "state of the base system", "hint"),
        (
            (f"`{code}`", servicenow_rows.STATES.get(code, "–"), f"`{kind}`")
            for code, kind in servicenow_rows.CATEGORIES.items()
        ),
    ),
    "keys.xes": lambda: _mapping(("role", "key"), xes.STANDARD_KEYS.items()),
    "schema": _schema,
    "stored": _stored,
    "policies": _policies,
    "calendars": _calendars,
    "vocabulary": _vocabulary,
    "exit-codes": _exit_codes,
    "errors": _errors,
    "row-reasons": lambda: _group("row."),
    "notes": lambda: _group("note."),
    "metric-reasons": lambda: _group("reason."),
}


def main() -> None:
    """Write every page whose generated parts have changed."""
    for path in sorted(REFERENCE.glob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = rendered(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
