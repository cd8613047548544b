"""The sentences about the quality of the data: how much is doubtful, and by how much it moves the figures."""

from __future__ import annotations

from typing import Final

from pegel.flow.answer import Status
from pegel.quality import QualityReport
from pegel.quality.bounds import Bounds
from pegel.quality.catalogue import Severity
from pegel.quality.check import Check
from pegel.quality.figures import Figures
from pegel.words.catalogue import Language, say
from pegel.words.durations import duration
from pegel.words.names import reason_text, term
from pegel.words.numbers import number, percent

#: Figures that are shown, the most asked for first.
SHOWN: Final = ("p50", "p85", "per_week", "efficiency", "load_mean")


def quality_sentences(report: QualityReport, language: Language) -> list[str]:
    """Return what the checks say about the data, the most important first."""
    if report.status is not Status.VALUE:
        return [say(f"reason.{report.reason}", language)]
    count = say("count.items", language, n=report.doubtful)
    share = percent(report.doubtful / report.items, language)
    out = [say(f"grade.{report.grade}", language, count=count, share=share, total=report.items)]
    moved = moves(report.figures, report.without_doubtful, report.unit, language)
    if report.doubtful:
        out.append(say("quality.without", language, moves=moved) if moved else say("quality.moves_nothing", language))
    checks = [one for one in report.checks if one.without is not None and one.severity is not Severity.NOTICE]
    worst = max(checks, key=lambda one: _shift(report.figures, one.without), default=None)
    if worst is not None and worst.without is not None and _shift(report.figures, worst.without) > 0:
        out.append(
            say(
                "quality.most",
                language,
                check=say(f"check.{worst.code}.label", language),
                count=say("count.items", language, n=worst.items),
                before=figure_text("p85", report.figures.p85, report.unit, language),
                after=figure_text("p85", worst.without.p85, report.unit, language),
            )
        )
    if rejected := report.check("rows_rejected").rows:
        out.append(say("quality.rows_lost", language, n=rejected))
    if report.unseen:
        out.append(say("quality.unseen", language, n=report.unseen))
    return out


def effect_sentence(check: Check, report: QualityReport, language: Language) -> str:
    """Return what a check's findings do to the figures; why there is no answer where there is none."""
    if check.status is not Status.VALUE:
        return f"{term('status', check.status.value, language)}: {say(f'reason.{check.reason}', language)}"
    if not check.found:
        return say("quality.nothing_found", language)
    parts = []
    if check.without is not None:
        moved = moves(report.figures, check.without, report.unit, language)
        parts.append(say("quality.without", language, moves=moved) if moved else say("quality.moves_nothing", language))
    limits = [_between(one, report.unit, language) for one in check.bounds if one.figure in SHOWN]
    if limits:
        parts.append(say("quality.bounded", language, limits="; ".join(limits)))
    if check.reasons.height:
        listed = [
            say("quality.reason", language, rows=row["rows"], reason=reason_text(row["reason"], language))
            for row in check.reasons.iter_rows(named=True)
        ]
        parts.append("; ".join(listed) + ".")
    if check.without is None and not limits:
        parts.append(say("quality.not_by_item", language))
    return " ".join(parts)


def moves(before: Figures, after: Figures, unit: str, language: Language) -> str:
    """Return the figures that read differently without some items: "p85 12 → 9.5 days; …"; empty: none does."""
    out = []
    for name in SHOWN:
        one, other = (figure_text(name, getattr(side, name), unit, language) for side in (before, after))
        if one != other:
            out.append(say("quality.move", language, figure=say(f"figure.{name}", language), before=one, after=other))
    return "; ".join(out)


def figure_text(name: str, value: float | None, unit: str, language: Language) -> str:
    """Return a figure (name as in ``Figures``) as a person reads it."""
    if value is None:
        return "–"
    if name in ("p50", "p85"):
        return duration(value, language, unit=unit)
    if name == "efficiency":
        return percent(value, language)
    return number(value, language, decimals=1)


def _between(limits: Bounds, unit: str, language: Language) -> str:
    low, high = (figure_text(limits.figure, value, unit, language) for value in (limits.low, limits.high))
    code = "quality.at_least" if limits.high is None else "quality.between"
    return say(code, language, figure=say(f"figure.{limits.figure}", language), low=low, high=high)


def _shift(before: Figures, after: Figures | None) -> float:
    """By how many days the 85th percentile moves."""
    return abs(before.p85 - after.p85) if after and before.p85 is not None and after.p85 is not None else 0.0
