"""What diff-diff and pyfixest find in the panel of this file: imputation and local projections.

Run with Python 3.11, diff-diff 3.13.0, pyfixest 0.60.0, numpy 2 and pandas:

    python tests/pegel/impact/oracles/make_imputation.py

writes ``imputation_panel.csv`` (the input), ``imputation_values.csv`` and ``local_projections_values.csv``. diff-diff's
``ImputationDiD`` agrees with R's ``didimputation`` on standard errors, which it tests.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf
from diff_diff import ImputationDiD, LPDiD

HERE = Path(__file__).parent
COHORTS = {4: 12, 6: 10, 7: 14, 0: 24}
PERIODS = 10


def panel() -> pd.DataFrame:
    """A panel with unit, period and growing effects, a covariate, and gaps in one cell of twelve (``kept`` 0)."""
    random = np.random.default_rng(20_261_122)
    rows = []
    unit = 0
    drift = random.normal(size=PERIODS).cumsum()
    for cohort, size in COHORTS.items():
        for _ in range(size):
            unit += 1
            level, noise = random.normal(), 0.0
            for time in range(1, PERIODS + 1):
                x = random.normal() + 0.3 * (cohort > 0) * time / PERIODS
                noise = 0.4 * noise + random.normal()
                effect = (1 + 0.25 * (time - cohort)) * (1 + 0.1 * cohort) if 0 < cohort <= time else 0.0
                y = level + drift[time - 1] + 0.7 * x + noise + effect
                rows.append((unit, time, round(y, 6), cohort, round(x, 6), int(random.random() > 1 / 12)))
    return pd.DataFrame(rows, columns=["unit", "time", "outcome", "cohort", "x", "kept"])


def imputation(data: pd.DataFrame, case: str, covariates: list[str] | None) -> list[tuple]:
    names = {"outcome": "outcome", "unit": "unit", "time": "time", "first_treat": "cohort", "covariates": covariates}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # aggregating while fitting is to go away in 4.0
        found = ImputationDiD(pretrends=True).fit(data, aggregate="all", **names)
    rows = [(case, "simple", 0, found.overall_att, found.overall_se)]
    for horizon, one in found.event_study_effects.items():
        part = "horizon" if horizon >= 0 else "lead"
        rows.append((case, part, horizon, one["effect"], one["se"]))
    rows += [(case, "cohort", cohort, one["effect"], one["se"]) for cohort, one in found.group_effects.items()]
    return rows


def local_projections(data: pd.DataFrame, case: str, covariates: list[str] | None, reweight: bool) -> list[tuple]:
    names = {"outcome": "outcome", "unit": "unit", "time": "time", "treatment": "treated", "covariates": covariates}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # adopters without clean controls are left out, as here
        found = LPDiD(pre_window=5, post_window=4, reweight=reweight).fit(data, post_pooled=2, **names)
    rows = [
        (case, "horizon", int(one.horizon), one.coefficient, one.se, one.n_obs)
        for one in found.event_study.itertuples()
    ]
    post = found.pooled.set_index("window").loc["post"]
    return [*rows, (case, "pooled", 2, post.coefficient, post.se, post.n_obs)]


def main() -> None:
    data = panel()
    data.to_csv(HERE / "imputation_panel.csv", index=False)
    gaps = data[data.kept == 1]
    rows = []
    for case, some, covariates in (
        ("plain", data, None),
        ("gaps", gaps, None),
        ("covariate", data, ["x"]),
        ("gaps_covariate", gaps, ["x"]),
    ):
        rows += imputation(some.drop(columns="kept"), case, covariates)
    pd.DataFrame(rows, columns=["case", "part", "at", "effect", "se"]).to_csv(
        HERE / "imputation_values.csv", index=False, float_format="%.12g"
    )

    data["treated"] = ((data.cohort > 0) & (data.time >= data.cohort)).astype(int)
    data["x_before"] = data.groupby("unit").x.shift(1)
    # diff-diff takes the first row it has of an adopter for its adoption: gaps are rows without an outcome.
    gaps = data.assign(outcome=data.outcome.where(data.kept == 1))
    rows = []
    for case, some, covariates, reweight in (
        ("plain", data, None, False),
        ("gaps", gaps, None, False),
        ("covariate", data, ["x_before"], False),
        ("gaps_covariate", gaps, ["x_before"], False),
        ("equal", data, None, True),
        ("equal_gaps", gaps, None, True),
        ("equal_covariate", data, ["x_before"], True),
        ("equal_gaps_covariate", gaps, ["x_before"], True),
    ):
        rows += local_projections(some, case, covariates, reweight)
    found = pf.lpdid(
        data, yname="outcome", idname="unit", tname="time", gname="cohort", att=False, vcov={"CRV1": "unit"}
    )
    table = found.tidy()
    rows += [
        ("pyfixest", "horizon", int(str(name).split("::")[-1]), one["Estimate"], one["Std. Error"], one["N"])
        for name, one in table.iterrows()
    ]
    pd.DataFrame(rows, columns=["case", "part", "at", "effect", "se", "n"]).to_csv(
        HERE / "local_projections_values.csv", index=False, float_format="%.12g"
    )


if __name__ == "__main__":
    main()
