"""What one has to know about the data, and what every number means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pegel.flow.flow_report import FlowReport
from pegel.report import tables
from pegel.report.markup import Markup, joined, tag
from pegel.words import Language, say
from pegel.words.catalogue import has
from pegel.words.dates import moment_text, period_text
from pegel.words.names import policy_name, term
from pegel.words.numbers import number

#: The ten metrics in the order of the page.
METRICS: Final = (
    "flow_time",
    "flow_velocity",
    "flow_efficiency",
    "flow_load",
    "flow_distribution",
    "time_in_state",
    "work_item_age",
    "cumulative_flow",
    "arrivals_and_departures",
    "littles_law",
)


def data_notes(report: FlowReport, language: Language, notes: Sequence[str]) -> Markup:
    """Return period, rules, state of the mapping, states without meaning, and what else the caller has to say."""
    counts = report.counts
    detail = say(
        "report.items_detail",
        language,
        **{
            name: getattr(counts, name)
            for name in ("finished", "open", "not_started", "cancelled", "deleted", "reopened")
        },
    )
    name = report.policy.name
    meaning = f"policy.{name}.meaning"
    facts = [
        ("streams", joined(", ".join(report.streams) or "–")),
        ("period", joined(period_text(report.from_us, report.until_us, language))),
        ("as_of", joined(moment_text(report.as_of_us, language))),
        (
            "policy",
            joined(
                f"{policy_name(name, language)} ({name}, {number(report.policy.version, language)}). ",
                say(meaning, language) if has(meaning) else None,
            ),
        ),
        ("calendar", joined(term("calendar", report.calendar, language))),
        ("mapping", joined(term("mapping", report.workflow_status, language))),
        ("items", joined(f"{number(counts.items, language)}: {detail}")),
    ]
    undefined = report.flow_time.undefined
    remarks = [*([say("report.undefined_times", language, n=undefined)] if undefined else []), *notes]
    return tag(
        "section",
        tag("h2", say("report.notes", language)),
        tag(
            "dl",
            [joined(tag("dt", say(f"report.{key}", language)), tag("dd", body)) for key, body in facts],
            class_="facts",
        ),
        tag("ul", [tag("li", remark) for remark in remarks]) if remarks else None,
        _unmapped(report, language),
        id="notes",
    )


def definitions(language: Language, further: Sequence[str] = ()) -> Markup:
    """Return the definitions of all metrics, each with an anchor that the numbers on the page link to."""
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
                for name in (*METRICS, *further)
            ],
            class_="definitions",
        ),
        id="definitions",
    )


def _unmapped(report: FlowReport, language: Language) -> Markup:
    if not report.unmapped:
        return tag("p", say("report.unmapped_none", language))
    rows = [
        {"state": one.state, "stream": one.stream, "items": one.items, "days": one.days, "share": one.share}
        for one in report.unmapped
    ]
    columns = [
        tables.state(),
        tables.text("stream"),
        tables.count("items"),
        tables.days("days"),
        tables.share("share", "share_of_time"),
    ]
    return joined(
        tag("p", say("report.unmapped_some", language, n=len(rows))),
        tables.table(rows, columns, language, caption=say("report.unmapped", language)),
    )
