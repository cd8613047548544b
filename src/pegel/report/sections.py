"""The sections of the report that show charts, each with its sentence and its table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from pegel.charts import (
    arrivals_and_departures,
    cumulative_flow,
    flow_distribution,
    flow_efficiency,
    flow_load,
    flow_time,
    flow_velocity,
    time_in_state,
    work_item_age,
)
from pegel.eventlog.schema import DAY_US
from pegel.flow.answer import Status
from pegel.flow.flow_report import FlowReport
from pegel.flow.periods import week_start_us
from pegel.report import tables
from pegel.report.figures import Figures, definition_link
from pegel.report.markup import Markup, joined, tag
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import term
from pegel.words.numbers import number, percent, short_number
from pegel.words.summary import where_it_stalls

#: Items in the table of the oldest.
_OLDEST: Final = 15


def stalls(report: FlowReport, language: Language, figures: Figures) -> Markup:
    """Return where finished work spent its time."""
    times = report.time_in_state
    has = times.status is Status.VALUE
    many = len(report.streams) > 1
    columns = [
        tables.state(),
        *([tables.text("stream")] if many else []),
        tables.word("category"),
        tables.share("share"),
        tables.count("items"),
        tables.days("days_per_item"),
        tables.days("days"),
        tables.word("phase"),
        tables.word("friction"),
    ]
    counted = times.by_state.filter(pl.col("share").is_not_null() & (pl.col("days") > 0))
    caption = say("report.stalls_caption", language)
    known = report.flow_efficiency.status is not Status.NOT_CONFIGURED
    note = say("report.stalls_reading" if known else "report.stalls_unknown", language)
    if counted.height > time_in_state.MOST_STATES:
        note += " " + say("report.left_out_states", language, n=time_in_state.MOST_STATES)
    longest = counted.head(time_in_state.MOST_STATES)
    figure = figures.figure(
        "chart-stalls",
        (lambda: time_in_state.chart(times, language, streams=many, known=known)) if counted.height else None,
        metric="time_in_state",
        sentence=note,
        twin=None,
        wide=True,
    )
    return tag(
        "section",
        tag("h2", say("report.stalls", language)),
        tag("p", where_it_stalls(report, language), class_="lead"),
        figure if has else None,
        tables.table(longest.iter_rows(named=True), columns, language, caption=caption) if has else None,
        tables.folded(
            say("report.table_all_states", language),
            tables.table(
                times.by_state.iter_rows(named=True),
                [*columns, tables.flag("paused")],
                language,
                caption=caption,
            ),
        )
        if longest.height < times.by_state.height
        else None,
        _phases(report, language) if has else None,
        id="stalls",
    )


def trends(report: FlowReport, language: Language, figures: Figures) -> Markup:
    """Return the five metrics over time."""
    time, velocity, efficiency = report.flow_time, report.flow_velocity, report.flow_efficiency
    load, distribution = report.flow_load, report.flow_distribution
    week, latest_first = tables.date("week_us", "week"), {"descending": True}
    kinds = distribution.by_week.sort("week_us", "kind", descending=[True, False])
    shares = [
        {"kind": row["kind"], "finished": round(row["share"] * distribution.n), "part": row["share"]}
        for row in flow_distribution.rows(distribution, language)
    ]
    twins = {
        "flow_time": (
            time.by_week.sort("week_us", **latest_first),
            [week, tables.count("n", "finished"), tables.days("p50"), tables.days("p85")],
        ),
        "flow_velocity": (kinds, [week, tables.word("kind"), tables.count("finished")]),
        "flow_efficiency": (
            efficiency.by_week.sort("week_us", **latest_first),
            [week, tables.share("share", "efficiency")],
        ),
        "flow_load": (
            _week_ends(load.by_day).sort("day_us", "kind", descending=[True, False]),
            [tables.date("day_us", "day"), tables.word("kind"), tables.count("load")],
        ),
        "flow_distribution": (
            pl.DataFrame(shares),
            [tables.word("kind"), tables.count("finished"), tables.share("part", "share_of_finished")],
        ),
    }
    drawings = {
        "flow_time": lambda: flow_time.chart(time, language),
        "flow_velocity": lambda: flow_velocity.chart(velocity, distribution, language),
        "flow_efficiency": lambda: flow_efficiency.chart(efficiency, language),
        "flow_load": lambda: flow_load.chart(load, language),
        "flow_distribution": lambda: flow_distribution.chart(distribution, language),
    }
    sentences = {
        "flow_time": flow_time.sentence(time, language),
        "flow_velocity": flow_velocity.sentence(velocity, language),
        "flow_efficiency": flow_efficiency.sentence(efficiency, language, unit=report.unit),
        "flow_load": flow_load.sentence(load, language),
        "flow_distribution": flow_distribution.sentence(distribution, language),
    }
    answers = {
        "flow_time": time.status is Status.VALUE,
        "flow_velocity": velocity.status is Status.VALUE and bool(velocity.finished),
        "flow_efficiency": efficiency.status is Status.VALUE,
        "flow_load": load.status is Status.VALUE,
        "flow_distribution": distribution.status is Status.VALUE,
    }
    shown = [
        figures.figure(
            f"chart-{name.replace('_', '-')}",
            drawings[name] if answers[name] else None,
            metric=name,
            sentence=sentences[name],
            twin=_twin(name, *twins[name], language) if answers[name] else None,
            wide=name == "flow_time",
        )
        for name in drawings
    ]
    return tag("section", tag("h2", say("report.trends", language)), tag("div", shown, class_="figures"), id="trends")


def ageing(report: FlowReport, language: Language, figures: Figures, names: Mapping[int, str]) -> Markup:
    """Return the open work against the pace of finished work."""
    age = report.work_item_age
    has, many = age.status is Status.VALUE, len(report.streams) > 1
    oldest = [
        {**row, "item": names.get(row["item"], str(row["item"])), "pace": row["pace"] or "unknown"}
        for row in age.items.head(_OLDEST).iter_rows(named=True)
    ]
    stream = [tables.text("stream")] if many else []
    figure = figures.figure(
        "chart-age",
        (lambda: work_item_age.chart(age, language, streams=many, names=dict(names))) if has else None,
        metric="work_item_age",
        sentence=work_item_age.sentence(age, language),
        note=say("report.points_left_out", language, shown=work_item_age.MOST_ITEMS, total=age.n)
        if age.n > work_item_age.MOST_ITEMS
        else None,
        twin=tables.folded(
            say("report.table", language),
            tables.table(
                age.by_state.rename({"p50_age": "p50"}).iter_rows(named=True),
                [
                    tables.state(),
                    *stream,
                    tables.word("category"),
                    tables.count("open", "items"),
                    tables.days("oldest", "age_days"),
                    tables.count("beyond_p85", "late"),
                ],
                language,
                caption=say("report.open_by_state", language),
            ),
        )
        if has
        else None,
        wide=True,
    )
    columns = [
        tables.text("item"),
        *stream,
        tables.text("type"),
        tables.state(),
        tables.days("age_days"),
        tables.days("in_state_days"),
        tables.days("p85", "usual_p85"),
        tables.word("pace"),
    ]
    return tag(
        "section",
        tag("h2", say("report.ageing", language)),
        figure,
        tables.table(oldest, columns, language, caption=say("report.oldest", language, n=len(oldest))) if has else None,
        id="ageing",
    )


def stability(report: FlowReport, language: Language, figures: Figures) -> Markup:
    """Return cumulative flow, arrivals against departures, and Little's law."""
    flow, changes, load = report.cumulative_flow, report.arrivals_and_departures, report.flow_load
    has_changes = changes.status is Status.VALUE and load.status is Status.VALUE
    shown = _week_ends(cumulative_flow.shown(flow)).sort("day_us", "category", descending=[True, False])
    weeks, span = arrivals_and_departures.rows(changes, load, language) if has_changes else ([], "week")
    return tag(
        "section",
        tag("h2", say("report.flow", language)),
        tag(
            "div",
            figures.figure(
                "chart-cumulative-flow",
                (lambda: cumulative_flow.chart(flow, language)) if flow.status is Status.VALUE else None,
                metric="cumulative_flow",
                sentence=cumulative_flow.sentence(flow, language),
                note=say("report.last_weeks", language) if _is_cut(flow.by_category, shown) else None,
                twin=_twin(
                    "cumulative_flow",
                    shown,
                    [tables.date("day_us", "day"), tables.word("category"), tables.count("items")],
                    language,
                ),
            ),
            figures.figure(
                "chart-arrivals",
                (lambda: arrivals_and_departures.chart(changes, load, language)) if has_changes else None,
                metric="arrivals_and_departures",
                sentence=arrivals_and_departures.sentence(changes, language),
                twin=_twin(
                    "arrivals_and_departures",
                    pl.DataFrame([{"at_us": row["at"] * 1000, **row} for row in weeks[::-1]], infer_schema_length=None),
                    [tables.date("at_us", span), tables.change("net", "net"), tables.count("load")],
                    language,
                )
                if has_changes
                else None,
            ),
            _littles_law(report, language),
            class_="figures",
        ),
        id="stability",
    )


