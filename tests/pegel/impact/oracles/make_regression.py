"""Make the oracle tables of the regression estimators.

Run: OMP_NUM_THREADS=1 /tmp/oracles/v/bin/python tests/pegel/impact/oracles/make_regression.py
Pinned: pyfixest 0.60.0, diff-diff 3.13.0, wildboottest 0.3.2, statsmodels 0.15.0, numpy 2, pandas 3, Python 3.11.

``regression_panel.csv`` is the input: 12 units, 8 periods, made once from seed 20261 and committed; ``gap`` marks rows
that the panel with gaps lacks. The other tables hold what the packages find in it and, where the sample data is there
(PEGEL_SAMPLE_DATA), in ``mpdta``.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import diff_diff
import numpy as np
import pandas as pd
import pyfixest as pf
import statsmodels.formula.api as smf
from wildboottest.wildboottest import wildboottest

HERE = Path(__file__).parent
MPDTA = (
    Path(os.environ.get("PEGEL_SAMPLE_DATA", HERE.parents[3] / ".." / "shared" / "data")) / "did-mpdta" / "mpdta.csv"
)
#: G / (G − 1) and (n − 1) / (n − k) are left to the test: packages count k differently.
PLAIN = pf.ssc(k_adj=False, G_adj=False)


def panel() -> pd.DataFrame:
    random = np.random.default_rng(20261)
    units, periods = 12, 8
    adopted = np.repeat([2.0, 4.0, 6.0, np.nan], 3)
    table = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(np.arange(periods), units),
            "adopted": np.repeat(adopted, periods),
        }
    )
    table["x"] = np.round(random.normal(size=len(table)) + 0.3 * table.time, 3)
    since = (table.time - table.adopted).fillna(-1)
    level = np.repeat(random.normal(size=units) * 2, periods)
    noise = random.normal(size=len(table))
    table["y"] = np.round(level + 0.2 * table.time + 0.5 * table.x + (since >= 0) * (1 + 0.4 * since) + noise, 3)
    table["team"] = table.unit // 2
    gaps = random.choice(len(table), size=9, replace=False)
    table["gap"] = np.isin(np.arange(len(table)), gaps).astype(int)
    return table


def regressions(data: pd.DataFrame, name: str) -> list[tuple[str, str, str, float, float, float, int]]:
    data = data.assign(d=(data.time >= data.adopted).astype(float))
    rows = []
    for covariate, cluster in (("", "unit"), (" + x", "unit"), ("", "team")):
        formula = f"y ~ d{covariate} | unit + time"
        one = pf.feols(formula, data, vcov={"CRV1": cluster}, ssc=PLAIN)
        three = pf.feols(formula, data, vcov={"CRV3": cluster}, ssc=PLAIN)
        rows.append((name, covariate.strip(" +"), cluster, one.coef()["d"], one.se()["d"], three.se()["d"], one._N))
    return rows


def saturated(data: pd.DataFrame, covariate: str, last: float | None) -> pd.DataFrame:
    """The interaction-weighted event study from a regression with every cohort-period dummy (Sun & Abraham)."""
    data = data.copy()
    if last is not None:
        data = data[data.time < last].assign(adopted=lambda one: one.adopted.where(one.adopted < last))
    names, cells = [], []
    for cohort in sorted(data.adopted.dropna().unique()):
        for period in sorted(data.time.unique()):
            if period != cohort - 1:
                name = f"d{int(cohort)}_{int(period)}"
                column = ((data.adopted == cohort) & (data.time == period)).astype(float)
                if column.sum():
                    data[name] = column
                    names.append(name)
                    cells.append((cohort, period, column.sum()))
    formula = f"y ~ {' + '.join(names)}{' + ' + covariate if covariate else ''} | unit + time"
    fit = pf.feols(formula, data, vcov={"CRV1": "unit"}, ssc=PLAIN)
    kept = list(fit._coefnames)
    place = [kept.index(name) for name in names]
    coefficients, covariance = fit.coef().to_numpy()[place], fit._vcov[np.ix_(place, place)]
    table = pd.DataFrame(cells, columns=["cohort", "period", "n"])
    table["horizon"] = table.period - table.cohort
    rows = []
    for horizon in [None, *sorted(table.horizon.unique())]:
        chosen = (table.horizon >= 0) if horizon is None else (table.horizon == horizon)
        weight = (table.n * chosen / table.n[chosen].sum()).to_numpy()
        rows.append((horizon, weight @ coefficients, np.sqrt(weight @ covariance @ weight), fit._N, len(kept)))
    return pd.DataFrame(rows, columns=["horizon", "effect", "se", "n", "coefficients"])


def wild(data: pd.DataFrame, name: str, cluster: str) -> tuple[str, str, float, float]:
    data = data.assign(d=(data.time >= data.adopted).astype(float))
    model = smf.ols("y ~ d + C(unit) + C(time)", data)
    found = wildboottest(model, param="d", cluster=data[cluster], B=9999, bootstrap_type="11", show=False)
    return name, cluster, float(found["statistic"].iloc[0].item()), float(found["p-value"].iloc[0])


def main() -> None:
    made = panel()
    made.to_csv(HERE / "regression_panel.csv", index=False)
    full = pd.read_csv(HERE / "regression_panel.csv")
    gaps = full[full.gap == 0].reset_index(drop=True)
    rows = regressions(full, "full") + regressions(gaps, "gaps")
    studies = [
        saturated(data, covariate, None).assign(data=name, covariate=covariate, control="never")
        for name, data in (("full", full), ("gaps", gaps))
        for covariate in ("", "x")
    ]
    adopters = full[full.adopted.notna()]
    studies += [saturated(adopters, c, 6.0).assign(data="adopters", covariate=c, control="last") for c in ("", "x")]
    boots = [
        wild(data, name, cluster) for name, data in (("full", full), ("gaps", gaps)) for cluster in ("unit", "team")
    ]
    bacon = [comparisons(full.assign(first=full.adopted.fillna(0)), "full", "y", "unit", "time", "first")]
    if MPDTA.exists():
        counties = pd.read_csv(MPDTA).rename(columns={"first.treat": "first"})
        renamed = counties.rename(columns={"lemp": "y", "countyreal": "unit", "year": "time"})
        renamed["adopted"] = renamed["first"].where(renamed["first"] > 0)
        renamed["x"], renamed["team"] = renamed.lpop * (renamed.time - 2003), renamed.unit // 1000
        rows += regressions(renamed, "mpdta")
        studies += [saturated(renamed, c, None).assign(data="mpdta", covariate=c, control="never") for c in ("", "x")]
        bacon.append(comparisons(renamed, "mpdta", "y", "unit", "time", "first"))
    columns = ["data", "covariate", "cluster", "effect", "crv1_plain", "crv3_plain", "n"]
    pd.DataFrame(rows, columns=columns).to_csv(HERE / "regression_two_way.csv", index=False)
    pd.concat(studies).to_csv(HERE / "regression_sun_abraham.csv", index=False)
    pd.DataFrame(boots, columns=["data", "cluster", "t", "p"]).to_csv(HERE / "regression_wild.csv", index=False)
    pd.concat(bacon).to_csv(HERE / "regression_bacon.csv", index=False)
    study = diff_diff.SunAbraham().fit(full.assign(first=full.adopted.fillna(0)), "y", "unit", "time", "first")
    pd.DataFrame(
        [(h, one["effect"], one["se"]) for h, one in sorted(study.event_study_effects.items())],
        columns=["horizon", "effect", "se"],
    ).to_csv(HERE / "regression_diff_diff_sun_abraham.csv", index=False)


def comparisons(data: pd.DataFrame, name: str, y: str, unit: str, time: str, first: str) -> pd.DataFrame:
    found = diff_diff.BaconDecomposition(weights="exact").fit(data, y, unit, time, first)
    rows = [
        (name, one.comparison_type, one.treated_group, one.control_group, one.weight, one.estimate)
        for one in found.comparisons
    ]
    return pd.DataFrame(rows, columns=["data", "kind", "treated", "control", "weight", "effect"])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
