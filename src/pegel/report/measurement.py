"""A measurement as one page: the verdict first, then what it stands on, what was checked, and how to repeat it."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from pegel.charts import event_study, panel_lines, verdict_interval
from pegel.impact.estimate import Estimate
from pegel.impact.verdicts.measurement import Measurement
from pegel.report import tables
from pegel.report.figures import Figures
from pegel.report.markup import Markup, joined, json_data, tag
from pegel.report.page import document, own_scripts
from pegel.words import Language, say
from pegel.words.catalogue import shown
from pegel.words.impact import (
    amount,
    answer_name,
    caveats_in_words,
    check_in_words,
    estimate_in_words,
    headline,
    next_steps,
    reasons_in_words,
    relative_bound,
)

#: Definitions that the page links to.
METRICS: Final = ("verdict", "panel_lines", "event_study")


def render_measurement(found: Measurement, language: Language) -> str:
    """Return a measurement as a self-contained HTML page.

    Raises
    ------
    UserError: ``extra_missing`` when the extra ``report`` is not installed.
    """
    figures = Figures(language)
    title = found.plan.name
    answer = found.verdict
    said = [
        tag("p", tag("strong", f"{answer_name(answer, language)}."), " ",
            headline(answer, language, scale=found.scale), class_="summary"),
    ]  # fmt: skip
    remarks = [*reasons_in_words(answer.reasons, language), *next_steps(answer, language)]
    sections = [
        _why(found, language, figures),
        _checks(found, language),
        _course(found, language, figures),
        _opinions(found, language),
        _advice(found, language),
        _return(found, language),
        _mind(found, language),
        _record(found, language),
        _definitions(language),
    ]
    kind = say("impact.page.kind", language)
    body = joined(
        tag("a", say("report.skip", language), href="#content", class_="skip"),
        tag("header", tag("p", kind, class_="kind"), tag("h1", title), _facts(found, language)),
        tag("main", said, [tag("p", remark) for remark in remarks], sections, id="content"),
        tag("footer", tag("p", say("report.privacy", language))),
        json_data({"sort": say("report.sort", language, name="{name}")}, identity="words"),
        json_data(figures.specifications, identity="charts"),
    )
    return document(body, language, title=f"{title} · {kind}", scripts=own_scripts())


def _facts(found: Measurement, language: Language) -> Markup:
    plan = found.plan
    axis, periods = found.panel.axis, found.panel.shape[1]
    delta = relative_bound(found.verdict.smallest_effect, found.scale, language, size=True)
    frozen = say("impact.page.not_frozen", language) if plan.frozen_on is None else plan.frozen_on
    facts = {
        "metric": say(f"impact.page.better_{plan.metric.better}", language, name=plan.metric.name),
        "smallest_effect": delta,
        "design": say(f"impact.design_kind.{plan.design.value}", language),
        "periods": f"{axis.label(0)} – {axis.label(periods - 1)}",
        "frozen": shown(frozen, language),
    }
    return tag(
        "dl",
        [tag("div", tag("dt", say(f"impact.page.{key}", language)), tag("dd", value)) for key, value in facts.items()],
        class_="headline",
    )


def _why(found: Measurement, language: Language, figures: Figures) -> Markup | None:
    answer = found.verdict
    if answer.effect is None:  # nothing to draw, and the reasons above say why
        return None
    figure = figures.figure(
        "chart-verdict",
        lambda: verdict_interval.chart(answer, language, scale=found.scale),
        metric="verdict",
        sentence=say("impact.page.interval_reading", language),
        twin=None,
        wide=True,
    )
    return tag("section", tag("h2", say("impact.page.effect", language)), figure, id="effect")


def _checks(found: Measurement, language: Language) -> Markup:
    rows = []
    for check in found.verdict.checks:
        name, state = check_in_words(check, language)
        p = check.values.get("p_value")
        rows.append({"check": name, "state": state, "p": None if p is None else float(p)})
    columns = [
        tables.text("check", "impact_check"),
        tables.text("state", "impact_state"),
        tables.Column("p", "impact_p", lambda value, one: "–" if value is None else amount(value, one, digits=2)),
    ]
    table = tables.table(rows, columns, language, caption=say("impact.page.checks_caption", language))
    return tag("section", tag("h2", say("impact.page.checks", language)), table, id="checks")


def _course(found: Measurement, language: Language, figures: Figures) -> Markup:
    primary, panel = found.verdict.primary, found.panel
    values = panel.values
    if found.scale == "log":
        values = np.exp(values)
    periods = [panel.axis.label(t) for t in range(panel.shape[1])]
    lines = figures.figure(
        "chart-lines",
        lambda: panel_lines.chart(
            values, panel.cohort, [str(unit) for unit in panel.units], periods, language, name=found.plan.metric.name
        ),
        metric="panel_lines",
        sentence=panel_lines.sentence(panel.cohort, language),
        twin=None,
        wide=True,
    )
    study = None
    if primary is not None and len(primary.by_horizon):
        study = figures.figure(
            "chart-event-study",
            lambda: event_study.event_study_chart(primary, language, scale=found.scale),
            metric="event_study",
            sentence=event_study.sentence(primary, language, scale=found.scale),
            note=say("impact.page.event_study_reading", language),
            twin=_horizons(primary, language, found.scale),
            wide=True,
        )
    return tag("section", tag("h2", say("impact.page.course", language)), study, lines, id="course")


def _horizons(primary: Estimate, language: Language, scale: str) -> Markup:
    names = ("effect", "low", "high", "band_low", "band_high")
    rows: list[dict[str, Any]] = [
        {
            "horizon": int(row["horizon"]),
            "adopters": int(row["adopters"]),
            **{name: None if math.isnan(row[name]) else float(row[name]) for name in names},
        }
        for row in primary.by_horizon.to_dict("records")
    ]

    def written(value: Any, one: Language) -> str:
        return "–" if value is None else relative_bound(value, scale, one)

    columns = [
        tables.count("horizon", "impact_horizon"),
        *(tables.Column(name, f"impact_{name}", written) for name in names),
        tables.count("adopters", "impact_adopters"),
    ]
    caption = say("impact.page.horizons_caption", language)
    return tables.folded(say("report.table", language), tables.table(rows, columns, language, caption=caption))


def _opinions(found: Measurement, language: Language) -> Markup | None:
    answer = found.verdict
    if answer.primary is None and not answer.guards:
        return None
    said = [
        (say("impact.page.primary", language), answer.primary),
        (say("impact.page.second", language), answer.second),
    ]
    rows = [_opinion(name, one, found.scale, language) for name, one in said if one is not None]
    worse = set(answer.worse_guards)
    plans = {guard.name: guard for guard in found.plan.guards}
    for guard in answer.guards:
        plan = plans[guard.estimate.outcome]
        state = "guard_worse" if plan.name in worse else "guard_calm"
        name = say(f"impact.page.{state}", language, name=plan.name)
        rows.append(_opinion(name, guard.estimate, plan.scale, language))
    columns = [
        tables.text("role", "impact_role"),
        tables.text("method", "impact_method"),
        tables.text("effect", "impact_effect"),
        tables.text("interval", "impact_interval"),
    ]
    table = tables.table(rows, columns, language, caption=say("impact.page.opinions_caption", language))
    basis = None if answer.primary is None else tag("p", estimate_in_words(answer.primary, language), class_="quiet")
    return tag("section", tag("h2", say("impact.page.opinions", language)), table, basis, id="opinions")


def _opinion(role: str, one: Estimate, scale: str, language: Language) -> dict[str, str]:
    interval = "–" if one.interval is None else " … ".join(
        relative_bound(value, scale, language) for value in one.interval
    )  # fmt: skip
    return {
        "role": role,
        "method": say(f"impact.method.{one.method}", language),
        "effect": "–" if one.effect is None else relative_bound(one.effect, scale, language),
        "interval": interval,
    }


def _advice(found: Measurement, language: Language) -> Markup | None:
    if found.advice is None:
        return None
    return tag(
        "section",
        tag("h2", say("impact.page.advice", language)),
        tag("p", found.advice.summary(language, scale=found.scale)),
        id="advice",
    )


def _return(found: Measurement, language: Language) -> Markup | None:
    if found.net_return is None:
        return None
    rows = [
        {
            "assumption": say(f"impact.return_input.{row['assumption']}", language),
            **{name: amount(float(row[name]), language) for name in ("low", "high", "net_low", "net_high")},
        }
        for row in found.net_return.tornado.to_dict("records")
    ]
    columns = [
        tables.text("assumption", "impact_assumption"),
        *(tables.text(name, f"impact_{name}") for name in ("low", "high", "net_low", "net_high")),
    ]
    table = (
        tables.table(rows, columns, language, caption=say("impact.page.tornado_caption", language)) if rows else None
    )
    return tag(
        "section",
        tag("h2", say("impact.page.return", language)),
        tag("p", found.net_return.summary(language)),
        table,
        id="return",
    )


def _mind(found: Measurement, language: Language) -> Markup | None:
    caveats = caveats_in_words(found.verdict.caveats, language)
    if not caveats:
        return None
    return tag(
        "section",
        tag("h2", say("impact.page.mind", language)),
        tag("ul", [tag("li", one) for one in dict.fromkeys(caveats)]),
        id="mind",
    )


def _record(found: Measurement, language: Language) -> Markup:
    facts = {
        "plan_hash": found.hashes["plan"],
        "data_hash": found.hashes["data"],
        "seed": str(found.plan.seed),
        "versions": ", ".join(f"{name} {number}" for name, number in found.versions.items()),
    }
    return tag(
        "section",
        tag("h2", say("impact.page.record", language)),
        tag(
            "dl",
            [joined(tag("dt", say(f"impact.page.{key}", language)), tag("dd", value)) for key, value in facts.items()],
            class_="facts",
        ),
        id="record",
    )


def _definitions(language: Language) -> Markup:
    return tag(
        "section",
        tag("h2", say("report.definitions", language)),
        tag(
            "dl",
            [
                joined(
                    tag("dt", say(f"metric.{name}.label", language), id=f"define-{name}"),
                    tag("dd", say(f"metric.{name}.definition", language)),
                )
                for name in METRICS
            ],
            class_="definitions",
        ),
        id="definitions",
    )
