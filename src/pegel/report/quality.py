"""The chapter about the data: what the checks found, and what that does to the figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pegel.flow.answer import Status
from pegel.quality import QualityReport
from pegel.quality.check import Check
from pegel.report import tables
from pegel.report.figures import Figures
from pegel.report.markup import Markup, tag
from pegel.words import Language, say
from pegel.words.catalogue import quoted
from pegel.words.quality import effect_sentence, quality_sentences

_STREAMS = 10


def chapter(report: QualityReport, language: Language, figures: Figures, names: Mapping[int, str]) -> Markup:
    """Return the sentences, the table of what was found, and each finding with what to do; ``names``: ids of items."""
    del figures  # the table says it all: there is no drawing
    first, *others = quality_sentences(report, language)
    found = [one for one in report.checks if one.found]
    return tag(
        "section",
        tag("h2", say("quality.title", language)),
        tag("p", first, class_="lead"),
        [tag("p", sentence) for sentence in others],
        _table(report, found, language) if found else None,
        [tables.folded(_title(one, language), _detail(report, one, language, names)) for one in found],
        _not_checked(report, language),
        id="quality",
    )


def _table(report: QualityReport, found: list[Check], language: Language) -> Markup:
    columns = [
        tables.text("label", "check"),
        tables.word("severity"),
        tables.count("found"),
        tables.share("share", "found_share"),
        tables.days("p50", "p50_without"),
        tables.days("p85", "p85_without"),
        tables.days("per_week", "per_week_without"),
        tables.share("efficiency", "efficiency_without"),
        tables.days("load_mean", "load_without"),
    ]
    rows = [
        _row(say("quality.all_items", language), None, report.items, 1.0, report.figures),
        *(
            _row(say(f"check.{one.code}.label", language), one.severity.value, one.found, one.share, one.without)
            for one in found
        ),
    ]
    return tables.table(rows, columns, language, caption=say("quality.checks", language))


def _row(label: str, severity: str | None, found: int, share: float | None, figures: Any) -> dict[str, Any]:
    shown = ("p50", "p85", "per_week", "efficiency", "load_mean")
    values = {name: None if figures is None else getattr(figures, name) for name in shown}
    return {"label": label, "severity": severity, "found": found, "share": share, **values}


def _title(check: Check, language: Language) -> str:
    return say("quality.found_by", language, check=say(f"check.{check.code}.label", language), n=check.found)


def _detail(report: QualityReport, check: Check, language: Language, names: Mapping[int, str]) -> Markup:
    streams = [str(name) for name in check.streams["stream"].head(_STREAMS)]
    examples = [names.get(number, str(number)) for number in check.examples]
    return tag(
        "div",
        tag("p", say(f"check.{check.code}.what", language)),
        tag("p", effect_sentence(check, report, language)),
        tag("p", say(f"check.{check.code}.do", language)),
        tag("p", say("quality.affected_streams", language, streams=streams)) if streams else None,
        tag("p", say("quality.example_items", language, items=examples)) if examples else None,
    )


def _not_checked(report: QualityReport, language: Language) -> list[Markup]:
    quiet = [one for one in report.checks if one.status is not Status.VALUE]
    out = []
    for reason in dict.fromkeys(one.reason for one in quiet):
        checks = [quoted(say(f"check.{one.code}.label", language), language) for one in quiet if one.reason == reason]
        said = say("quality.not_checked", language, checks=checks, reason=say(f"reason.{reason}", language))
        out.append(tag("p", said, class_="quiet"))
    return out
