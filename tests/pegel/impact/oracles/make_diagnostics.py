"""What diff-diff, moderndid and R find on published event studies: honest bounds and the power of pre-tests.

Run with Python 3.11, diff-diff 3.13.0, moderndid 0.2.0, pyfixest 0.60.0, numpy 2 and pandas:

    python tests/pegel/impact/oracles/make_diagnostics.py [folder of mpdta.csv]

writes

- ``diagnostics_event_study.csv``: estimates and covariance of the Medicaid event study of HonestDiD's README (two-way
  fixed effects, states clustered; seven estimates from the public data that moderndid ships);
- ``diagnostics_bounds.csv``: for these and, where mpdta.csv is given, for county teen employment (moderndid's Callaway
  & Sant'Anna, never-adopters, universal base), intervals under Δ^SD (diff-diff) and Δ^RM (moderndid, C-LF, 20,000
  points; its first stage is simulated with 1,000 draws and leaves an error of about 0.0002), and R's own, as printed in
  HonestDiD's README (simulated and on a grid of 1,000 points as well, which leaves 0.0004);
- ``diagnostics_power.csv``: linear trends that the pre-tests of Roth (2022) find in 50 and 80% of cases (diff-diff).

moderndid's module asks for cvxpy, which only its FLCI uses; an empty module stands in. It leaves out the first step
between leads, which is not the largest in these data and so changes nothing.
"""

from __future__ import annotations

import sys
import types
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf
from diff_diff.honest_did import _flci_solve
from diff_diff.pretrends import PreTrendsPower
from moderndid import aggte, att_gt
from moderndid.core.data import load_ehec

sys.modules["cvxpy"] = types.ModuleType("cvxpy")
from moderndid.didhonest.delta.rm.rm import compute_conditional_cs_rm  # noqa: E402 - after the stand-in

HERE = Path(__file__).parent
MEDICAID_TARGETS = {"first": [1.0, 0.0], "average": [0.5, 0.5]}
#: HonestDiD's README (asheshrambachan/HonestDiD, commit 02b541b), effect in the first year.
R_SMOOTH = {
    0.0: (0.0259, 0.0607),
    0.01: (0.0132, 0.0787),
    0.02: (0.00286, 0.0907),
    0.03: (-0.00714, 0.101),
    0.04: (-0.0171, 0.111),
    0.05: (-0.0271, 0.121),
}
R_RELATIVE = {0.5: (0.0240, 0.0672), 1.0: (0.0170, 0.0720), 1.5: (0.00824, 0.0797), 2.0: (-0.000916, 0.0881)}


def medicaid() -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return estimates, covariance and years since 2014."""
    data = load_ehec().to_pandas()
    data = data[(data["year"] < 2016) & (data["yexp2"] != 2015)].copy()
    data["D"] = (data["yexp2"] == 2014).astype(int)
    fit = pf.feols("dins ~ i(year, D, ref=2013) | stfips + year", data=data, vcov={"CRV1": "stfips"})
    return fit.coef().to_numpy(), np.asarray(fit._vcov), [-6, -5, -4, -3, -2, 0, 1]


def employment(folder: Path) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return estimates, covariance and years since the minimum wage rose."""
    data = pd.read_csv(folder / "mpdta.csv")
    groups = att_gt(
        data=data,
        yname="lemp",
        tname="year",
        idname="countyreal",
        gname="first.treat",
        base_period="universal",
        control_group="nevertreated",
        boot=False,
    )
    study = aggte(groups, type="dynamic")
    kept = study.event_times != -1
    parts = study.influence_func[:, kept]
    covariance = parts.T @ parts / len(parts) ** 2
    return study.att_by_event[kept], covariance, study.event_times[kept].astype(int).tolist()


def main() -> None:
    studies = {"medicaid": medicaid()}
    if len(sys.argv) > 1:
        studies["employment"] = employment(Path(sys.argv[1]))
    rows, bounds, power = [], [], []
    for name, (beta, covariance, times) in studies.items():
        leads = sum(time < -1 for time in times)
        after = len(times) - leads
        if name == "medicaid":
            rows = [
                {"horizon": time, "effect": beta[i], **dict(zip(times, covariance[i], strict=True))}
                for i, time in enumerate(times)
            ]
        targets = MEDICAID_TARGETS if name == "medicaid" else {"first": [1.0] + [0.0] * (after - 1)}
        for target, weights in targets.items():
            l_vec = np.array(weights)
            for bound in (0.0, 0.01, 0.02, 0.03, 0.04, 0.05):
                low, high, _ = _flci_solve(beta[:leads], beta[leads:], covariance, l_vec, leads, after, bound, 0.05)
                bounds.append((name, target, "smooth", "diff-diff", bound, low, high))
            if name != "medicaid":
                continue
            for bound in (1.0, 2.0):
                found = compute_conditional_cs_rm(
                    beta, covariance, leads, after, l_vec, bound, hybrid_flag="LF", grid_points=20_000
                )
                accepted = found["grid"][found["accept"] > 0]
                bounds.append((name, target, "relative", "moderndid", bound, accepted.min(), accepted.max()))
        before = -1 - np.array(times[:leads], dtype=float)
        for share in (0.5, 0.8):
            tests = PreTrendsPower(power=share)
            some = covariance[:leads, :leads]
            power.append((name, "any_lead", share, tests._compute_mdv_nis(before, some)))
            power.append((name, "wald", share, tests._compute_mdv_wald(before, some)))
    for kind, printed in (("smooth", R_SMOOTH), ("relative", R_RELATIVE)):
        bounds += [("medicaid", "first", kind, "R", bound, *ends) for bound, ends in printed.items()]
    pd.DataFrame(rows).to_csv(HERE / "diagnostics_event_study.csv", index=False, lineterminator="\n")
    names = ["study", "target", "kind", "source", "bound", "low", "high"]
    pd.DataFrame(bounds, columns=names).to_csv(HERE / "diagnostics_bounds.csv", index=False, lineterminator="\n")
    names = ["study", "test", "power", "slope"]
    pd.DataFrame(power, columns=names).to_csv(HERE / "diagnostics_power.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
