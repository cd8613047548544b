"""The questions pm4py can answer that come closest to ours: how long each case took, and the times between activities.

It reads the same transitions, formats them as an event log, and works out all case durations and the performance
directly-follows graph. It knows no policy, calendar, stream or week, so it does less than the five tables ask.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pm4py


def durations_and_graph(root: Path) -> dict[str, int]:
    """Return the number of cases and of edges."""
    log = _log(root)
    durations = pm4py.get_all_case_durations(log)
    graph = pm4py.discover_performance_dfg(log)[0]
    return {"cases": len(durations), "edges": len(graph)}


def rework_of(root: Path) -> dict[str, int]:
    """Return in how many cases each activity occurs more than once."""
    return {str(state): int(count) for state, count in pm4py.get_rework_cases_per_activity(_log(root)).items()}


def _log(root: Path) -> pd.DataFrame:
    files = sorted((root / "transitions").rglob("*.parquet"))
    columns = ["item_no", "at_us", "to_state"]
    log = pd.concat([pd.read_parquet(file, columns=columns, partitioning=None) for file in files], ignore_index=True)
    log["at"] = pd.to_datetime(log.pop("at_us"), unit="us", utc=True)
    log["case"] = log.pop("item_no").astype(str)
    return pm4py.format_dataframe(log, case_id="case", activity_key="to_state", timestamp_key="at")
