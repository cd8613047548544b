"""The flow report as one page: nothing is loaded from anywhere, it works without scripts, and it prints well."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from pegel.flow.flow_report import FlowReport
from pegel.insights import Insights
from pegel.report.cards import cards
from pegel.report.chapters import Chapter, chapters
from pegel.report.figures import Figures, recolouring, vega_bundle
from pegel.report.markup import Markup, inline, joined, json_data, tag
from pegel.report.notes import data_notes, definitions
from pegel.report.sections import ageing, stability, stalls, trends
from pegel.words import Language, say
from pegel.words.dates import day_text, period_text
from pegel.words.names import policy_name, term
from pegel.words.summary import summary

_SECTIONS = ("stalls", "metrics", "trends", "ageing", "stability", "notes", "definitions")
_HEADINGS = {"stability": "flow"}


def render_html(
    report: FlowReport,
    language: Language,
    *,
    title: str,
    notes: Sequence[str] = (),
    item_names: Mapping[int, str] | None = None,
    insights: Insights | None = None,
) -> str:
    """Return a report as a self-contained HTML page.

    Parameters
    ----------
    insights: what is known beyond the ten metrics: chapters of their own.
    title: what the report is about. ``notes``: further remarks on the data, in the language of the page.
    item_names: id in its tool by item number; without it, items are shown by number.

    Raises
    ------
    UserError: ``extra_missing`` when the extra ``report`` is not installed.
    """
    figures = Figures(language)
    further = [] if insights is None else chapters(insights, language, figures, item_names or {})
    sections = [
        stalls(report, language, figures),
        tag("section", tag("h2", say("report.metrics", language)), cards(report, language), id="metrics"),
        trends(report, language, figures),
        ageing(report, language, figures, item_names or {}),
        stability(report, language, figures),
        *(chapter.body for chapter in further),
        data_notes(report, language, notes),
        definitions(language, [name for chapter in further for name in chapter.metrics]),
    ]
    body = joined(
        tag("a", say("report.skip", language), href="#content", class_="skip"),
        tag(
            "header",
            tag("p", say("report.kind", language), class_="kind"),
            tag("h1", title),
            _facts(report, language),
            tag("nav", _contents(language, further), aria_label=say("report.contents", language)),
        ),
        tag("main", tag("p", summary(report, language), class_="summary"), sections, id="content"),
        tag("footer", tag("p", say("report.privacy", language))),
        json_data({"sort": say("report.sort", language, name="{name}")}, identity="words"),
        json_data(figures.specifications, identity="charts"),
    )
    return document(body, language, title=f"{title} · {say('report.kind', language)}", scripts=own_scripts())


def document(body: Markup, language: Language, *, title: str, scripts: Sequence[str] = ()) -> str:
    """Return a whole page around a body; only the given scripts and our own style may act in it."""
    style = _style()
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src {_allowed(style)}",
            *([f"script-src {' '.join(_allowed(script) for script in scripts)}"] if scripts else []),
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        inline("style", style),
    )
    page = tag("html", head, tag("body", body, *(inline("script", script) for script in scripts)), lang=language)
    return f"<!DOCTYPE html>\n{page}\n"


def _facts(report: FlowReport, language: Language) -> Markup:
    shown = {
        "period": period_text(report.from_us, report.until_us, language),
        "as_of": day_text(report.as_of_us, language),
        "policy": policy_name(report.policy.name, language),
        "mapping": term("mapping", report.workflow_status, language),
    }
    return tag(
        "dl",
        [tag("div", tag("dt", say(f"report.{key}", language)), tag("dd", value)) for key, value in shown.items()],
        class_="headline",
    )


def _contents(language: Language, further: Sequence[Chapter]) -> Markup:
    first, last = _SECTIONS[:-2], _SECTIONS[-2:]
    named = [(name, f"report.{_HEADINGS.get(name, name)}") for name in (*first, *last)]
    named[len(first) : len(first)] = [(chapter.identity, chapter.heading) for chapter in further]
    return tag("ul", [tag("li", tag("a", say(heading, language), href=f"#{name}")) for name, heading in named])


def _allowed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def own_scripts() -> tuple[str, str]:
    """Return the scripts of a page with drawings: Vega, and ours."""
    return vega_bundle(), _packaged("script.js")


@cache
def _style() -> str:
    dark = f"@media screen and (prefers-color-scheme: dark) {{{recolouring()}}}"
    return _packaged("style.css") + dark


def _packaged(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