def _littles_law(report: FlowReport, language: Language) -> Markup:
    law = report.littles_law
    head = tag("h3", definition_link("littles_law", language))
    if law.load is None:
        return tag("div", head, tag("p", say(f"reason.{law.reason}", language)), class_="figure wide")
    load = short_number(law.load, language)
    if law.ratio is None or law.days is None or law.departures_per_day is None:
        plain = say("chart.littles_law.departures_only", language, load=load)
        return tag("div", head, tag("p", plain, " ", say(f"reason.{law.reason}", language)), class_="figure wide")
    says = say(
        "chart.littles_law.value",
        language,
        load=load,
        per_day=number(law.departures_per_day, language, decimals=2),
        time=duration(law.days, language),
        product=short_number(law.departures_per_day * law.days, language),
        ratio=number(law.ratio, language, decimals=2),
    )
    return tag("div", head, tag("p", says), tag("p", say(f"finding.{law.finding}", language)), class_="figure wide")


def _phases(report: FlowReport, language: Language) -> Markup | None:
    phases = report.time_in_state.by_phase
    if phases["phase"].null_count() == phases.height:
        return None
    parts = [
        joined(
            tag("dt", term("phase", row["phase"], language) if row["phase"] else say("report.no_phase", language)),
            tag("dd", percent(row["share"], language)),
        )
        for row in phases.iter_rows(named=True)
    ]
    return tag("div", tag("h3", say("report.phases", language)), tag("dl", parts, class_="row"))


def _twin(name: str, frame: pl.DataFrame, columns: list[tables.Column], language: Language) -> Markup:
    caption = say(f"metric.{name}.label", language)
    drawn = tables.table(frame.iter_rows(named=True), columns, language, caption=caption)
    return tables.folded(say("report.table", language), drawn)


def _week_ends(daily: pl.DataFrame) -> pl.DataFrame:
    """Keep the last day of each week and the last of all: enough for a table to be read."""
    if not daily.height:
        return daily
    days = sorted(daily["day_us"].unique().to_list())
    kept = [day for day in days if day == days[-1] or week_start_us(day + DAY_US) == day + DAY_US]
    return daily.filter(pl.col("day_us").is_in(kept))


def _is_cut(whole: pl.DataFrame, shown: pl.DataFrame) -> bool:
    return bool(whole.height) and min(whole["day_us"]) < min(shown["day_us"]) - 7 * DAY_US
