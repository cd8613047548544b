"""``pegel flow``: the flow metrics."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import narwhals as nw
import polars as pl

from pegel.cli.flow_tables import show_comparison, show_items, show_report, show_weeks
from pegel.cli.options import json_option, lake_option, language_option, selection_options
from pegel.cli.output import plain, print_json
from pegel.errors import NotFoundError, UserError
from pegel.eventlog.policy import Policy
from pegel.eventlog.schema import DAY_US, to_us
from pegel.flow.attribution import attribute
from pegel.flow.flow_report import FlowReport, default_policy
from pegel.flow.item_windows import Ending, item_windows
from pegel.flow.log import FlowLog
from pegel.lake.store import Lake, open_lake
from pegel.words import Language, say
from pegel.workbench import find_calendar, find_policy, flow_report, open_log, require_forward, weekly

#: Tables that the JSON report leaves to ``pegel flow items``: one row per item.
_LONG = {"items"}
_METRICS = (
    "flow_time",
    "flow_velocity",
    "flow_efficiency",
    "flow_load",
    "flow_distribution",
    "work_item_age",
    "time_in_state",
    "cumulative_flow",
    "arrivals_and_departures",
    "littles_law",
)


@click.group()
def flow() -> None:
    """Report the flow metrics, list the items behind them, compare."""


@flow.command("report")
@lake_option
@selection_options
@click.option("--html", "html_path", type=click.Path(path_type=Path, dir_okay=False), help="Write one page to a file.")
@json_option
@language_option
def report(lake_path: Path, html_path: Path | None, as_json: bool, language: Language, **selection: Any) -> None:
    """Report the flow metrics of the chosen streams and period.

    With two ``--policy`` the same work is read by both rules.

    \b
    pegel flow report --lake my-lake --stream Claims --calendar de
    pegel flow report --lake my-lake --html report.html --language de
    """
    lake = open_lake(lake_path)
    reports = [_report(lake, policy=name, **selection) for name in selection.pop("policies") or (None,)]
    if html_path is not None:
        from pegel.cli.waits import find_costs  # noqa: PLC0415  (only the page shows them)
        from pegel.insights import insights  # noqa: PLC0415  (only the page shows them)
        from pegel.quality.facts import lake_facts  # noqa: PLC0415  (only the page shows them)
        from pegel.report import render_html  # noqa: PLC0415  (charts need the extra "report")

        first = reports[0]
        title = say("cli.report.title", language, streams=", ".join(first.streams[:3]))
        log = open_selected(lake, selection)
        facts = lake_facts(lake, known_at_us=_us(selection.get("known_at")))
        further = insights(log, first.policy, **_period(selection), lake=facts, costs=find_costs(None, lake))
        names = lake.item_names([*first.named_items(), *further.named_items()])
        page = render_html(first, language, title=title, item_names=names, insights=further)
        html_path.write_text(page, encoding="utf-8")
        if not as_json:
            click.echo(say("cli.report.written", language, file=str(html_path)), err=True)
    if as_json:
        bodies = [report_body(one) for one in reports]
        print_json(bodies[0] if len(bodies) == 1 else {"reports": bodies})
    elif html_path is None:
        for one in reports:
            show_report(one, language)


@flow.command("items")
@lake_option
@selection_options
@click.option("--ending", type=click.Choice(["open", "done", "cancelled", "deleted"]), help="Only items that ended so.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(0), help="Most items shown; 0: all.")
@json_option
@language_option
def items(lake_path: Path, ending: str | None, limit: int, as_json: bool, language: Language, **selection: Any) -> None:
    """List the items behind the figures: start, end, flow time, age; the longest first.

    \b
    pegel flow items --lake my-lake --stream Claims --ending open
    """
    lake = open_lake(lake_path)
    names = selection.pop("policies") or (None,)
    log = open_selected(lake, selection)
    policy = chosen_policy(lake, log, names[0])
    from_at, until_at = selection["from_at"], selection["until_at"]
    table = item_table(lake, log, policy)
    if ending is not None:
        table = table.filter(pl.col("ending") == ending)
    moment = pl.coalesce("end_us", pl.lit(log.as_of_us))
    if from_at is not None:
        table = table.filter(moment >= to_us(from_at))
    if until_at is not None:
        table = table.filter(moment < to_us(until_at))
    total = table.height
    shown = table.head(limit) if limit else table
    if as_json:
        print_json({"policy": policy_body(policy), "unit": log.unit, "total": total, "items": shown})
        return
    show_items(shown, total, log.unit, language)


@flow.command("compare")
@lake_option
@selection_options
@json_option
@language_option
def compare(lake_path: Path, as_json: bool, language: Language, **selection: Any) -> None:
    """Compare streams side by side, or the same work under several policies.

    With several ``--policy`` the rules are compared; else with several streams, the streams.

    \b
    pegel flow compare --lake my-lake
    pegel flow compare --lake my-lake --policy first_active_to_last_done --policy commitment_to_done
    """
    lake = open_lake(lake_path)
    policies = selection.pop("policies")
    chosen = selection.pop("streams") or tuple(lake.streams())
    if len(policies) > 1:
        found = [(name, _report(lake, policy=name, streams=chosen, **selection)) for name in policies]
    elif len(chosen) > 1:
        name = policies[0] if policies else default_policy(open_selected(lake, {**selection, "streams": chosen}))
        found = [(stream, _report(lake, policy=name, streams=(stream,), **selection)) for stream in chosen]
    else:
        raise UserError("nothing_to_compare", known=lake.streams())
    if as_json:
        print_json([{"name": name, **report_body(one, series=False)} for name, one in found])
        return
    show_comparison(found, language)


@flow.command("weeks")
@lake_option
@click.option("--stream", "streams", multiple=True, help="Value stream; repeat for several. Default: all.")
@click.option("--policy", help="Name of a policy, or a policy file.")
@json_option
@language_option
def weeks(lake_path: Path, streams: tuple[str, ...], policy: str | None, as_json: bool, language: Language) -> None:
    """List the weekly sums per stream and type: finished, arrivals, departures, flow and active days.

    \b
    pegel flow weeks --lake my-lake --stream Claims --json
    """
    lake = open_lake(lake_path)
    table = weekly(lake, policy=find_policy(policy, lake) if policy else None)
    for name in streams:
        if name not in lake.streams():
            raise NotFoundError("unknown_stream", name=name, known=lake.streams())
    chosen = table.filter(pl.col("stream").is_in(list(streams))) if streams else table
    days = chosen.with_columns(flow_days=pl.col("flow_us") / DAY_US, active_days=pl.col("active_us") / DAY_US).drop(
        "flow_us", "active_us"
    )
    if as_json:
        print_json(days)
        return
    show_weeks(days, language)


def item_table(lake: Lake, log: FlowLog, policy: Policy) -> pl.DataFrame:
    """Return [item, stream, type, ending, start_us, end_us, days, active_days, reopened], the longest first.

    ``days``: flow time of finished items, age of open ones.
    """
    windows = attribute(log, policy, item_windows(log, policy))
    opened = log.measure(
        windows.with_columns(moment_us=nw.lit(log.as_of_us)), start="start_us", end="moment_us", into="age_us"
    )
    table = log.engine.collect(opened)
    names = lake.items().select(number=pl.col("item_no"), name=pl.col("item")).collect()
    endings = {int(one): one.name.lower() for one in Ending}
    duration = pl.when(pl.col("ending") == int(Ending.OPEN)).then("age_us").otherwise("flow_us")
    return (
        table.join(names, left_on="item", right_on="number", how="left")
        .select(
            pl.col("name").alias("item"),
            "stream",
            "type",
            pl.col("ending").cast(pl.Int64).replace_strict(endings, return_dtype=pl.String),
            "start_us",
            "end_us",
            days=duration / log.day_us,
            active_days=pl.col("active_us") / log.day_us,
            reopened="reopened",
        )
        .sort("days", "item", descending=[True, False], nulls_last=True)
    )


def report_body(report: FlowReport, *, series: bool = True) -> dict[str, Any]:
    """Return a report for programs: each metric with definition, policy and period; ``series``: with its tables."""
    body = plain(report)
    rules = {
        "policy": policy_body(report.policy),
        "period": {"from_at": body["from_at"], "until_at": body["until_at"]},
        "calendar": report.calendar,
    }
    for name in _METRICS:
        kept = {
            key: value
            for key, value in body[name].items()
            if key not in _LONG and (series or not isinstance(value, list))
        }
        body[name] = {**kept, **rules}
    return {**body, **rules}


def policy_body(policy: Policy) -> dict[str, Any]:
    """Return name and version of a policy."""
    return {"name": policy.name, "version": policy.version}


def _report(
    lake: Lake, *, policy: str | None, from_at: datetime | None, until_at: datetime | None, **selection: Any
) -> FlowReport:
    log = open_selected(lake, selection)
    return flow_report(log, policy=chosen_policy(lake, log, policy), from_at=from_at, until_at=until_at)


def _period(selection: Mapping[str, Any]) -> dict[str, Any]:
    """Return the asked period in microseconds; None: each analysis takes its own."""
    return {"from_us": _us(selection.get("from_at")), "until_us": _us(selection.get("until_at"))}


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else to_us(moment)


def open_selected(lake: Lake, selection: Mapping[str, Any]) -> FlowLog:
    """Open the log that the selection options ask for.

    Raises
    ------
    InputError: ``period_backwards``. NotFoundError: ``unknown_stream``, ``unknown_calendar``, ``lake_empty``.
    """
    require_forward(selection.get("from_at"), selection.get("until_at"))
    name = selection.get("calendar")
    return open_log(
        lake,
        streams=selection.get("streams") or None,
        as_of=selection.get("as_of"),
        known_at=selection.get("known_at"),
        calendar=find_calendar(name, lake) if name else None,
    )


def chosen_policy(lake: Lake, log: FlowLog, name: str | None) -> Policy:
    """Return the named policy, or the one that suits the log."""
    return find_policy(name or default_policy(log), lake)
