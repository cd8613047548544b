"""The chapters on bottlenecks and on where to start small."""

from __future__ import annotations

from collections.abc import Sequence

from pegel.charts import bottlenecks as drawing
from pegel.flow.answer import Status
from pegel.report import tables
from pegel.report.figures import Figures, definition_link
from pegel.report.markup import Markup, joined, tag
from pegel.waits.bottlenecks import Bottlenecks
from pegel.waits.picker import StartSmall, Step
from pegel.words import Language, say
from pegel.words.bottlenecks import bottleneck_sentence, evidence_text, part_sentence, pick_sentence
from pegel.words.names import state_name, term
from pegel.words.numbers import short_number


def chapter(result: Bottlenecks, language: Language, figures: Figures) -> Markup:
    """Return the chapter on bottlenecks: chart with its table, what the data suggests, before and after commitment."""
    has = result.status is Status.VALUE and bool(result.stages.height)
    sure = result.certainty.status is Status.VALUE
    note = say("report.bottlenecks_reading" if sure else "report.bottlenecks_reading_plain", language)
    drawn = drawing.rows(result, language) if has else []
    figure = figures.figure(
        "chart-bottlenecks",
        (lambda: drawing.chart(result, language)) if drawn else None,
        metric="bottlenecks",
        sentence=bottleneck_sentence(result, language),
        note=note,
        twin=_stages(result, language) if has else None,
        wide=True,
    )
    return tag(
        "section",
        tag("h2", say("report.bottlenecks", language)),
        figure,
        _options(result, language) if has else None,
        tag("h3", definition_link("upstream_efficiency", language)),
        [tag("p", part_sentence(part, language, unit=result.unit)) for part in (result.upstream, result.downstream)],
        id="bottlenecks",
    )


def start_small_chapter(result: StartSmall, language: Language) -> Markup:
    """Return the chapter on where to start small: the step, its baseline, all steps, those without a phase."""
    return tag(
        "section",
        tag("h2", say("report.start_small", language)),
        tag("p", pick_sentence(result, language), class_="lead"),
        _steps(result.steps, language) if result.steps else None,
        tables.table(
            result.not_configured.iter_rows(named=True),
            [tables.state(), tables.text("stream"), tables.word("category"), _decimal("hours_per_week")],
            language,
            caption=say("report.steps_unmapped", language),
        )
        if result.not_configured.height
        else None,
        id="start-small",
    )


def definitions(language: Language) -> Markup:
    """Return the definitions that the chapters link to, as terms of a list of definitions."""
    names = ("bottlenecks", "start_small", "upstream_efficiency")
    return joined(
        [
            joined(
                tag("dt", say(f"metric.{name}.label", language), id=f"define-{name}"),
                tag("dd", say(f"metric.{name}.definition", language)),
            )
            for name in names
        ]
    )


def _stages(result: Bottlenecks, language: Language) -> Markup:
    many = result.stages["stream"].n_unique() > 1
    columns = [
        tables.state(),
        *([tables.text("stream")] if many else []),
        *([tables.text("type")] if result.by_type else []),
        tables.word("stage_kind"),
        tables.count("rank"),
        tables.days("per_item_days"),
        tables.days("per_item_low"),
        tables.days("per_item_high"),
        tables.days("excess_per_item_days"),
        tables.days("per_week_days"),
        tables.share("share_of_stream"),
        tables.share("first_share"),
        tables.count("rank_by_longest"),
        tables.count("items"),
        tables.count("arrivals"),
        tables.count("departures"),
        tables.word("trend", "queue_trend"),
        tables.count("now"),
        tables.days("oldest_days"),
    ]
    caption = say("report.bottlenecks_caption", language)
    drawn = tables.table(result.stages.iter_rows(named=True), columns, language, caption=caption)
    return tables.folded(say("report.table", language), drawn)


def _options(result: Bottlenecks, language: Language) -> Markup:
    head = say("report.removal_options", language)
    if not result.options:
        return tag("p", say("bottleneck.no_options", language))
    rows = [
        {
            "state": state_name(one.state, language),
            "stream": one.stream,
            "type": one.type,
            "option": term("removal", one.option.value, language),
            "strength": one.strength.value,
            "evidence": evidence_text(one, language, unit=result.unit),
        }
        for one in result.options
    ]
    columns = [
        tables.text("state"),
        tables.text("stream"),
        *([tables.text("type")] if result.by_type else []),
        tables.text("option"),
        tables.word("strength"),
        tables.text("evidence"),
    ]
    return tables.table(rows, columns, language, caption=head)


def _steps(steps: Sequence[Step], language: Language) -> Markup:
    rows = [
        {
            "state": step.state,
            "stream": step.stream,
            "type": step.type,
            "phase": step.phase,
            "hours_per_week": step.lost_hours_per_week.value,
            "hours_low": step.lost_hours_per_week.low,
            "hours_high": step.lost_hours_per_week.high,
            "share_of_stream": step.share_of_stream,
            "n": step.baseline.n,
            "n_per_week": step.baseline.n_per_week,
            "mean": step.baseline.mean.value,
            "p50": step.baseline.p50.value,
            "p85": step.baseline.p85.value,
            "step_pace": step.pace.value,
            "sufficient": step.baseline.sufficient,
            "proven": step.proven,
        }
        for step in steps
    ]
    columns = [
        tables.state(),
        tables.word("phase"),
        tables.text("stream"),
        *([tables.text("type")] if any(step.type for step in steps) else []),
        _decimal("hours_per_week"),
        _decimal("hours_low"),
        _decimal("hours_high"),
        tables.share("share_of_stream"),
        tables.count("n"),
        _decimal("n_per_week"),
        tables.days("mean"),
        tables.days("p50"),
        tables.days("p85"),
        tables.word("step_pace"),
        tables.flag("sufficient"),
        tables.flag("proven"),
    ]
    return tables.table(rows, columns, language, caption=say("report.steps_caption", language))


def _decimal(key: str) -> tables.Column:
    return tables.Column(key, key, lambda value, language: "–" if value is None else short_number(value, language))
