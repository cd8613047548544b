"""One check: what it found, and what that does to the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from pegel.flow.answer import Answer, Status
from pegel.quality import bounds
from pegel.quality.bounds import Bounds
from pegel.quality.catalogue import CheckRule, Severity, Unanswered
from pegel.quality.facts import ImportFacts
from pegel.quality.figures import Figures, Measured

DEFINITION: Final = "data_quality/1"
#: Items that a check names.
EXAMPLES: Final = 10
#: What imports report, by the check that it belongs to; the rest are "import_warnings".
_REPORTED: Final = {
    "history_truncated": frozenset({"history_truncated", "no_state_history"}),
    "negative_span": frozenset(
        {
            "authored_after_commit",
            "backward_flow",
            "change_before_creation",
            "closed_before_created",
            "closed_before_started",
            "created_after_first_event",
            "started_before_created",
        }
    ),
    "future_time": frozenset({"future_time"}),
    "conflicting_records": frozenset({"duplicate_item_id", "item_repeated"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Answer):
    """A check: ``items`` found (None: it has no answer, or finds rows), their ``share``, and ``rows`` of the imports.

    ``examples``: numbers of the first items. ``streams``: [stream, items]. ``reasons``: [reason, rows]. ``without``:
    the figures without the items (None: none were found). ``moves``: names of the figures that differ from those of
    all items. ``bounds``: between which values figures lie.
    """

    code: str
    severity: Severity
    items: int | None = None
    share: float | None = None
    rows: int | None = None
    examples: tuple[int, ...] = ()
    streams: pl.DataFrame
    reasons: pl.DataFrame
    without: Figures | None = None
    moves: tuple[str, ...] = ()
    bounds: tuple[Bounds, ...] = ()

    @property
    def found(self) -> int:
        """Items, or rows of the imports, that the check found."""
        return self.items or self.rows or 0


def check_of_items(
    measured: Measured,
    rule: CheckRule,
    found: Mapping[str, pl.Series | Unanswered],
    figures: Figures,
    imports: Sequence[ImportFacts],
) -> Check:
    """Say what a check of items found, what the imports report about the same, and compute its effect."""
    reported = _reported(rule.code, imports) if rule.code in _REPORTED else {}
    items = found.get(rule.code, Unanswered(Status.NO_DATA, "nothing_to_check"))
    if isinstance(items, Unanswered):
        return _check(rule, status=items.status, reason=items.reason)
    if not items.len():
        return _check(rule, items=0, share=0.0, **reported)
    without = measured.figures(items)
    streams = measured.windows.filter(pl.col("item").is_in(items.implode())).group_by("stream").agg(items=pl.len())
    return _check(
        rule,
        items=items.len(),
        share=items.len() / measured.items,
        examples=tuple(items.head(EXAMPLES).to_list()),
        streams=streams.cast({"items": pl.Int64}).sort("items", "stream", descending=[True, False]),
        without=without,
        moves=figures.differing(without),
        bounds=_bounds(measured, rule.code, items),
        **reported,
    )


def _bounds(measured: Measured, code: str, items: pl.Series) -> tuple[Bounds, ...]:
    if code == "done_without_start":
        return bounds.never_started(measured, items)
    if code == "history_begins_late":
        return bounds.lengthened(measured, items)
    return bounds.unmapped_as_work(measured) if code == "unmapped_states" else ()


def check_of_imports(
    measured: Measured, rule: CheckRule, imports: Sequence[ImportFacts] | None, figures: Figures
) -> Check:
    """Add up what the imports say: rows and histories of which nobody knows to which items they would belong."""
    if imports is None:
        return _check(rule, status=Status.NOT_CONFIGURED, reason="no_import_facts")
    if not imports:
        return _check(rule, status=Status.NO_DATA, reason="nothing_imported")
    if rule.code == "rows_rejected":
        # The account knows all of them, also where reasons are kept for some only.
        rows, read = (sum(getattr(one, name) for one in imports) for name in ("rejected", "rows"))
        return _check(
            rule,
            rows=rows,
            share=rows / read if read else None,
            reasons=_table_of(_added(one.rejected_reasons for one in imports)),
            bounds=bounds.unread_rows(measured, rows, figures.finished),
        )
    reported = _reported(rule.code, imports)
    truncated = rule.code == "history_truncated"
    return _check(rule, **reported, bounds=bounds.some_lengthened(measured, reported["rows"]) if truncated else ())


def _reported(code: str, imports: Sequence[ImportFacts]) -> dict[str, Any]:
    """Return ``rows`` and ``reasons`` that the imports report for a check."""
    if code in _REPORTED:
        chosen = _REPORTED[code]
        # What cost a row is among the reasons of the account, what cost none among its warnings.
        counts = _added(
            {reason: n for reason, n in said.items() if reason in chosen}
            for one in imports
            for said in (one.reasons, one.warnings)
        )
    else:
        elsewhere = frozenset[str]().union(*_REPORTED.values())
        counts = _added({reason: n for reason, n in one.warnings.items() if reason not in elsewhere} for one in imports)
    return {"rows": counts.total(), "reasons": _table_of(counts)}


def _table_of(counts: Mapping[str, int]) -> pl.DataFrame:
    """Return [reason, rows], most rows first."""
    columns = {"reason": list(counts), "rows": list(counts.values())}
    table = pl.DataFrame(columns, schema={"reason": pl.String(), "rows": pl.Int64()})
    return table.sort("rows", "reason", descending=[True, False])


def _check(rule: CheckRule, **values: Any) -> Check:
    empty = {
        "status": Status.VALUE,
        "streams": pl.DataFrame(schema={"stream": pl.String(), "items": pl.Int64()}),
        "reasons": pl.DataFrame(schema={"reason": pl.String(), "rows": pl.Int64()}),
    }
    return Check(definition=DEFINITION, code=rule.code, severity=rule.severity, **{**empty, **values})


def _added(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total
