"""``pegel workflow``: what the states of a stream mean."""

from __future__ import annotations

from pathlib import Path

import click

from pegel.cli.options import json_option, lake_option, language_option
from pegel.cli.output import console, plain, print_json, print_table
from pegel.errors import InputError, NotFoundError
from pegel.eventlog.schema import DAY_US
from pegel.eventlog.workflow import StateRule, Workflow, dump_workflow, load_workflow, plain_workflow
from pegel.lake.store import Lake, open_lake
from pegel.lake.workflows import set_workflow, suggestion, workflows
from pegel.words import Language, say
from pegel.words.names import state_name, term
from pegel.words.numbers import percent


@click.group()
def workflow() -> None:
    """Suggest, show and set what the states of a stream mean (category, phase, friction)."""


_stream = click.option("--stream", help="Value stream. Needed when the lake holds several.")


@workflow.command("suggest")
@lake_option
@_stream
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the suggestion to a file to edit.")
@json_option
@language_option
def suggest(lake_path: Path, stream: str | None, out: Path | None, as_json: bool, language: Language) -> None:
    """Suggest a mapping from names, the tool's own categories and observed behaviour.

    \b
    pegel workflow suggest --lake my-lake --stream Claims --out claims.yaml
    """
    lake = open_lake(lake_path)
    name = _only_stream(lake, stream)
    found = suggestion(lake, name)
    if out is not None:
        out.write_text(dump_workflow(found.workflow), encoding="utf-8")
    if as_json:
        print_json(
            {
                "stream": name,
                "confidence": found.confidence,
                "workflow": plain_workflow(found.workflow),
                "unmapped": [{**plain(one), "days": one.total_us / DAY_US} for one in found.unmapped],
            }
        )
        return
    _show(found.workflow, language)
    if found.confidence is not None:
        text = say("cli.workflow.confidence", language, share=percent(found.confidence, language))
        console().print(text, markup=False)
    for one in found.unmapped:
        line = say("cli.workflow.unmapped", language, state=state_name(one.state, language), days=one.total_us / DAY_US)
        console().print(line, markup=False)
    if out is not None:
        console().print(say("cli.workflow.written", language, file=str(out)), markup=False)


@workflow.command("show")
@lake_option
@_stream
@json_option
@language_option
def show(lake_path: Path, stream: str | None, as_json: bool, language: Language) -> None:
    """Show the mapping in force: the confirmed one, else the suggestion.

    \b
    pegel workflow show --lake my-lake --stream Claims
    """
    lake = open_lake(lake_path)
    name = _only_stream(lake, stream)
    found = workflows(lake)[name]
    if as_json:
        print_json({"stream": name, "workflow": plain_workflow(found)})
        return
    _show(found, language)


@workflow.command("set")
@lake_option
@_stream
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@language_option
def set_(lake_path: Path, stream: str | None, file: Path, as_json: bool, language: Language) -> None:
    """Confirm the mapping in FILE for a stream; every version is kept.

    \b
    pegel workflow set claims.yaml --lake my-lake --stream Claims
    """
    lake = open_lake(lake_path)
    name = _only_stream(lake, stream)
    if not file.is_file():
        raise NotFoundError("no_such_file", file=str(file))
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError("not_utf8", file=str(file)) from error
    confirmed = set_workflow(lake, name, load_workflow(text))
    occurring, mapped = set(lake.states(name)), {rule.state for rule in confirmed.rules}
    unmapped, unknown = sorted(occurring - mapped), sorted(mapped - occurring)
    if as_json:
        body = {"stream": name, "workflow": plain_workflow(confirmed)}
        print_json({**body, "unmapped_states": unmapped, "states_that_do_not_occur": unknown})
        return
    _show(confirmed, language)
    for code, states in (("not_mapped", unmapped), ("not_occurring", unknown)):
        if states:
            line = say(f"cli.workflow.{code}", language, states=[state_name(state, language) for state in states])
            console().print(line, markup=False)


def _only_stream(lake: Lake, stream: str | None) -> str:
    names = lake.streams()
    if stream is None:
        if len(names) != 1:
            raise NotFoundError("name_a_stream", known=names)
        return names[0]
    if stream not in names:
        raise NotFoundError("unknown_stream", name=stream, known=names)
    return stream


def _show(found: Workflow, language: Language) -> None:
    headings = ("state", "type", "category", "phase", "friction", "confidence", "why")
    print_table(
        say("cli.workflow.title", language, name=found.name, version=found.version)
        + " · "
        + say(f"cli.mapping.{found.status}", language),
        [(say(f"cli.column.{name}", language), "right" if name == "confidence" else "left") for name in headings],
        (_row(rule, language) for rule in found.rules),
    )


def _row(rule: StateRule, language: Language) -> tuple[str, ...]:
    return (
        state_name(rule.state, language),
        rule.type or "",
        term("category", rule.category.value, language),
        term("phase", rule.phase.value, language) if rule.phase else "",
        term("friction", rule.friction.value, language) if rule.friction else "",
        percent(rule.confidence, language) if rule.confidence is not None else "",
        say(f"cli.why.{rule.why}", language) if rule.why else "",
    )
