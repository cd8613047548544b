"""What statsmodels and pyfixest find in the series, the trial and the panel of this file.

Run with Python 3.11, statsmodels 0.15.0, pyfixest 0.60.0, numpy 2.4.6, pandas 2.3.3:

    python tests/pegel/impact/oracles/make_series.py

writes the inputs ``series_weeks.csv``, ``series_trial.csv`` and ``series_panel.csv`` (so that no random stream has to
be the same elsewhere) and ``series_expected.csv`` [case, figure, value]. Optimisers run at their tightest tolerance.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf
import statsmodels.api as sm
import statsmodels.formula.api as smf

HERE = Path(__file__).parent
WEEKS, ADOPTED = 60, 34


def weeks() -> pd.DataFrame:
    """A series with carried-over errors, one with a wandering level, four gaps in each, and counts over an exposure."""
    random = np.random.default_rng(20261101)
    error = np.empty(WEEKS)
    error[0] = random.normal() / 0.8
    for t in range(1, WEEKS):
        error[t] = 0.6 * error[t - 1] + random.normal()
    after = np.arange(WEEKS) >= ADOPTED
    value = 20 + 0.05 * np.arange(WEEKS) + 2.5 * after + error
    level = 50 + 3 * after + 0.5 * random.normal(size=WEEKS).cumsum() + random.normal(size=WEEKS)
    value[[7, 20, 21, 45]] = np.nan
    level[[3, 20, 21, 50]] = np.nan
    items = random.integers(15, 60, WEEKS)
    count = random.poisson(items * np.exp(-1.5 - 0.4 * after) * random.gamma(5, 0.2, WEEKS))
    return pd.DataFrame(
        {
            "week": np.arange(1, WEEKS + 1),
            "value": value.round(3),
            "level": level.round(3),
            "count": count,
            "items": items,
        }
    )


def trial() -> pd.DataFrame:
    """60 persons in 15 teams and 3 sites; persons and, apart from that, teams were assigned."""
    random = np.random.default_rng(20261102)
    team = np.repeat(np.arange(15), 4)
    before, tenure = random.normal(10, 2, 60), random.exponential(3, 60)
    team_arm = np.zeros(15, dtype=int)
    team_arm[random.permutation(15)[:7]] = 1
    arm = random.permutation(np.repeat([0, 1], [32, 28]))
    outcome = 0.8 * before + 0.2 * tenure + arm * (1 + 0.2 * (before - 10)) + random.normal(0, 0.5, 15)[team]
    outcome += random.normal(0, 1 + 0.5 * arm, 60)
    frame = {"outcome": outcome, "before": before, "tenure": tenure}
    frame = {name: column.round(3) for name, column in frame.items()}
    return pd.DataFrame({**frame, "arm": arm, "team_arm": team_arm[team], "team": team, "site": team % 3})


def panel() -> pd.DataFrame:
    """15 teams, 10 months, 8 adopters at three dates; overdispersed defects over changes; two teams without any."""
    random = np.random.default_rng(20261103)
    team, month = np.repeat(np.arange(15), 10), np.tile(np.arange(1, 11), 15)
    cohort = np.array([5, 6, 5, 7, 6, 5, 7, 6, *[99] * 7])[team]
    changes = random.integers(5, 40, 150)
    rate = np.exp(-1 + random.normal(0, 0.5, 15)[team] + 0.05 * month - 0.5 * (month >= cohort))
    defects = random.poisson(changes * rate * random.gamma(4, 0.25, 150))
    defects[np.isin(team, [3, 12])] = 0
    late = random.normal(size=150).round(3)
    frame = pd.DataFrame({"team": team, "month": month, "cohort": cohort, "defects": defects, "changes": changes})
    frame = frame.assign(share_new=late, cohort=frame["cohort"].where(frame["cohort"] < 99))
    return frame.drop(index=[13, 77]).reset_index(drop=True)


def _single(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    since = frame["week"].to_numpy() - 1.0 - ADOPTED
    after = (since >= 0).astype(float)
    both = {
        "level": np.column_stack([after, since]),
        "level_and_slope": np.column_stack([after, after * since, since]),
    }
    found = {}
    for name, columns in both.items():
        design = np.column_stack([np.ones(WEEKS), columns])
        model = sm.tsa.SARIMAX(frame["value"].to_numpy(), exog=design, order=(1, 0, 0))
        fit = min((model.fit(method=m, **_options(m)) for m in ("lbfgs", "nm", "powell")), key=lambda one: -one.llf)
        fit = model.fit(start_params=fit.params, method="nm", disp=0, maxiter=20000, xtol=1e-12, ftol=1e-14)
        phi = fit.params[model.param_names.index("ar.L1")]
        found |= {
            (f"ar1_{name}", "level_change"): fit.params[1],
            (f"ar1_{name}", "phi"): phi,
            (f"ar1_{name}", "log_likelihood"): fit.llf,
        }
        if name == "level_and_slope":
            found[f"ar1_{name}", "slope_change"] = fit.params[2]
        model = sm.tsa.UnobservedComponents(frame["level"].to_numpy(), "llevel", exog=columns, use_exact_diffuse=True)
        fit = min((model.fit(method=m, **_options(m)) for m in ("lbfgs", "nm", "powell")), key=lambda one: -one.llf)
        fit = model.fit(start_params=fit.params, method="nm", disp=0, maxiter=20000, xtol=1e-12, ftol=1e-14)
        noise, drift = fit.params[0], fit.params[1]
        found |= {
            (f"local_level_{name}", "level_change"): fit.params[2],
            (f"local_level_{name}", "variance_ratio"): drift / noise,
            (f"local_level_{name}", "log_likelihood"): fit.llf,
        }
    design = np.column_stack([np.ones(WEEKS), both["level"]])
    glm = sm.GLM(frame["count"], design, family=sm.families.Poisson(), offset=np.log(frame["items"]))
    fit = glm.fit(scale="X2", tol=1e-14)
    found |= {
        ("poisson", "level_change"): fit.params.iloc[1],
        ("poisson", "dispersion"): fit.scale,
        ("poisson", "se_without_autocorrelation"): fit.bse.iloc[1],
        ("poisson", "log_likelihood"): glm.fit(tol=1e-14).llf,
    }
    return found


def _options(method: str) -> dict[str, float]:
    if method == "lbfgs":
        return {"disp": 0, "maxiter": 5000, "factr": 1.0, "pgtol": 1e-12}
    return {"disp": 0, "maxiter": 20000, "xtol": 1e-12, "ftol": 1e-14}


def _random(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    centred = frame.assign(b=frame["before"] - frame["before"].mean(), t=frame["tenure"] - frame["tenure"].mean())
    found = {}
    for case, formula in (
        ("plain", "outcome ~ arm + b + t"),
        ("lin", "outcome ~ arm * (b + t)"),
        ("raw", "outcome ~ arm"),
        ("plain_site", "outcome ~ arm + b + t + C(site)"),
    ):
        for kind in ("HC2", "HC3"):
            fit = smf.ols(formula, centred).fit(cov_type=kind)
            found[f"ancova_{case}", "effect"] = fit.params["arm"]
            found[f"ancova_{case}", f"se_{kind.lower()}"] = fit.bse["arm"]
    for case, formula in (("plain", "outcome ~ team_arm + b"), ("lin", "outcome ~ team_arm * b")):
        fit = pf.feols(formula, centred, vcov={"CRV3": "team"}, ssc=pf.ssc(k_adj=False, G_adj=False))
        found[f"cluster_{case}", "effect"] = fit.coef()["team_arm"]
        found[f"cluster_{case}", "se_crv3"] = fit.se()["team_arm"]
    return found


def _rates(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    never = frame["cohort"].isna()
    frame = frame.assign(
        adopted=(frame["month"] >= frame["cohort"]).astype(int),
        since=(frame["month"] - frame["cohort"]).where(~never, -1.0).astype(int),
        log_changes=np.log(frame["changes"]),
    )
    options = {"vcov": {"CRV1": "team"}, "ssc": pf.ssc(k_adj=False, G_adj=True), "iwls_tol": 1e-12, "fixef_tol": 1e-12}
    found = {}
    for case, formula, offset in (
        ("counts", "defects ~ adopted | team + month", None),
        ("rates", "defects ~ adopted | team + month", "log_changes"),
        ("covariate", "defects ~ adopted + share_new | team + month", "log_changes"),
    ):
        fit = pf.fepois(formula, frame, **options, **({"offset": offset} if offset else {}))
        found[f"panel_{case}", "effect"] = fit.coef()["adopted"]
        found[f"panel_{case}", "se_crv1"] = fit.se()["adopted"]
    fit = pf.fepois("defects ~ i(since, ref=-1) | team + month", frame, **options, offset="log_changes")
    for name, value in fit.coef().items():
        found["panel_horizons", str(name).rsplit(":", 1)[-1]] = value
        found["panel_horizons_se", str(name).rsplit(":", 1)[-1]] = fit.se()[name]
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    inputs = {"series_weeks": weeks(), "series_trial": trial(), "series_panel": panel()}
    for name, table in inputs.items():
        table.to_csv(HERE / f"{name}.csv", index=False)
    single, randomised, rates = (
        make(inputs[name])
        for make, name in ((_single, "series_weeks"), (_random, "series_trial"), (_rates, "series_panel"))
    )
    rows = [(case, figure, f"{value:.10g}") for (case, figure), value in {**single, **randomised, **rates}.items()]
    pd.DataFrame(rows, columns=["case", "figure", "value"]).to_csv(HERE / "series_expected.csv", index=False)
