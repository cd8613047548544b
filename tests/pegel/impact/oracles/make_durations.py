"""Reference results for durations, from lifelines 0.30.3 (MIT) and its log-rank and proportional-hazards tests.

Run with the oracle environment: ``python make_durations.py``. Writes ``durations_data.csv`` (240 invented items, seed
20261107), ``durations_curves.csv``, ``durations_values.csv`` and ``durations_cox.csv`` beside itself.

lifelines has Efron's ties only; Breslow's are held against published values in the test.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test, multivariate_logrank_test, proportional_hazard_test
from lifelines.utils import restricted_mean_survival_time

HERE = Path(__file__).parent


def invented() -> pd.DataFrame:
    """Whole days, so that many durations are equal; 12 teams, half of them treated; some items seen late."""
    random = np.random.default_rng(20261107)
    team = np.arange(240) % 12
    treated = (team % 2).astype(int)
    size = random.integers(1, 6, 240)
    kind = random.integers(0, 3, 240)
    scale = np.exp(2.2 - 0.4 * treated + 0.15 * size + random.normal(0, 0.3, 12)[team])
    took = np.ceil(scale * random.weibull(1.2, 240))
    watched = np.ceil(random.uniform(5, 60, 240))
    entry = np.where(random.random(240) < 0.3, np.floor(np.minimum(took, watched) * random.random(240)), 0)
    duration = np.minimum(took, watched)
    return pd.DataFrame(
        {
            "days": duration.astype(int),
            "done": (took <= watched).astype(int),
            "treated": treated,
            "team": team,
            "size": size,
            "kind": kind,
            "seen_from": np.where(entry < duration, entry, 0).astype(int),
        }
    )


def main() -> None:
    """Write the tables."""
    items = invented()
    items.to_csv(HERE / "durations_data.csv", index=False, lineterminator="\n")
    curves, values = [], {}
    groups = {0: items[items["treated"] == 0], 1: items[items["treated"] == 1]}
    for name, rows in groups.items():
        fit = KaplanMeierFitter().fit(rows["days"], rows["done"])
        bounds = fit.confidence_interval_survival_function_
        times = sorted(rows.loc[rows["done"] == 1, "days"].unique())
        curves.append(
            pd.DataFrame(
                {
                    "group": name,
                    "time": times,
                    "unfinished": fit.survival_function_at_times(times).to_numpy(),
                    "low": bounds.iloc[:, 0].reindex(times).to_numpy(),
                    "high": bounds.iloc[:, 1].reindex(times).to_numpy(),
                }
            )
        )
        values[f"median_{name}"] = fit.median_survival_time_
        values[f"restricted_mean_30_{name}"] = restricted_mean_survival_time(fit, t=30)
        late = KaplanMeierFitter().fit(rows["days"], rows["done"], entry=rows["seen_from"])
        values[f"late_restricted_mean_30_{name}"] = restricted_mean_survival_time(late, t=30)
    test = logrank_test(groups[1]["days"], groups[0]["days"], groups[1]["done"], groups[0]["done"])
    values["log_rank"], values["log_rank_p"] = test.test_statistic, test.p_value
    values["log_rank_again"] = multivariate_logrank_test(items["days"], items["treated"], items["done"]).test_statistic
    pd.concat(curves).to_csv(HERE / "durations_curves.csv", index=False, lineterminator="\n")
    pd.Series(values, name="value").rename_axis("name").to_csv(HERE / "durations_values.csv", lineterminator="\n")
    cox = []
    # Robust errors and the check of proportionality know no ties in lifelines: durations are made distinct for them.
    apart = items.assign(days=items["days"] + np.arange(len(items)) / 1000)
    kinds = {
        "plain": {},
        "distinct_clustered": {"cluster_col": "team"},
        "strata": {"strata": ["kind"]},
        "distinct": {},
        "distinct_strata": {"strata": ["kind"]},
        "distinct_strata_clustered": {"strata": ["kind"], "cluster_col": "team"},
        "entry": {"entry_col": "seen_from"},
    }
    for kind, more in kinds.items():
        columns = ["days", "done", "treated", "size", *(more.get("strata", [])), *_names(more)]
        rows = (apart if kind.startswith("distinct") else items)[columns]
        fit = CoxPHFitter().fit(rows, "days", "done", **more)
        check = None
        if kind == "distinct":  # with strata lifelines 0.30.3 lines residuals and times up in different orders
            check = proportional_hazard_test(fit, rows, time_transform="rank").summary["test_statistic"]
        for term in ("treated", "size"):
            drift = np.nan if check is None else check[term]
            cox.append((kind, term, fit.params_[term], fit.standard_errors_[term], fit.log_likelihood_, drift))
    names = ["kind", "term", "effect", "se", "log_likelihood", "drift"]
    pd.DataFrame(cox, columns=names).to_csv(HERE / "durations_cox.csv", index=False, lineterminator="\n")


def _names(more: dict[str, str]) -> list[str]:
    return [more[name] for name in ("cluster_col", "entry_col") if name in more]


if __name__ == "__main__":
    main()
