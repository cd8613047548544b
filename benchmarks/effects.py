"""Effects of a staggered roll-out, 200 units × 104 weeks: one estimate by Pegel and diff-diff, and the full battery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from pegel.worlds.panels import planted_panel

UNITS, PERIODS, DRAWS = 200, 104, 2_000
_COLUMNS = {"unit": "unit", "time": "time", "outcome": "outcome"}


def panel() -> pd.DataFrame:
    """Return the seeded panel; a count of weeks, which both programs read."""
    cohorts = {40: 25, 52: 25, 60: 25, 70: 25}
    return planted_panel(units=UNITS, periods=PERIODS, cohorts=cohorts, effect=-1.0, persistence=0.3, seed=5,
                         calendar="count").panel  # fmt: skip


def estimate(program: str, estimator: str) -> Callable[[], float]:
    """Return the work to time: one estimate with its analytic standard error."""
    data = panel()
    if program == "pegel":
        from pegel import impact  # noqa: PLC0415 - each process loads what it measures

        method = impact.callaway_santanna if estimator == "callaway_santanna" else impact.imputation
        more: dict[str, Any] = {"control": "never"} if estimator == "callaway_santanna" else {}
        return lambda: method(data, **_COLUMNS, cohort="cohort", inference="analytic", **more).effect
    import diff_diff  # noqa: PLC0415 - the same

    first = data.assign(first=data["cohort"].fillna(0).astype(int))
    given = {**_COLUMNS, "first_treat": "first"}
    if estimator == "callaway_santanna":
        return lambda: float(diff_diff.CallawaySantAnna(base_period="universal").fit(first, **given).overall_att)
    return lambda: float(diff_diff.ImputationDiD().fit(first, **given).overall_att)


def battery() -> Callable[[], float]:
    """Return the work to time: both estimators, leads, 2,000 permutations, one unit left out at a time, placebos."""
    from pegel.impact.verdicts import measurement  # noqa: PLC0415 - each process loads what it measures
    from pegel.impact.verdicts.plan import DataPlan, MeasurementPlan, MetricPlan  # noqa: PLC0415 - the same

    data = panel()
    metric = MetricPlan(name="outcome", better="lower", smallest_effect=0.5, relative=False)
    plan = MeasurementPlan(name="battery", data=DataPlan(panel="-"), metric=metric, draws=DRAWS)
    from pegel import impact  # noqa: PLC0415 - the same

    def work() -> float:
        for method in (impact.callaway_santanna, impact.imputation):
            method(data, **_COLUMNS, cohort="cohort", inference="permutation", draws=DRAWS)
        found = measurement.measure(data, plan)
        assert found.verdict.effect is not None
        return found.verdict.effect

    return work
