"""Write the figures that test_synthetic_did.py and test_synthetic_control.py hold Pegel against.

Run with diff-diff 3.13.0, pysyncon 1.7.0, numpy 2.4.6, pandas 2.3.3, statsmodels 0.15.0:

    python tests/pegel/impact/oracles/make_synthetic.py

Writes ``synthetic_panel.csv`` (the invented panel, so that no random stream has to be the same elsewhere) and
``synthetic_expected.csv`` [case, figure, value]. pysyncon's own solver (SLSQP) is run at its tightest tolerance; it is
good to about seven digits, so the tests ask for six.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from diff_diff import SyntheticDiD
from pysyncon.augsynth import AugSynth
from pysyncon.base import BaseSynth, VanillaOptimMixin
from pysyncon.inference import ConformalInference

HERE = Path(__file__).parent
UNITS, PERIODS, START = 16, 24, 16
TIGHT = {"maxiter": 5_000, "ftol": 1e-16}
found: list[tuple[str, str, float]] = []


def panel() -> pd.DataFrame:
    """Return 16 units over 24 periods: two factors, noise that lasts, a covariate; dates in three ways."""
    random = np.random.default_rng(11)
    factors = np.cumsum(random.normal(size=(2, PERIODS)), axis=1)
    loads = random.uniform(0.2, 1.2, size=(UNITS, 2))
    noise = random.normal(size=(UNITS, PERIODS))
    for t in range(1, PERIODS):
        noise[:, t] += 0.5 * noise[:, t - 1]
    size = random.normal(size=(UNITS, PERIODS)) + random.normal(size=(UNITS, 1))
    base = 20 + 3 * random.normal(size=(UNITS, 1)) + 2 * loads @ factors + noise + 0.8 * size
    dates = {"one": {0: START}, "three": {0: START, 1: START, 2: START}, "staggered": {0: 12, 1: 16, 2: 16, 3: 19}}
    rows = []
    for u in range(UNITS):
        for t in range(PERIODS):
            row = {"unit": f"u{u:02d}", "period": t + 1, "size": round(size[u, t], 4)}
            for name, when in dates.items():
                start = when.get(u)
                row[f"cohort_{name}"] = None if start is None else start + 1
                after = start is not None and t >= start
                row[name] = round(base[u, t] + (3.0 + 0.25 * (t - start) if after else 0.0), 4)
            rows.append(row)
    return pd.DataFrame(rows)


def sdid(data: pd.DataFrame, outcome: str, cohort: str, variance: str = "jackknife") -> tuple[float, float]:
    """Return effect and standard error of diff-diff for one adoption date."""
    start = data[cohort].min()
    data = data.assign(treated=data[cohort].notna().astype(int))
    fit = SyntheticDiD(variance_method=variance, n_bootstrap=20, seed=1).fit(
        data,
        outcome=outcome,
        treatment="treated",
        unit="unit",
        time="period",
        post_periods=[t for t in sorted(data["period"].unique()) if t >= start],
    )
    return float(fit.att), float(fit.se)


def synthetic_did(data: pd.DataFrame) -> None:
    """SDID: one adopter, three together, staggered against never adopters, and with a covariate."""
    found.append(("sdid_one", "effect", sdid(data, "one", "cohort_one", "placebo")[0]))
    effect, se = sdid(data, "three", "cohort_three")
    found.extend([("sdid_three", "effect", effect), ("sdid_three", "se_jackknife", se)])
    total = weight = 0.0
    for start in sorted(data["cohort_staggered"].dropna().unique()):
        own = data[(data["cohort_staggered"] == start) | data["cohort_staggered"].isna()]
        effect = sdid(own, "staggered", "cohort_staggered", "placebo")[0]
        cells = own.loc[own["cohort_staggered"] == start, "unit"].nunique() * (PERIODS - start + 1)
        total, weight = total + cells * effect, weight + cells
    found.append(("sdid_staggered", "effect", total / weight))
    untreated = data[data["cohort_three"].isna() | (data["period"] < data["cohort_three"])]
    slope = smf.ols("three ~ size + C(unit) + C(period)", untreated).fit().params["size"]
    freed = data.assign(freed=data["three"] - slope * data["size"])
    found.extend(
        [("sdid_covariate", "slope", slope), ("sdid_covariate", "effect", sdid(freed, "freed", "cohort_three")[0])]
    )


class Plain(BaseSynth, VanillaOptimMixin):
    """Weights from the outcomes themselves, without predictors of their own."""

    def fit(self, Z0: pd.DataFrame, Z1: pd.Series) -> None:  # noqa: N803 - pysyncon calls it so
        """Fit."""
        self.W, _ = self.w_optimize(V_mat=np.eye(len(Z0)), X0=Z0.to_numpy(), X1=Z1.to_numpy(), qp_options=TIGHT)


def control(data: pd.DataFrame) -> None:
    """Synthetic control: gaps, ranks, augmented, with a covariate, and conformal intervals by period."""
    wide = data.pivot(index="period", columns="unit", values="one")
    before, after = wide.index <= START, wide.index > START

    def weights(name: str, names: list[str], rows: np.ndarray = before) -> np.ndarray:
        x0, x1 = wide.loc[rows, names].to_numpy(), wide.loc[rows, name].to_numpy()
        return VanillaOptimMixin.w_optimize(V_mat=np.eye(len(x1)), X0=x0, X1=x1, qp_options=TIGHT)[0]

    ratios = {}
    for name in wide.columns:
        names = [one for one in wide.columns if one not in (name, "u00")]
        own = weights(name, names)
        gap = wide[name] - wide[names] @ own
        ratios[name] = float(np.sqrt((gap[after] ** 2).mean() / (gap[before] ** 2).mean()))
        if name == "u00":
            found.append(("sc_one", "effect", float(gap[after].mean())))
            found.append(("sc_one", "rmspe_before", float(np.sqrt((gap[before] ** 2).mean()))))
            found.extend(("sc_weights", one, value) for one, value in zip(names, own.tolist(), strict=True))
            found.extend(("sc_gaps", str(period), value) for period, value in gap.items())
            x0, x1 = wide.loc[before, names], wide.loc[before, name]
            centre = x0.mean(axis=1)
            a, b = (x1 - centre).to_numpy(), x0.sub(centre, axis=0).to_numpy()
            more = AugSynth.solve_ridge(a, b, own, 30.0)
            found.append(
                ("sc_augmented", "effect_ridge_30", float((wide[name] - wide[names] @ (own + more))[after].mean()))
            )
            known = data[data["period"] <= START].groupby("unit")["size"].mean()
            both = pd.concat([wide[before], known.to_frame().T])[[*names, name]].to_numpy()
            spread = np.sqrt(both[:-1].var(axis=1).mean()) / both[-1].std()
            both[-1] *= spread
            mixed = VanillaOptimMixin.w_optimize(
                V_mat=np.eye(len(both)), X0=both[:, :-1], X1=both[:, -1], qp_options=TIGHT
            )[0]
            found.append(("sc_covariate", "effect", float((wide[name] - wide[names] @ mixed)[after].mean())))
            plain = Plain()
            z0, z1 = wide[names], wide[name]
            plain.fit(Z0=z0[before], Z1=z1[before])
            table = ConformalInference().confidence_intervals(
                alpha=0.2,
                scm=plain,
                Z0=z0,
                Z1=z1,
                pre_periods=list(wide.index[before]),
                post_periods=list(wide.index[after]),
                tol=1e-7,
                max_iter=2_000,
                step_sz=0.05,
                verbose=False,
            )
            for period, row in table.iterrows():
                found.append(("sc_conformal_80", f"low_{period}", row["lower_ci"]))
                found.append(("sc_conformal_80", f"high_{period}", row["upper_ci"]))
    own = ratios.pop("u00")
    found.append(("sc_one", "ratio", own))
    found.append(("sc_one", "p_value", (1 + sum(one >= own for one in ratios.values())) / (1 + len(ratios))))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    invented = panel()
    invented.to_csv(HERE / "synthetic_panel.csv", index=False, float_format="%.10g", lineterminator="\n")
    synthetic_did(invented)
    control(invented)
    table = pd.DataFrame(found, columns=["case", "figure", "value"])
    table.to_csv(HERE / "synthetic_expected.csv", index=False, float_format="%.12g", lineterminator="\n")
