"""Bottlenecks and the start-small picker as tables for the terminal."""

from __future__ import annotations

from typing import Any

import polars as pl

from pegel.cli.output import console, print_table
from pegel.eventlog.policy import Policy
from pegel.flow.answer import Status
from pegel.waits.bottlenecks import Bottlenecks
from pegel.waits.picker import Interval, StartSmall
from pegel.words import Language, say
from pegel.words.bottlenecks import bottleneck_sentence, option_sentence, part_sentence, pick_sentence, with_range
from pegel.words.catalogue import has
from pegel.words.dates import moment_text, period_text
from pegel.words.durations import in_days
from pegel.words.names import policy_name, state_name, term
from pegel.words.numbers import number, percent, short_number


def show_bottlenecks(found: Bottlenecks, policy: Policy, calendar: str, language: Language, *, limit: int) -> None:
    """Print the sentence, the stages, the efficiency before and after commitment, and what the data suggests."""
    screen = console()
    screen.print(bottleneck_sentence(found, language), markup=False)
    screen.print(_basis(found, policy, calendar, language), markup=False, style="dim")
    if found.status is Status.VALUE:
        _stages(found, language, limit)
    for part in (found.upstream, found.downstream):
        screen.print(part_sentence(part, language, unit=found.unit), markup=False)
    shown = [option for option in found.options if option.rank <= limit]
    if found.status is Status.VALUE:
        screen.print()
        screen.print(say("cli.bottlenecks.options", language), markup=False, style="bold")
        for option in shown:
            screen.print(f"- {option_sentence(option, found, language)}", markup=False)
        if not shown:
            screen.print(say("bottleneck.no_options", language), markup=False)


def show_start_small(
    picked: StartSmall, found: Bottlenecks, policy: Policy, calendar: str, language: Language, *, limit: int
) -> None:
    """Print the step to start with, the steps with their baselines, and those without a phase."""
    screen = console()
    screen.print(pick_sentence(picked, language), markup=False)
    screen.print(_basis(found, policy, calendar, language), markup=False, style="dim")
    if picked.steps:
        _steps(picked, language, limit)
    if picked.not_configured.height:
        print_table(
            say("cli.bottlenecks.unmapped", language),
            [
                (say("cli.column.state", language), "left"),
                (say("cli.column.stream", language), "left"),
                (say("cli.bottlenecks.column.hours", language), "right"),
            ],
            (
                (state_name(row["state"], language), row["stream"], short_number(row["hours_per_week"], language))
                for row in picked.not_configured.head(limit).iter_rows(named=True)
            ),
        )


def _stages(found: Bottlenecks, language: Language, limit: int) -> None:
    table = found.stages.filter(pl.col("rank").is_not_null()).head(limit)
    many, typed = found.stages["stream"].n_unique() > 1, found.by_type
    left = ["state", *(["stream"] if many else []), *(["type"] if typed else [])]
    right = ("per_item", "share", "first", "excess", "longest", "queue", "now", "oldest")

    def days(value: float | None) -> str:
        return "–" if value is None else in_days(value, language)

    def ranged(row: dict[str, Any]) -> str:
        low, high = (row[name] if row[name] is None else days(row[name]) for name in ("per_item_low", "per_item_high"))
        return with_range(days(row["per_item_days"]), low, high, language)

    print_table(
        say("cli.bottlenecks.title", language),
        [
            (_heading("rank", language), "right"),
            *((_heading(name, language), "left") for name in (*left, "kind")),
            *((_heading(name, language), "right") for name in right),
        ],
        (
            (
                number(row["rank"], language),
                state_name(row["state"], language),
                *([row["stream"]] if many else []),
                *([row["type"] or ""] if typed else []),
                term("stage_kind", row["stage_kind"], language),
                ranged(row),
                "–" if row["share_of_stream"] is None else percent(row["share_of_stream"], language),
                "–" if row["first_share"] is None else percent(row["first_share"], language),
                days(row["excess_per_item_days"]),
                number(row["rank_by_longest"], language),
                term("queue_trend", row["trend"], language),
                "–" if row["now"] is None else number(row["now"], language),
                days(row["oldest_days"]),
            )
            for row in table.iter_rows(named=True)
        ),
    )


def _steps(picked: StartSmall, language: Language, limit: int) -> None:
    many = len({step.stream for step in picked.steps}) > 1
    left = ("phase", "state", *(["stream"] if many else []))
    right = ("hours", "share", "n", "p50", "p85", "pace", "proven")

    def lost(hours: Interval) -> str:
        low, high = (bound if bound is None else short_number(bound, language) for bound in (hours.low, hours.high))
        return with_range(short_number(hours.value, language), low, high, language)

    print_table(
        say("cli.bottlenecks.steps", language),
        [
            (_heading("rank", language), "right"),
            *((_heading(name, language), "left") for name in left),
            *((_heading(name, language), "right") for name in right),
        ],
        (
            (
                number(step.rank, language),
                term("phase", step.phase, language),
                " · ".join([state_name(step.state, language), *([step.type] if step.type else [])]),
                *([step.stream] if many else []),
                lost(step.lost_hours_per_week),
                percent(step.share_of_stream, language),
                number(step.baseline.n, language),
                in_days(step.baseline.p50.value, language),
                in_days(step.baseline.p85.value, language),
                term("step_pace", step.pace.value, language),
                say("yes" if step.proven else "no", language),
            )
            for step in picked.steps[:limit]
        ),
    )


def _heading(name: str, language: Language) -> str:
    own = f"cli.bottlenecks.column.{name}"
    return say(own if has(own) else f"cli.column.{name}", language)


def _basis(found: Bottlenecks, policy: Policy, calendar: str, language: Language) -> str:
    return say(
        "cli.bottlenecks.basis",
        language,
        period=period_text(found.from_us, found.until_us, language),
        n=found.n,
        policy=policy_name(policy.name, language),
        calendar=term("calendar", calendar, language),
        as_of=moment_text(found.as_of_us, language),
    )
