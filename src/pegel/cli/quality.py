"""``pegel quality``: which data are doubtful, and what that does to the figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pegel.cli.flow import chosen_policy, open_selected, policy_body
from pegel.cli.options import json_option, lake_option, language_option, selection_options
from pegel.cli.output import console, plain, print_json, print_table
from pegel.errors import InputError
from pegel.eventlog.schema import to_us
from pegel.flow.answer import Status
from pegel.lake.store import Lake, open_lake
from pegel.quality import QualityReport, lake_facts, quality_report
from pegel.quality.catalogue import CODES
from pegel.quality.check import Check
from pegel.words import Language, say
from pegel.words.catalogue import quoted
from pegel.words.catalogue import shown as shown_name
from pegel.words.names import term
from pegel.words.numbers import number, percent
from pegel.words.quality import effect_sentence, figure_text, quality_sentences


@click.command("quality")
@lake_option
@selection_options
@click.option("--check", "code", type=click.Choice(CODES), help="List the items that one check found.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(0), help="Most items shown; 0: all.")
@json_option
@language_option
def quality(lake_path: Path, code: str | None, limit: int, as_json: bool, language: Language, **selection: Any) -> None:
    """Check the data: which items are doubtful, and how the figures would be without them.

    \b
    pegel quality --lake my-lake
    pegel quality --lake my-lake --stream Claims --check done_without_start
    """
    lake = open_lake(lake_path)
    names = selection.pop("policies") or (None,)
    from_at, until_at, known_at = (selection.get(name) for name in ("from_at", "until_at", "known_at"))
    if from_at is not None and until_at is not None and until_at < from_at:
        raise InputError("period_backwards", from_at=from_at.isoformat(), until_at=until_at.isoformat())
    log = open_selected(lake, selection)
    report = quality_report(
        log,
        chosen_policy(lake, log, names[0]),
        lake=lake_facts(lake, known_at_us=None if known_at is None else to_us(known_at)),
        from_us=None if from_at is None else to_us(from_at),
        until_us=None if until_at is None else to_us(until_at),
    )
    if code is not None:
        _show_check(lake, report, code, limit, as_json=as_json, language=language)
    elif as_json:
        print_json(quality_body(report, lake.item_names(report.named_items())))
    else:
        for sentence in quality_sentences(report, language):
            console().print(sentence, markup=False)
        _show_checks(report, language)


def quality_body(report: QualityReport, names: dict[int, str]) -> dict[str, Any]:
    """Return a report for programs; examples are the ids of items, the lists of all items are left to ``--check``."""
    body = plain(report)
    del body["found"]
    for check in body["checks"]:
        check["examples"] = [names.get(number, str(number)) for number in check["examples"]]
    return {**body, "policy": policy_body(report.policy)}


def _show_checks(report: QualityReport, language: Language) -> None:
    heads = ("check", "severity", "found", "found_share", "p85", "per_week", "efficiency", "load_mean")
    texts = ("check", "severity")
    shown = [one for one in report.checks if one.found]
    if shown:
        print_table(
            say("quality.checks", language),
            [(_head(name, language), "left" if name in texts else "right") for name in heads],
            [
                (say("quality.all_items", language), "", "", "", *_figures(report, None, language)),
                *(
                    (
                        say(f"check.{one.code}.label", language),
                        term("severity", one.severity.value, language),
                        number(one.items, language) if one.items else say("quality.rows", language, n=one.rows),
                        "–" if one.share is None else percent(one.share, language),
                        *_figures(report, one, language),
                    )
                    for one in shown
                ),
            ],
        )
    quiet = [one for one in report.checks if one.status is not Status.VALUE]
    for reason in dict.fromkeys(one.reason for one in quiet):
        checks = [quoted(say(f"check.{one.code}.label", language), language) for one in quiet if one.reason == reason]
        said = say("quality.not_checked", language, checks=checks, reason=say(f"reason.{reason}", language))
        console().print(said, markup=False, style="dim")


def _figures(report: QualityReport, check: Check | None, language: Language) -> tuple[str, ...]:
    """Return the figures without the items of a check; those that stay the same are left blank."""
    out = []
    for name in ("p85", "per_week", "efficiency", "load_mean"):
        value = getattr(report.figures, name)
        if check is not None:
            after = None if check.without is None else getattr(check.without, name)
            limits = next((one for one in check.bounds if one.figure == name), None)
            if check.without is None and limits is not None:
                low, high = (figure_text(name, one, report.unit, language) for one in (limits.low, limits.high))
                out.append(f"{low} … {high if limits.high is not None else ''}".rstrip())
                continue
            if check.without is None or name not in check.moves:
                out.append("")
                continue
            value = after
        out.append(figure_text(name, value, report.unit, language))
    return tuple(out)


def _show_check(lake: Lake, report: QualityReport, code: str, limit: int, *, as_json: bool, language: Language) -> None:
    check = report.check(code)
    numbers = report.items_of(code)
    shown = numbers[:limit] if limit else numbers
    names = lake.item_names(shown)
    listed = [names.get(number, str(number)) for number in shown]
    if as_json:
        body = plain(check)
        print_json({**body, "total": len(numbers), "examples": listed, "policy": policy_body(report.policy)})
        return
    screen = console()
    screen.print(say(f"check.{code}.label", language), markup=False, style="bold")
    for text in ("what", "do"):
        screen.print(say(f"check.{code}.{text}", language), markup=False)
    screen.print(effect_sentence(check, report, language), markup=False)
    if check.reasons.height:
        print_table(
            "",
            [(say("column.found_reason", language), "left"), (say("column.found_rows", language), "right")],
            (
                (term("row", row["reason"], language), number(row["rows"], language))
                for row in check.reasons.iter_rows(named=True)
            ),
        )
    if listed:
        screen.print(say("quality.items", language, shown=len(listed), total=len(numbers)), markup=False)
        for name in listed:
            click.echo(f"  {shown_name(name, language)}")


def _head(name: str, language: Language) -> str:
    return say(
        f"figure.{name}" if name in ("p85", "per_week", "efficiency", "load_mean") else f"column.{name}", language
    )
