"""From a plan to its panel: a file beside the plan, or a lake with a table of adoption dates.

Streams are the units of a lake's panel, ISO weeks its periods. With durations the panel also holds ``unfinished``: the
share of the items begun in a week that is still open, which the verdict checks.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import narwhals as nw
import pandas as pd
import polars as pl

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.schema import OPEN_US, from_us
from pegel.flow import attribute, item_windows
from pegel.flow.flow_report import default_policy
from pegel.flow.periods import week_of
from pegel.impact.adoption.flow_panel import METRICS, flow_panel
from pegel.impact.verdicts.measurement import Measurement, measure
from pegel.impact.verdicts.plan import MeasurementPlan, load_plan
from pegel.lake.store import open_lake
from pegel.workbench import find_policy, open_log, weekly

#: A larger plan or panel is something else (bytes).
_LONGEST_PLAN: Final = 1 << 20
_LARGEST_PANEL: Final = 1 << 30
#: How tools write that a figure is missing.
_MISSING: Final = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "#N/A", "-")
UNFINISHED: Final = "unfinished"


def read_plan(path: Path) -> MeasurementPlan:
    """Read a plan from its file.

    Raises
    ------
    NotFoundError: ``plan_not_found``. InputError, UserError: those of ``load_plan``.
    """
    return load_plan(plan_text(path))


def plan_text(path: Path) -> str:
    """Return the text of a plan.

    Raises
    ------
    NotFoundError: ``plan_not_found``. InputError: ``plan_unreadable``.
    """
    if not path.is_file():
        raise NotFoundError("plan_not_found", path=str(path))
    if path.stat().st_size > _LONGEST_PLAN:
        raise InputError("plan_unreadable", detail=f"> {_LONGEST_PLAN} bytes")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("plan_unreadable", detail=str(error)[:200]) from None


def panel_data(plan: MeasurementPlan, folder: Path) -> tuple[pd.DataFrame, MeasurementPlan]:
    """Return the data frame that a plan names, and the plan with what the data itself says about checks.

    Paths in a plan start from ``folder``, that of the plan.

    Raises
    ------
    NotFoundError: ``panel_not_found``, and what opening a lake raises. InputError: ``panel_unreadable``.
    """
    if plan.data.lake is not None:
        return _of_lake(plan, folder)
    assert plan.data.panel is not None  # noqa: S101 - the plan was read: one of the two is there
    return read_table(folder / plan.data.panel, texts=(plan.data.unit,)), plan


def measure_plan(path: Path) -> Measurement:
    """Read a plan and its data, and measure."""
    plan = read_plan(path)
    data, plan = panel_data(plan, path.parent)
    return measure(data, plan)


def read_table(path: Path, *, texts: Sequence[str] = ()) -> pd.DataFrame:
    """Read a CSV table: comma or semicolon, UTF-8; columns in ``texts`` stay texts whatever they look like.

    Raises
    ------
    NotFoundError: ``panel_not_found``. InputError: ``panel_unreadable``.
    """
    if not path.is_file():
        raise NotFoundError("panel_not_found", path=str(path))
    if path.stat().st_size > _LARGEST_PANEL:
        raise InputError("panel_unreadable", detail=f"> {_LARGEST_PANEL} bytes")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("panel_unreadable", detail=str(error)[:200]) from None
    head = text.split("\n", 1)[0]
    semicolon = head.count(";") > head.count(",")
    try:
        named = next(csv.reader([head], delimiter=";" if semicolon else ","), [])
        return pd.read_csv(
            io.StringIO(text),
            sep=";" if semicolon else ",",
            decimal="," if semicolon else ".",
            dtype=dict.fromkeys(texts, str),
            # A team may be called NA; a figure that is NA is missing.
            keep_default_na=False,
            na_values={name: _MISSING for name in named if name not in texts},
            low_memory=False,
        )
    except (ValueError, csv.Error, pd.errors.ParserError) as error:
        raise InputError("panel_unreadable", detail=str(error)[:200]) from None


def _of_lake(plan: MeasurementPlan, folder: Path) -> tuple[pd.DataFrame, MeasurementPlan]:
    said = plan.data
    assert said.lake is not None  # noqa: S101 - the caller has looked
    assert said.adoption is not None  # noqa: S101 - the plan was read: a lake comes with adoption
    lake = open_lake(folder / said.lake)
    log = open_log(lake, streams=list(said.streams) or None)
    policy = find_policy(said.policy, lake) if said.policy else find_policy(default_policy(log), lake)
    table = weekly(lake, policy=policy)
    if said.streams:
        table = table.filter(pl.col("stream").is_in(list(said.streams)))
    adoption = read_table(folder / said.adoption, texts=("unit",))
    names = [one.name for one in (plan.metric, *plan.guards)]
    known = [name for name in names if name in METRICS]
    if len(known) < len(names):
        raise InputError("plan_invalid", place="metric.name", detail=", ".join(METRICS))
    found = flow_panel(table, adoption, metrics=known, day_us=log.day_us, unknown="never")
    frame = found.frame.merge(_unfinished(log, policy), on=["unit", "time"], how="left")
    durations = any(name in ("flow_time_days", "flow_efficiency") for name in known)
    changes = tuple((day, unit, what) for day, unit, what in _mapping_changes(log))
    checks = replace(
        plan.checks,
        unfinished=plan.checks.unfinished or (UNFINISHED if durations else None),
        definition_changes=(*(plan.checks.definition_changes or ()), *changes),
    )
    data = replace(said, unit="unit", time="time", cohort="cohort")
    return frame, replace(plan, data=data, checks=checks)


def _unfinished(log: Any, policy: Any) -> pd.DataFrame:
    """Return [unit, time, unfinished]: of the items begun in a week, the share without an end."""
    windows = attribute(log, policy, item_windows(log, policy)).filter(~nw.col("start_us").is_null())
    counted = log.engine.collect(
        windows.with_columns(week_us=week_of(nw.col("start_us")), still=nw.col("end_us").is_null().cast(nw.Int64()))
        .group_by("stream", "week_us")
        .agg(unfinished=nw.col("still").mean())
    )
    weeks = [_week(one) for one in counted["week_us"].to_list()]
    return pd.DataFrame(
        {"unit": counted["stream"].to_list(), "time": weeks, UNFINISHED: counted["unfinished"].to_list()}
    )


def _week(week_us: int) -> str:
    year, week, _ = from_us(week_us).date().isocalendar()
    return f"{year}-W{week:02d}"


def _mapping_changes(log: Any) -> list[tuple[date, str | None, str]]:
    """Return when the meaning of states changed: the boundaries of the workflows in force."""
    return [(from_us(moment).date(), None, "workflow") for moment in log.meanings.boundaries_us if moment < OPEN_US]
