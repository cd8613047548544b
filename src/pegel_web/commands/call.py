"""``pegel call``: the tools of agents, from the command line, with the rights of a personal token."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import click

from pegel.cli.options import default_language
from pegel.cli.output import print_json, print_table
from pegel.errors import UserError
from pegel.words import say

if TYPE_CHECKING:
    from pegel_web.core.actor import Actor
    from pegel_web.core.tools import Tool

TOKEN_VARIABLE: Final = "PEGEL_TOKEN"  # noqa: S105  (the name of a variable, not a token)


@click.command(
    "call", context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
)
@click.argument("tool", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def call(tool: str | None, arguments: tuple[str, ...], as_json: bool) -> None:
    """Call a tool of Pegel by its name, as an agent does over MCP.

    Without a name it lists the tools that your token permits; with --help after a name, the tool's arguments.
    The token comes from PEGEL_TOKEN; make one on the page "Access tokens". Values that are JSON are read as JSON.

    \b
    pegel call
    pegel call stream_overview --period 13w
    pegel call stream_report --stream-id 5b0c… --json
    """
    if tool in {"--help", "-h"}:
        click.echo(click.get_current_context().get_help())
        return
    actor = actor_of_environment("cli")
    from pegel_web.core.tools import tool_named, tools_for  # noqa: PLC0415  (needs the application, which is ready only now)

    if tool is None:
        _list(tools_for(actor), as_json=as_json)
        return
    wanted = tool_named(tool)
    if "--help" in arguments or "-h" in arguments:
        _explain(wanted)
        return
    answer = wanted.call(actor, _given(arguments, wanted))
    if as_json:
        print_json(answer)
    else:
        _show(answer)


def actor_of_environment(through: str) -> Actor:
    """Start the application and return who is behind the token of the environment.

    Raises
    ------
    UserError: ``token_variable_missing``. NotSignedInError: ``token_unknown`` and its like.
    """
    secret = os.environ.get(TOKEN_VARIABLE, "").strip()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pegel_web.config.settings")
    import django  # noqa: PLC0415  (the command line starts without the application)

    django.setup()
    from pegel_web.core.actor import Through  # noqa: PLC0415  (the same)
    from pegel_web.organisation.services.token_use import actor_of_token  # noqa: PLC0415  (the same)

    if not secret:
        raise UserError("token_variable_missing", name=TOKEN_VARIABLE)
    return actor_of_token(
        secret=secret,
        address="command line",
        at=datetime.now(UTC),
        through=Through(through),
        request_id=uuid4().hex,
        language=default_language(),
    )


def _list(found: Sequence[Tool], *, as_json: bool) -> None:
    if as_json:
        print_json([{"name": one.name, "description": one.description, "input": one.input_schema} for one in found])
        return
    language = default_language()
    columns = [(say("call.tool", language), "left"), (say("call.does", language), "left")]
    print_table("", columns, [(one.name, one.description.split("\n\n")[0]) for one in found])


def _explain(tool: Tool) -> None:
    click.echo(f"pegel call {tool.name}\n\n{tool.description}\n")
    required = set(tool.input_schema.get("required", ()))
    for name, field in tool.input_schema.get("properties", {}).items():
        kinds = field.get("anyOf", [field])
        kind = " | ".join(str(one.get("format") or one.get("type") or one.get("enum") or "object") for one in kinds)
        default = "" if name in required else f" (= {json.dumps(field.get('default'))})"
        click.echo(f"  --{name.replace('_', '-')} {kind}{default}  {field.get('description', '')}".rstrip())


def _given(arguments: Sequence[str], tool: Tool) -> dict[str, Any]:
    """Read ``--name value`` and ``--name=value``; a name without a value stands for true.

    Raises
    ------
    UserError: ``call_argument_misplaced``.
    """
    texts = {name for name, field in tool.input_schema.get("properties", {}).items() if _is_text(field)}
    found: dict[str, Any] = {}
    waiting = list(arguments)
    while waiting:
        option = waiting.pop(0)
        if not option.startswith("--") or option == "--":
            raise UserError("call_argument_misplaced", value=option)
        name, equals, value = option[2:].partition("=")
        name = name.replace("-", "_")
        if not equals:
            value = "true" if not waiting or waiting[0].startswith("--") else waiting.pop(0)
        found[name] = value if name in texts else _read(value)
    return found


def _is_text(field: dict[str, Any]) -> bool:
    return all(one.get("type") in {"string", "null"} for one in field.get("anyOf", [field]))


def _read(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _show(answer: dict[str, Any]) -> None:
    """Show an answer to a person: plain values line by line, lists of records as tables."""
    language = default_language()
    rows = [(name, _short(value)) for name, value in answer.items() if not _is_records(value)]
    if rows:
        columns = [(say("call.field", language), "left"), (say("call.value", language), "left")]
        print_table("", columns, rows)
    for name, value in answer.items():
        if _is_records(value):
            names = [key for key, one in value[0].items() if not isinstance(one, dict | list)]
            print_table(
                name, [(key, "left") for key in names], [[_short(row.get(key)) for key in names] for row in value]
            )
    if not rows and not answer:
        sys.stdout.write("–\n")


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _short(value: Any) -> str:
    text = "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else f"{text[:299]}…"
