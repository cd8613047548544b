"""The chapter on why work waits: causes with their evidence, where they lie, approvals, friction, the price."""

from __future__ import annotations

from typing import Any

import polars as pl

from pegel.charts import waits as drawing
from pegel.flow.answer import Status
from pegel.report import tables
from pegel.report.figures import Figures, definition_link
from pegel.report.markup import Markup, tag
from pegel.waits.causes import WaitCauses
from pegel.waits.friction import FrictionCounts
from pegel.waits.price import Price
from pegel.words import Language, say
from pegel.words.waits import evidence_text, friction_lines, price_sentence, waits_sentence

#: Metrics that the chapter links to; the page defines them.
METRICS = ("waits", "friction", "price_of_waiting")


def chapter(
    waits: WaitCauses,
    language: Language,
    figures: Figures,
    *,
    counts: FrictionCounts | None = None,
    price: Price | None = None,
) -> Markup:
    """Return the chapter; without ``counts`` or ``price`` their parts are left out."""
    has = waits.status is Status.VALUE
    drawn = drawing.rows(waits, language) if has else []
    waited = any(row["days"] for row in drawn)
    figure = figures.figure(
        "chart-waits",
        (lambda: drawing.chart(waits, language)) if waited else None,
        metric="waits",
        sentence=waits_sentence(waits, language),
        note=say("report.waits_reading", language),
        twin=_causes(waits, language) if has else None,
        wide=True,
    )
    return tag(
        "section",
        tag("h2", say("report.waits", language)),
        figure,
        _states(waits, language),
        _blocked(waits, language),
        _approvals(waits, language),
        [tag("h3", definition_link("price_of_waiting", language)), tag("p", price_sentence(price, language))]
        if price is not None
        else None,
        [tag("h3", definition_link("friction", language)), _friction(counts, language)] if counts is not None else None,
        id="waits",
    )


def _causes(waits: WaitCauses, language: Language) -> Markup:
    rows = [{**row, "wait_of": _side(row), "evidence": evidence_text(row, language)} for row in _rows(waits.by_cause)]
    columns = [
        tables.word("cause"),
        tables.word("wait_of"),
        tables.days("days", "wait_days"),
        tables.share("share", "wait_share"),
        tables.count("items", "wait_items"),
        tables.count("stays"),
        tables.days("p50", "wait_p50"),
        tables.days("p85", "wait_p85"),
        tables.text("evidence", "cause_evidence"),
    ]
    drawn = tables.table(rows, columns, language, caption=say("report.waits_caption", language))
    return tables.folded(say("report.table", language), drawn)


def _states(waits: WaitCauses, language: Language) -> Markup | None:
    mine = waits.by_state.filter(~pl.col("open"))
    many = mine["stream"].n_unique() > 1
    columns = [
        tables.state(),
        *([tables.text("stream")] if many else []),
        tables.word("cause"),
        tables.days("days", "wait_days"),
        tables.share("share", "wait_share"),
        tables.count("items"),
        tables.word("phase"),
    ]
    return _listed(mine, columns, "report.waits_states", language)


def _blocked(waits: WaitCauses, language: Language) -> Markup | None:
    rows = [{**row, "wait_of": _side(row), "block_reason": row["reason"]} for row in _rows(waits.blocked_by)]
    columns = [
        tables.word("block_reason"),
        tables.word("wait_of"),
        tables.days("days", "wait_days"),
        tables.share("share", "block_share"),
    ]
    return tables.table(rows, columns, language, caption=say("report.waits_blocked", language)) if rows else None


def _approvals(waits: WaitCauses, language: Language) -> Markup | None:
    columns = [
        tables.state(),
        tables.text("stream"),
        tables.count("items"),
        tables.days("p50"),
        tables.days("p85"),
        tables.days("days", "wait_days"),
    ]
    return _listed(waits.approvals.filter(~pl.col("open")), columns, "report.waits_approvals", language)


def _friction(counts: FrictionCounts, language: Language) -> Markup:
    rows = [{"friction_count": what, "friction_value": result} for what, result in friction_lines(counts, language)]
    columns = [tables.text("friction_count"), tables.text("friction_value")]
    return tables.table(rows, columns, language, caption=say("report.waits_friction", language))


def _listed(frame: pl.DataFrame, columns: list[tables.Column], caption: str, language: Language) -> Markup | None:
    if not frame.height:
        return None
    return tables.table(frame.iter_rows(named=True), columns, language, caption=say(caption, language))


def _rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    return list(frame.iter_rows(named=True))


def _side(row: dict[str, Any]) -> str:
    return "open" if row["open"] else "finished"
