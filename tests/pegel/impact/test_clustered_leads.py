"""Units of one cluster share their noise: pre-trend tests deal whole clusters, or they find trends that are none."""

import numpy as np
import pandas as pd

from pegel.impact.diagnostics.pre_trends import pre_trends
from pegel.impact.estimators import callaway_santanna
from pegel.impact.panel import panel_of

SITES, TEAMS, PERIODS, WORLDS = 8, 4, 10, 40


def _false_alarms(cluster: str | None) -> int:
    """Return in how many worlds without any trend the joint test of the leads rejects at 5%."""
    found = 0
    for seed in range(WORLDS):
        random = np.random.default_rng(seed)
        shared = np.repeat(random.normal(size=(SITES, PERIODS)), TEAMS, axis=0)
        values = shared + 0.1 * random.normal(size=(SITES * TEAMS, PERIODS))
        site = np.repeat(np.arange(SITES), TEAMS)
        frame = pd.DataFrame(
            {
                "unit": np.repeat(np.arange(SITES * TEAMS), PERIODS),
                "time": np.tile(np.arange(PERIODS), SITES * TEAMS),
                "y": values.ravel(),
                "site": np.repeat(site, PERIODS),
                "cohort": np.repeat(np.where(site < SITES // 2, 6.0, np.nan), PERIODS),
            }
        )
        panel = panel_of(frame, unit="unit", time="time", outcome="y", cohort="cohort", cluster=cluster)
        joint = pre_trends(panel, callaway_santanna.fitter(), draws=199, seed=seed).joint
        assert joint is not None
        found += joint.p_value <= 0.05
    return found


def test_whole_clusters_are_dealt() -> None:
    # 5% of 40 worlds are 2; three standard errors above that are 6.
    assert _false_alarms("site") <= 6
    assert _false_alarms(None) >= 20
