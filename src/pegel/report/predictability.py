"""The chapters about predictability and about unfinished work."""

from __future__ import annotations

import polars as pl

from pegel.charts import predictability as drawing
from pegel.charts import survival as survival_drawing
from pegel.flow.answer import Status
from pegel.prediction.predictability import Predictability
from pegel.prediction.process_behaviour import ProcessBehaviour
from pegel.prediction.survival import UnfinishedWork
from pegel.report import tables
from pegel.report.figures import Figures, definition_link
from pegel.report.markup import Markup, tag
from pegel.words import Language, say
from pegel.words.durations import in_days
from pegel.words.numbers import short_number


def chapter(found: Predictability, language: Language, figures: Figures) -> Markup:
    """Return the process behaviour charts, the tail and the changes of level."""
    changes = found.changes
    weekly = _figure(
        "chart-throughput-behaviour",
        found.throughput,
        drawing.sentence(found, language),
        "predictability",
        language,
        figures,
        changes.filter(pl.col("series") == "throughput"),
    )
    medians = _figure(
        "chart-flow-time-behaviour",
        found.flow_time,
        drawing.flow_time_sentence(found.flow_time, language),
        "process_behaviour",
        language,
        figures,
        changes.filter(pl.col("series") == "flow_time"),
    )
    single = _figure(
        "chart-single-behaviour",
        found.single,
        drawing.flow_time_sentence(found.single, language, single=True),
        "process_behaviour",
        language,
        figures,
        None,
    )
    moved = drawing.change_sentences(found, language)
    return tag(
        "section",
        tag("h2", say("report.predictability", language)),
        tag("div", weekly, medians, single, class_="figures"),
        tag("h3", definition_link("tail_ratio", language)),
        tag("p", drawing.tail_sentence(found.tail, language)),
        tag(
            "div",
            tag("h3", say("report.level_changes", language)),
            tag("ul", [tag("li", sentence) for sentence in moved]),
        )
        if moved
        else None,
        id="predictability",
    )


def unfinished_chapter(found: UnfinishedWork, language: Language, figures: Figures) -> Markup:
    """Return flow time with unfinished work counted: curve, percentiles beside those of finished work, cohorts."""
    has = found.status is Status.VALUE
    percentiles = [{**row, "percentile": row["percentile"] / 100} for row in found.percentiles.iter_rows(named=True)]
    compared = tables.table(
        percentiles,
        [
            tables.share("percentile"),
            tables.days("days", "with_unfinished"),
            tables.days("low", "interval_low"),
            tables.days("high", "interval_high"),
            tables.days("finished_only"),
            tables.Column("difference", "difference", _signed_days),
        ],
        language,
        caption=say("report.percentiles_compared", language),
    )
    curve = tables.folded(
        say("report.table", language),
        tables.table(
            found.curve.iter_rows(named=True),
            [tables.days("days", "days_so_far"), tables.count("at_risk"), tables.share("unfinished", "unfinished")],
            language,
            caption=say("report.unfinished_curve", language),
        ),
    )
    cohorts = tables.table(
        found.cohorts.sort("cohort_us", descending=True).iter_rows(named=True),
        [
            tables.date("cohort_us", "cohort"),
            tables.count("n", "started_items"),
            tables.count("finished"),
            tables.count("open", "still_open"),
            tables.days("p50"),
            tables.days("p85"),
            tables.days("p85_finished_only", "finished_only"),
        ],
        language,
        caption=say("report.cohorts", language),
    )
    figure = figures.figure(
        "chart-unfinished-work",
        (lambda: survival_drawing.chart(found, language)) if has else None,
        metric="unfinished_work",
        sentence=survival_drawing.sentence(found, language),
        note=survival_drawing.counts_sentence(found, language),
        twin=tag("div", compared, curve) if has else None,
        wide=True,
    )
    return tag(
        "section",
        tag("h2", say("report.unfinished_work", language)),
        figure,
        cohorts if found.n else None,
        id="unfinished-work",
    )


def _figure(
    identity: str,
    behaviour: ProcessBehaviour,
    sentence: str,
    metric: str,
    language: Language,
    figures: Figures,
    changes: pl.DataFrame | None,
) -> Markup:
    has = behaviour.status is Status.VALUE
    shown = tables.count("value") if behaviour.unit == "items" else tables.days("value")
    twin = tables.table(
        behaviour.points.sort("at_us", descending=True).iter_rows(named=True),
        [
            tables.date("at_us", "day"),
            shown,
            tables.Column("moving_range", "moving_range", _range),
            tables.flag("outside"),
            tables.flag("run"),
            tables.flag("near_limit"),
        ],
        language,
        caption=sentence,
    )
    return figures.figure(
        identity,
        (lambda: drawing.chart(behaviour, language, changes=changes)) if has else None,
        metric=metric,
        sentence=sentence,
        twin=tables.folded(say("report.table", language), twin) if has else None,
        wide=True,
    )


def _range(value: float | None, language: Language) -> str:
    return "–" if value is None else short_number(value, language)


def _signed_days(value: float | None, language: Language) -> str:
    if value is None:
        return "–"
    text = in_days(abs(value), language)
    return f"+{text}" if value > 0 else f"\N{MINUS SIGN}{text}" if value < 0 else text
