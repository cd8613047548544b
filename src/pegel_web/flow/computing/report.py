"""The report of a stream in one language, made of the library's answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from pegel.charts import flow_distribution as distribution_words
from pegel.charts import forecast as forecast_words
from pegel.charts import predictability as predictability_words
from pegel.charts import work_item_age as age_words
from pegel.eventlog.schema import from_us
from pegel.flow.answer import Status
from pegel.prediction.predictability import Predictability
from pegel.quality.report import QualityReport
from pegel.waits.causes import WaitCauses
from pegel.words import Language, say
from pegel.words.names import policy_name, state_name, term
from pegel.words.quality import effect_sentence, quality_sentences
from pegel.words.summary import longest_wait, stall_in_short, summary, where_it_stalls
from pegel.words.waits import evidence_text, waits_sentence
from pegel_web.flow.computing.answers import Answers
from pegel_web.flow.computing.drawings import Drawn
from pegel_web.flow.computing.figures import figures
from pegel_web.flow.computing.kinds import kind_shares, target_sentence
from pegel_web.flow.computing.stalls import phase_lines, state_lines
from pegel_web.flow.contracts.figures import Status as ContractStatus
from pegel_web.flow.contracts.overview import OverviewContent
from pegel_web.flow.contracts.reports import (
    Ageing,
    AgeingItem,
    ChartLine,
    Distribution,
    ForecastLevel,
    LevelChange,
    Quality,
    QualityLine,
    ReportContent,
    Steadiness,
    StreamForecast,
    WaitLine,
    Waits,
)

#: Open items listed one by one, the oldest.
MOST_AGEING: Final = 50


def overview_content(answers: Answers, language: Language) -> OverviewContent:
    """Return a stream in one line."""
    report = answers.report
    configured = report.flow_efficiency.status is not Status.NOT_CONFIGURED
    waits_in = longest_wait(report.time_in_state) if configured else None
    return OverviewContent(
        period=answers.period,
        policy=report.policy.name,
        people=answers.people,
        figures=figures(report, answers.before, answers.standing.steadiness, language),
        stall=stall_in_short(report, language),
        stall_state=None if waits_in is None else state_name(waits_in.state, language),
        stall_share=None if waits_in is None else waits_in.share,
        open=report.work_item_age.n,
        late=report.work_item_age.beyond_p85,
        oldest=report.work_item_age.oldest,
    )


def report_content(answers: Answers, drawn: Iterable[Drawn], language: Language) -> ReportContent:
    """Return the whole report. ``drawn``: the drawings that belong to it."""
    report, counts = answers.report, answers.report.counts
    states = state_lines(answers, language)
    return ReportContent(
        period=answers.period,
        from_at=from_us(report.from_us),
        until_at=from_us(report.until_us),
        as_of=from_us(report.as_of_us),
        policy=report.policy.name,
        policy_name=policy_name(report.policy.name, language),
        policy_version=report.policy.version,
        unit=report.unit,
        workflow_status=report.workflow_status,
        people=answers.people,
        summary=summary(report, language),
        stall=where_it_stalls(report, language),
        figures=figures(report, answers.before, answers.standing.steadiness, language),
        counts={name: getattr(counts, name) for name in counts.__slots__},
        states=states,
        phases=phase_lines(states, language),
        unmapped_states=len(report.unmapped),
        waits=_waits(answers.waits, language),
        distribution=_distribution(answers, language),
        ageing=_ageing(answers, language),
        forecast=_forecast(answers, language),
        steadiness=_steadiness(answers.standing.steadiness, language),
        quality=_quality(answers.standing.quality, language),
        charts=tuple(ChartLine(name=one.name, sentence=one.sentence) for one in drawn),
    )


def _distribution(answers: Answers, language: Language) -> Distribution:
    found = answers.report.flow_distribution
    declared = bool(answers.declared.shares)
    lines = kind_shares(found, answers.declared, language)
    said = distribution_words.sentence(found, language)
    return Distribution(
        definition=found.definition,
        status=_status(found.status),
        sentence=f"{said} {target_sentence(lines, language)}".strip() if declared else said,
        declared=declared,
        lines=lines,
    )


def _waits(waits: WaitCauses, language: Language) -> Waits:
    rows = waits.by_cause.filter(~pl.col("open")) if waits.by_cause.height else waits.by_cause
    return Waits(
        definition=waits.definition,
        status=_status(waits.status),
        sentence=waits_sentence(waits, language),
        lines=tuple(
            WaitLine(
                cause=row["cause"],
                cause_name=term("cause", row["cause"], language),
                evidence=evidence_text(row, language),
                **{name: row[name] for name in ("days", "share", "items", "p50", "p85")},
            )
            for row in rows.iter_rows(named=True)
        ),
    )


def _ageing(answers: Answers, language: Language) -> Ageing:
    age = answers.report.work_item_age
    listed = age.items.head(MOST_AGEING)
    return Ageing(
        definition=age.definition,
        status=_status(age.status),
        sentence=age_words.sentence(age, language),
        open=age.n,
        late=age.beyond_p85,
        oldest=age.oldest,
        items=tuple(
            AgeingItem(
                item=answers.names.get(row["item"], str(row["item"])),
                type=row["type"],
                state=row["state"],
                state_name=state_name(row["state"], language),
                **{name: row[name] for name in ("age_days", "in_state_days", "pace", "p50", "p85")},
            )
            for row in listed.iter_rows(named=True)
        ),
    )


def _forecast(answers: Answers, language: Language) -> StreamForecast:
    found, all_open = answers.standing.ahead, answers.standing.all_open
    has = found.status is Status.VALUE
    items = {row["level"]: row["items"] for row in forecast_words.together(found.how_many).iter_rows(named=True)}
    days = {}
    if all_open is not None and all_open.status is Status.VALUE:
        days = {row["level"]: row["day_us"] for row in forecast_words.together(all_open.when).iter_rows(named=True)}
    levels = tuple(
        ForecastLevel(
            confidence=level / 100,
            items=items.get(level),
            day=None if days.get(level) is None else from_us(days[level]),
        )
        for level in sorted({*items, *days})
    )
    return StreamForecast(
        definition=found.definition,
        status=_status(found.status),
        sentence=forecast_words.sentence(found, language),
        open_sentence="" if not days or all_open is None else forecast_words.sentence(all_open, language),
        backtest=forecast_words.backtest_sentence(found.backtest, language) if has else "",
        basis=forecast_words.basis(found, language) if has else "",
        levels=levels,
        assumptions=tuple(term("assumption", code, language) for code in found.assumptions) if has else (),
    )


def _steadiness(found: Predictability, language: Language) -> Steadiness:
    changes = predictability_words.change_sentences(found, language)
    return Steadiness(
        status=_status(found.status),
        finding=found.finding,
        sentence=predictability_words.sentence(found, language),
        flow_time_sentence=predictability_words.flow_time_sentence(found.flow_time, language),
        changes=tuple(changes),
        levels=tuple(
            LevelChange(week_us=week, sentence=said)
            for week, said in zip(found.changes["week_us"].to_list(), changes, strict=True)
        ),
    )


def _quality(report: QualityReport, language: Language) -> Quality:
    return Quality(
        grade=report.grade,
        sentences=tuple(quality_sentences(report, language)),
        lines=tuple(
            QualityLine(
                check=one.code,
                name=say(f"check.{one.code}.label", language),
                severity=one.severity.value,
                severity_name=term("severity", one.severity.value, language),
                found=one.found or 0,
                share=one.share,
                effect=effect_sentence(one, report, language),
                do=say(f"check.{one.code}.do", language),
            )
            for one in report.checks
            if one.found
        ),
    )


def _status(status: Status) -> ContractStatus:
    return status.value
