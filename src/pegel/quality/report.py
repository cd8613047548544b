"""The data quality of a selection: every check, what it finds, and what that does to the figures.

Definition
    A check finds items (or rows of an import) whose data contradict themselves, the clock or the workflow. Its effect
    is computed: the figures of the flow report with all items, and without the ones found; where leaving them out says
    nothing, the bounds between which the figure lies. The grade follows from counts alone: the share of items found by
    a check of severity *error* or *warning*.
Unit
    Items, share of the selection's items; rows for what the imports say.
Clock
    That of the policy; windows are up to the log's moment, figures are of the period.
Source
    jirametrics (Bowler), "data quality" report: the first twelve checks; Batini & Scannapieco, *Data and Information
    Quality* (2016), ch. 2: consistency, completeness, timeliness.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import narwhals as nw
import polars as pl

from pegel.eventlog.policy import Policy
from pegel.flow.answer import Answer, Status
from pegel.flow.attribution import attribute
from pegel.flow.item_windows import item_windows
from pegel.flow.log import FlowLog
from pegel.quality.catalogue import CHECKS, Facts, Severity, Unanswered
from pegel.quality.check import DEFINITION, Check, check_of_imports, check_of_items
from pegel.quality.facts import ImportFacts, LakeFacts
from pegel.quality.figures import Figures, Measured
from pegel.quality.findings import findings

#: Grades by the share of doubtful items, below which they apply.
_GRADES: Final = ((0.01, "few"), (0.1, "some"))


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityReport(Answer):
    """Data quality of a selection, period [from, until).

    ``items``: of the selection. ``doubtful``: of them, those that a check of severity error or warning found;
    ``wrong``: by an error. ``grade``: clean (no check found anything) | notices | few | some | many. ``figures``: of
    all items; ``without_doubtful``: without those. ``unseen``: items of the lake without any known moment, which no
    figure has; None: unknown. ``found``: [check, item], every item of every check.
    """

    streams: tuple[str, ...]
    from_us: int
    until_us: int
    as_of_us: int
    policy: Policy
    calendar: str
    unit: str
    items: int
    doubtful: int
    wrong: int
    unseen: int | None
    grade: str
    figures: Figures
    without_doubtful: Figures
    checks: tuple[Check, ...]
    found: pl.DataFrame

    def check(self, code: str) -> Check:
        """Return a check by its code; KeyError when there is none."""
        return {one.code: one for one in self.checks}[code]

    def items_of(self, code: str) -> list[int]:
        """Return the numbers of all items that a check found."""
        return self.found.filter(pl.col("check") == code)["item"].to_list()

    def named_items(self) -> list[int]:
        """Return the numbers of the items that checks name as examples."""
        return sorted({number for one in self.checks for number in one.examples})


def quality_report(
    log: FlowLog,
    policy: Policy,
    imports: Sequence[ImportFacts] | None = None,
    *,
    lake: LakeFacts | None = None,
    from_us: int | None = None,
    until_us: int | None = None,
    windows: nw.LazyFrame[Any] | None = None,
) -> QualityReport:
    """Check the data of a log, and compute what each finding does to the figures.

    Parameters
    ----------
    imports: accounts of the imports; None: those of ``lake``, unknown without it.
    lake: facts about the stored records; None: the checks that need them are not configured.
    from_us, until_us: period of the figures, as in ``flow_report``.
    windows: item windows attributed in all streams, where the caller has them already.

    >>> from pegel.eventlog.policy import built_in_policy
    >>> from pegel.eventlog.workflow import load_workflow
    >>> from pegel.flow import log_of_rows
    >>> workflow = load_workflow("states: {Open: new, Doing: active, Done: done}")
    >>> log = log_of_rows([("A", "2026-01-01T08:00", "Open"), ("A", "2026-01-02T08:00", "Doing"),
    ...                    ("A", "2026-01-05T08:00", "Done"), ("B", "2026-01-01T09:00", "Open"),
    ...                    ("B", "2026-01-06T08:00", "Done")], workflow)
    >>> report = quality_report(log, built_in_policy("first_active_to_last_done"))
    >>> check = report.check("done_without_start")
    >>> check.items, check.moves, check.without.finished
    (1, ('finished', 'per_week'), 1)
    """
    if imports is None and lake is not None:
        imports = lake.imports
    if windows is None:
        windows = log.engine.keep(attribute(log, policy, item_windows(log, policy), all_streams=True))
    measured = Measured(log, policy, windows, from_us=from_us, until_us=until_us)
    zones = {one.zone for one in imports or () if one.zone}
    if log.working is not None:
        zones.add(log.working.calendar.zone)
    found: dict[str, pl.Series | Unanswered] = findings(measured, lake, zones) if measured.items else {}
    figures = measured.figures()
    checks = tuple(
        check_of_imports(measured, rule, imports, figures)
        if rule.facts is Facts.IMPORTS
        else check_of_items(measured, rule, found, figures, imports or ())
        for rule in CHECKS
    )
    listed = {code: items for code, items in found.items() if isinstance(items, pl.Series)}
    doubtful = _together(listed, Severity.ERROR, Severity.WARNING)
    return QualityReport(
        definition=DEFINITION,
        status=Status.VALUE if measured.items else Status.NO_DATA,
        reason=None if measured.items else "nothing_to_check",
        streams=tuple(sorted(log.streams)) if log.streams else tuple(sorted({place.stream for place in log.places})),
        from_us=measured.from_us,
        until_us=measured.until_us,
        as_of_us=log.as_of_us,
        policy=policy,
        calendar=log.working.calendar.name if log.working else "elapsed",
        unit=log.unit,
        items=measured.items,
        doubtful=doubtful.len(),
        wrong=_together(listed, Severity.ERROR).len(),
        unseen=None if lake is None or log.cut else _unseen(measured, lake),
        grade=_grade(checks, doubtful.len(), measured.items),
        figures=figures,
        without_doubtful=measured.figures(doubtful),
        checks=checks,
        found=_found(listed),
    )


def _together(found: Mapping[str, pl.Series], *severities: Severity) -> pl.Series:
    """Items that a check of one of the severities found."""
    chosen = [found[rule.code] for rule in CHECKS if rule.severity in severities and rule.code in found]
    return pl.concat(chosen).unique().sort() if chosen else pl.Series("item", [], dtype=pl.Int32)


def _unseen(measured: Measured, lake: LakeFacts) -> int:
    """Items of the selection's streams that the lake has a record of, but not one moment."""
    streams = measured.log.names_in_lake()
    mine = lake.known if streams is None else lake.known.filter(pl.col("stream").is_in(sorted(streams)))
    undated = mine.filter(pl.col("created_us").is_null()).select("item")
    return undated.join(measured.known_items(), on="item", how="anti").height


def _grade(checks: Iterable[Check], doubtful: int, items: int) -> str:
    found = {one.severity for one in checks if one.found}
    if found <= {Severity.NOTICE}:
        return "notices" if found else "clean"
    return next((name for limit, name in _GRADES if doubtful < limit * items), "many")


def _found(found: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Return [check, item] in the order of the checks."""
    frames = [
        found[rule.code].to_frame("item").select(check=pl.lit(rule.code, pl.String), item=pl.col("item").cast(pl.Int32))
        for rule in CHECKS
        if rule.code in found
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema={"check": pl.String(), "item": pl.Int32()})
