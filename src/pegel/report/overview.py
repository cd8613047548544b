"""A small page that leads to several reports: one line per stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pegel.flow.answer import Answer, Status
from pegel.flow.flow_report import FlowReport
from pegel.report.markup import Markup, tag
from pegel.report.page import document
from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import term
from pegel.words.numbers import number, percent
from pegel.words.summary import stall_in_short


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexEntry:
    """A report that the overview links to. ``href``: relative address of its page. ``note``: where the data is from."""

    name: str
    href: str
    report: FlowReport
    note: str = ""


def render_index(entries: Sequence[IndexEntry], language: Language) -> str:
    """Return the overview as a self-contained HTML page without scripts."""
    title = say("index.title", language)
    heads = [say("column.report", language)]
    heads += [say("column.finished", language), say("column.p85_short", language)]
    heads += [say(f"metric.{name}.label", language) for name in ("flow_efficiency", "flow_load")]
    heads += [say("column.stall", language)]
    table = tag(
        "table",
        tag("caption", say("index.caption", language)),
        tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
        tag("tbody", [_line(entry, language) for entry in entries]),
    )
    count = say("index.intro" if entries else "index.none", language, n=len(entries))
    body = [
        tag("a", say("report.skip", language), href="#content", class_="skip"),
        tag("header", tag("h1", title), tag("p", count)),
        tag("main", tag("div", table, class_="table index") if entries else None, id="content"),
        tag("footer", tag("p", say("report.privacy", language))),
    ]
    return document(tag("div", body), language, title=title)


def _line(entry: IndexEntry, language: Language) -> Markup:
    report = entry.report
    time, efficiency, load = report.flow_time, report.flow_efficiency, report.flow_load
    return tag(
        "tr",
        tag(
            "th",
            tag("a", entry.name, href=quote(entry.href, safe="/._-")),
            tag("span", entry.note, class_="quiet") if entry.note else None,
            scope="row",
        ),
        tag("td", number(report.flow_velocity.finished or 0, language), class_="q"),
        _figure(time, None if time.p85 is None else duration(time.p85, language, unit=time.unit), language),
        _figure(efficiency, None if efficiency.share is None else percent(efficiency.share, language), language),
        _figure(load, None if load.now is None else number(load.now, language), language),
        tag("td", stall_in_short(report, language)),
    )


def _figure(answer: Answer, value: str | None, language: Language) -> Markup:
    if answer.status is Status.VALUE and value is not None:
        return tag("td", value, class_="q")
    return tag("td", term("status", answer.status.value, language), class_="q quiet")
