"""Flow outcomes of value streams as a panel: from the weekly sums of finished work, given as a plain frame.

Metrics
    ``velocity``: finished items per week. ``arrivals``, ``departures``: items begun and ended. ``flow_time_days``: sum
    of flow times over the items that have one. ``flow_efficiency``: active share of these flow times.
Zeros
    The weekly sums have no row for a week in which nothing happened, so that counts of such a week are zero. A flow
    time of nothing is none.
Caution
    Flow times by week of completion see finished work only: whoever starts and does not finish looks fast
    (``finished_items_only``). For a verdict on durations use the estimators that count open items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import narwhals as nw

from pegel.errors import UserError
from pegel.eventlog.schema import DAY_US
from pegel.impact.adoption.adoption_usage import frame_of
from pegel.impact.adoption.panel_metrics import Metric
from pegel.impact.adoption.panels import AnalysisPanel, Unknown, join_panel
from pegel.impact.estimate import Caveat

#: Metrics of the weekly sums; durations are in days of the log (elapsed, or working time).
METRICS: Final = {
    "velocity": Metric(name="velocity", column="finished", zero_is_data=True),
    "arrivals": Metric(name="arrivals", column="arrivals", zero_is_data=True),
    "departures": Metric(name="departures", column="departures", zero_is_data=True),
    "flow_time_days": Metric(
        name="flow_time_days", column="flow_days", how="ratio", per="with_flow_time", zero_is_data=False
    ),
    "flow_efficiency": Metric(
        name="flow_efficiency", column="active_us", how="ratio", per="flow_us", zero_is_data=False
    ),
}
_OF_FINISHED: Final = ("flow_time_days", "flow_efficiency")


def flow_panel(
    weekly: Any,
    adoption: Any,
    *,
    metrics: Sequence[str] = ("velocity", "flow_time_days"),
    kinds: Sequence[str] | None = None,
    day_us: int = DAY_US,
    window: tuple[date, date] | None = None,
    lives: Any = None,
    definition_changes: Sequence[tuple[Any, Any, str]] = (),
    unknown: Unknown = "drop",
) -> AnalysisPanel:
    """Return the panel of value streams by ISO week.

    Parameters
    ----------
    weekly: [stream, type, kind, week_us, finished, with_flow_time, flow_us, active_us, arrivals, departures], as the
        weekly aggregates of flow are. kinds: kinds of work that count (None: all). day_us: microseconds of a day of the
        log, less than 24 hours where durations are working time.

    Raises
    ------
    UserError: ``impact_unknown_choice``. InputError: those of ``join_panel``.
    """
    unknown_names = [name for name in metrics if name not in METRICS]
    if unknown_names or not metrics:
        raise UserError("impact_unknown_choice", name="metrics", value=", ".join(unknown_names))
    frame = frame_of(weekly, ("stream", "week_us", "kind"))
    if kinds is not None:
        frame = frame.filter(nw.col("kind").is_in(list(kinds)))
    if "flow_us" in frame.columns:
        frame = frame.with_columns(flow_days=nw.col("flow_us") / day_us)
    found = join_panel(
        frame.to_native(),
        adoption,
        metrics=[METRICS[name] for name in metrics],
        unit="stream",
        time="week_us",
        rows="week",
        window=window,
        lives=lives,
        definition_changes=definition_changes,
        unknown=unknown,
    )
    if any(name in _OF_FINISHED for name in metrics):
        return replace(found, caveats=(*found.caveats, Caveat("finished_items_only")))
    return found
