"""The five metrics as cards: a number, its unit, what it means, how many items it stands on, or why there is none."""

from __future__ import annotations

from pegel.flow.answer import Answer, Status
from pegel.flow.flow_report import FlowReport
from pegel.report.figures import definition_link
from pegel.report.markup import Markup, tag
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import term
from pegel.words.numbers import number, percent, short_number


def cards(report: FlowReport, language: Language) -> Markup:
    """Return the five cards."""
    return tag(
        "div",
        _time(report, language),
        _velocity(report, language),
        _efficiency(report, language),
        _load(report, language),
        _distribution(report, language),
        class_="cards",
    )


def _time(report: FlowReport, language: Language) -> Markup:
    time = report.flow_time
    if time.p50 is None or time.p85 is None or time.p95 is None:
        return _empty("flow_time", time, language)
    p50, p85, p95 = (duration(days, language, unit=time.unit) for days in (time.p50, time.p85, time.p95))
    return _card(
        "flow_time",
        p85,
        say("card.p85", language),
        say("card.more_time", language, p50=p50, p95=p95),
        say("card.n_finished", language, n=time.n),
        language,
    )


def _velocity(report: FlowReport, language: Language) -> Markup:
    velocity = report.flow_velocity
    if velocity.per_week is None or velocity.finished is None:
        return _empty("flow_velocity", velocity, language)
    return _card(
        "flow_velocity",
        short_number(velocity.per_week, language),
        say("card.per_week", language),
        None,
        say("card.n_finished", language, n=velocity.finished),
        language,
    )


def _efficiency(report: FlowReport, language: Language) -> Markup:
    efficiency = report.flow_efficiency
    if efficiency.share is None or efficiency.active_days is None or efficiency.waiting_days is None:
        return _empty("flow_efficiency", efficiency, language)
    return _card(
        "flow_efficiency",
        percent(efficiency.share, language),
        say("card.in_active", language),
        say(
            "card.more_efficiency",
            language,
            active_time=duration(efficiency.active_days, language, unit=report.unit),
            waiting_time=duration(efficiency.waiting_days, language, unit=report.unit),
        ),
        say("card.n_finished", language, n=efficiency.n),
        language,
    )


def _load(report: FlowReport, language: Language) -> Markup:
    load = report.flow_load
    if load.now is None or load.mean is None:
        return _empty("flow_load", load, language)
    return _card(
        "flow_load",
        number(load.now, language),
        say("card.in_progress", language),
        say("card.more_load", language, mean=short_number(load.mean, language)),
        None,
        language,
    )


def _distribution(report: FlowReport, language: Language) -> Markup:
    distribution = report.flow_distribution
    if distribution.status is not Status.VALUE:
        return _empty("flow_distribution", distribution, language)
    ordered = sorted(distribution.shares.items(), key=lambda one: -one[1])
    kind, share = ordered[0]
    rest = " · ".join(f"{term('kind', name, language)} {percent(part, language)}" for name, part in ordered[1:])
    return _card(
        "flow_distribution",
        percent(share, language),
        term("kind", kind, language),
        rest or None,
        say("card.n_finished", language, n=distribution.n),
        language,
    )


def _card(metric: str, value: str, unit: str, more: str | None, n: str | None, language: Language) -> Markup:
    return tag(
        "article",
        tag("h3", definition_link(metric, language)),
        tag("p", tag("b", value), " ", tag("span", unit, class_="unit"), class_="value"),
        tag("p", more, class_="more") if more else None,
        tag("p", say(f"metric.{metric}.means", language), class_="means"),
        tag("p", n, class_="n") if n else None,
        class_="card",
    )


def _empty(metric: str, answer: Answer, language: Language) -> Markup:
    reason = f"reason.{answer.reason or 'empty_period'}"
    return tag(
        "article",
        tag("h3", definition_link(metric, language)),
        tag("p", tag("b", term("status", answer.status.value, language)), class_="value none"),
        tag("p", say(reason, language), class_="more"),
        tag("p", say(f"metric.{metric}.means", language), class_="means"),
        class_="card",
    )
