"""The flow figures as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pegel.cli.output import console, print_table
from pegel.flow.answer import Answer, Status
from pegel.flow.flow_report import FlowReport
from pegel.words import Language, say
from pegel.words.dates import day_text, moment_text
from pegel.words.durations import duration
from pegel.words.names import policy_name, state_name, term
from pegel.words.numbers import number, percent
from pegel.words.summary import summary


def show_report(report: FlowReport, language: Language) -> None:
    """Print a report: the sentence first, then the figures, then where it stalls."""
    screen = console()
    screen.print(summary(report, language), markup=False)
    screen.print(_basis(report, language), markup=False, style="dim")
    print_table(
        "",
        [(say("cli.column.metric", language), "left"), (say("cli.column.value", language), "left")],
        [(say(f"metric.{name}.label", language), text) for name, text in _figures(report, language)],
    )
    _show_states(report, language)


def show_items(table: pl.DataFrame, total: int, unit: str, language: Language) -> None:
    """Print items with their windows."""
    headings = ("item", "stream", "type", "ending", "started", "ended", "days", "active")
    print_table(
        say("cli.items", language, shown=table.height, total=total),
        [(say(f"cli.column.{name}", language), "right" if name in ("days", "active") else "left") for name in headings],
        (
            (
                row["item"],
                row["stream"] or "",
                row["type"] or "",
                term("ending", row["ending"], language),
                "–" if row["start_us"] is None else moment_text(row["start_us"], language),
                "–" if row["end_us"] is None else moment_text(row["end_us"], language),
                "–" if row["days"] is None else duration(row["days"], language, unit=unit),
                duration(row["active_days"], language, unit=unit),
            )
            for row in table.iter_rows(named=True)
        ),
    )


def show_weeks(table: pl.DataFrame, language: Language) -> None:
    """Print weekly sums."""
    headings = ("stream", "type", "week", "finished", "arrivals", "departures", "flow_days", "active_days")
    texts = ("stream", "type", "week")
    print_table(
        say("cli.weeks", language),
        [(say(f"cli.column.{name}", language), "left" if name in texts else "right") for name in headings],
        (
            (
                row["stream"],
                row["type"] or "",
                day_text(row["week_us"], language),
                *(number(row[name], language) for name in ("finished", "arrivals", "departures")),
                *(number(row[name], language, decimals=1) for name in ("flow_days", "active_days")),
            )
            for row in table.iter_rows(named=True)
        ),
    )


def show_comparison(found: Sequence[tuple[str, FlowReport]], language: Language) -> None:
    """Print reports side by side, one row each."""
    metrics = ("flow_time", "flow_velocity", "flow_efficiency", "flow_load", "work_item_age")
    rules = sorted({policy_name(report.policy.name, language) for _, report in found})
    print_table(
        say("cli.compare", language, policies=rules),
        [("", "left"), *((say(f"metric.{name}.label", language), "left") for name in metrics)],
        (
            (
                f"{name} ({policy_name(report.policy.name, language)})" if len(rules) > 1 else name,
                *(dict(_figures(report, language, brief=True))[metric] for metric in metrics),
            )
            for name, report in found
        ),
    )


def _basis(report: FlowReport, language: Language) -> str:
    return say(
        "cli.report.basis",
        language,
        from_day=day_text(report.from_us, language),
        until_day=day_text(max(report.from_us, report.until_us - 1), language),
        policy=policy_name(report.policy.name, language),
        calendar=term("calendar", report.calendar, language),
        as_of=moment_text(report.as_of_us, language),
    )


def _figures(report: FlowReport, language: Language, *, brief: bool = False) -> list[tuple[str, str]]:
    """Each metric's figure in words; an answer that is no value says which of the three it is, and unless brief why."""

    def days(value: float | None) -> str:
        return "–" if value is None else duration(value, language, unit=report.unit)

    def said(answer: Answer, text: str) -> str:
        if answer.status is Status.VALUE:
            return text
        reason = say(f"reason.{answer.reason}", language) if answer.reason and not brief else ""
        return (
            f"{term('status', answer.status.value, language)}: {reason}"
            if reason
            else (term("status", answer.status.value, language))
        )

    time, velocity, efficiency = report.flow_time, report.flow_velocity, report.flow_efficiency
    load, spread, age, law = (
        report.flow_load,
        report.flow_distribution,
        report.work_item_age,
        report.littles_law,
    )
    moves = report.arrivals_and_departures
    shares = ", ".join(
        f"{term('kind', kind, language)} {percent(share, language)}" for kind, share in spread.shares.items()
    )
    return [
        (
            "flow_time",
            said(
                time,
                say(
                    "cli.figure.flow_time",
                    language,
                    p50=days(time.p50),
                    p85=days(time.p85),
                    p95=days(time.p95),
                    count=time.n,
                ),
            ),
        ),
        (
            "flow_velocity",
            said(
                velocity,
                say(
                    "cli.figure.flow_velocity",
                    language,
                    per_week=number(velocity.per_week or 0.0, language, decimals=1),
                    count=velocity.finished or 0,
                ),
            ),
        ),
        (
            "flow_efficiency",
            said(
                efficiency,
                say("cli.figure.flow_efficiency", language, share=percent(efficiency.share or 0.0, language)),
            ),
        ),
        (
            "flow_load",
            said(
                load,
                say(
                    "cli.figure.flow_load",
                    language,
                    count=load.now or 0,
                    mean=number(load.mean or 0.0, language, decimals=1),
                ),
            ),
        ),
        ("flow_distribution", said(spread, shares)),
        (
            "work_item_age",
            said(
                age,
                say(
                    "cli.figure.work_item_age",
                    language,
                    count=age.n,
                    oldest=days(age.oldest),
                    beyond=age.beyond_p85,
                ),
            ),
        ),
        (
            "arrivals_and_departures",
            said(
                moves,
                say(
                    "cli.figure.arrivals_and_departures",
                    language,
                    arrivals=moves.arrivals or 0,
                    departures=moves.departures or 0,
                ),
            ),
        ),
        (
            "littles_law",
            said(
                law,
                say(
                    "cli.figure.littles_law",
                    language,
                    ratio=number(law.ratio or 0.0, language, decimals=2),
                    finding=term("finding", law.finding, language) if law.finding else "",
                ),
            ),
        ),
    ]


def _show_states(report: FlowReport, language: Language) -> None:
    table = report.time_in_state.by_state.filter(~pl.col("paused")).head(12)
    if not table.height:
        return
    headings = ("state", "category", "phase", "friction", "items", "days_per_item", "share")
    right = ("items", "days_per_item", "share")
    print_table(
        say("cli.report.states", language),
        [(say(f"cli.column.{name}", language), "right" if name in right else "left") for name in headings],
        (
            (
                state_name(row["state"], language),
                term("category", row["category"], language),
                term("phase", row["phase"], language) if row["phase"] else "",
                term("friction", row["friction"], language) if row["friction"] else "",
                number(row["items"], language),
                duration(row["days_per_item"], language, unit=report.unit),
                percent(row["share"] or 0.0, language),
            )
            for row in table.iter_rows(named=True)
        ),
    )
