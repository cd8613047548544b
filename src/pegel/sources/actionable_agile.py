"""Reads ActionableAgile's CSV: a row per item, a date column per workflow step in order, then attributes.

Layout: ``ID``, optionally ``Link`` and ``Name`` or ``Title``, then the steps, then attributes such as ``Type``. A date
says when the item entered the step. A skipped step carries the date of the next one: it was passed in no time. An empty
date means that the step was not reached (or not used). Dates that run backwards are rejected, as ActionableAgile does.

ActionableAgile starts its clock at the first column, so the first step is hinted as waiting; the last one is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from pegel.errors import InputError
from pegel.eventlog.batch import Category
from pegel.sources.column_names import roles_by_header
from pegel.sources.date_columns import NO_DATE, DateColumns, DateColumnsTable, Findings, Step, survey_dates
from pegel.sources.dates_only import DATE_ROLES, ROLES
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.moments import MomentFormat
from pegel.sources.tabular import open_table, unique_names
from pegel.sources.transitions.columns import plain

_LINK: Final = ("link", "url", "verweis", "hyperlink")
_TITLE: Final = (*ROLES["title"], "item name", "item title", "description", "beschreibung")
_DONE: Final = frozenset(
    (*ROLES["closed"], "deployed", "released", "live", "delivered", "accepted", "ausgeliefert", "abgenommen")
)
#: Dates that no item enters a step on.
_NO_STEP: Final = frozenset((
    "updated", "last updated", "updated at", "modified", "last viewed", "due", "due date", "deadline",
    "aktualisiert", "aktualisiert am", "geändert", "geändert am", "zuletzt angezeigt", "fällig", "fällig am",
))  # fmt: skip
#: A column belongs to the steps when at least this share of its filled cells are dates.
_CLEAR: Final = 0.75
_FEWEST_STEPS: Final = 3


def find_steps(columns: Sequence[str], samples: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Return the unbroken run of date columns right after ID, link and name, empty where there are fewer than three.

    Parameters
    ----------
    samples: one list of cells per column.

    >>> columns = ["ID", "Name", "To do", "Doing", "Done", "Points"]
    >>> find_steps(columns, [["1"], ["a"], ["2026-01-01"], ["2026-01-02"], [""], ["3"]])
    ('To do', 'Doing', 'Done')
    """
    start = 1
    for known in (_LINK, _TITLE):
        if start < len(columns) and plain(columns[start]) in known:
            start += 1
    steps: list[str] = []
    filled_until = 0
    for column, cells in zip(columns[start:], samples[start:], strict=True):
        filled = [cell.strip() for cell in cells if cell.strip() and cell.strip().lower() not in NO_DATE]
        if filled and sum(map(_is_date, filled)) < _CLEAR * len(filled):
            break
        steps.append(column)
        if filled or plain(column) in _DONE:  # nothing may be done yet
            filled_until = len(steps)
    steps = steps[:filled_until]
    return tuple(steps) if len(steps) >= _FEWEST_STEPS else ()


def _is_date(cell: str) -> bool:
    return any(MomentFormat(order=order).parse(cell) is not None for order in ("dmy", "mdy"))


def _recognise(head: Head) -> float:
    columns = unique_names(head.header)
    if len(columns) <= _FEWEST_STEPS or not head.rows:
        return 0.0
    rows = [row for row in head.rows if len(row) == len(columns)]
    steps = find_steps(columns, [[row[place] for row in rows] for place in range(len(columns))])
    if not steps:
        return 0.0
    roles = roles_by_header(columns, ROLES)
    dates = {roles[role] for role in DATE_ROLES if role in roles}
    workflow = set(steps) - dates and not any(plain(step) in _NO_STEP for step in steps)
    # Created, started and closed, or a date of the last look, are no workflow: such a file is a list of dates.
    return 0.97 if workflow and plain(columns[0]) in ROLES["item"] else 0.4


def _open(path: Path, options: ReadOptions) -> DateColumnsTable:
    table = open_table(path, options)
    part = next(table.parts(), None)
    sample = part.frame.drop("row") if part else pl.DataFrame(schema=dict.fromkeys(table.columns, pl.String()))
    steps = find_steps(table.columns, [column.to_list() for column in sample.iter_columns()])
    if not steps:
        raise InputError("no_date_columns", path=str(path), found=list(table.columns))
    rest = [name for name in table.columns[1:] if name not in steps]
    roles = roles_by_header(rest, {role: ROLES[role] for role in ("type", "stream", "parent")} | {"title": _TITLE})
    moments = survey_dates(table, steps, options)
    plan = DateColumns(
        item=table.columns[0],
        steps=tuple(Step(column=column, state=column) for column in steps),
        type=options.columns.get("type") or roles.get("type"),
        stream=options.columns.get("stream") or roles.get("stream"),
        parent=options.columns.get("parent") or roles.get("parent"),
        title=roles.get("title") if options.titles else None,
        attributes=tuple(name for name in options.attributes if name in rest),
        undated="not_started",
        undated_ignored=True,
    )
    hints: dict[str, Category] = {steps[0]: "waiting", steps[-1]: "done"}
    found = {"item": plan.item, "type": plan.type, "stream": plan.stream, "parent": plan.parent, "title": plan.title}
    findings = Findings(
        source="csv.actionable_agile",
        log_kind="states",
        state_hints=hints,
        columns={role: column for role, column in found.items() if column},
        notes={"steps": " → ".join(steps)},
    )
    return DateColumnsTable(table, plan, moments, options, findings)


FORMAT: Final = Format(name="csv.actionable_agile", recognise=_recognise, open=_open)
