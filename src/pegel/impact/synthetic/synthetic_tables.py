"""What lies behind a synthetic comparison, as tables: weights, paths, fit, and the effect without one donor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from pegel.impact.estimate import Caveat
from pegel.impact.synthetic.synthetic_comparisons import Comparison, Solved, Solver, noise_level, read

#: A fit before adoption is called poor when its RMSPE is above this multiple of the outcomes' change per period.
_POOR = 2.0**0.5


def unit_weights(solved: Solved) -> pd.DataFrame:
    """Return [cohort, adopter, first, last, unit, weight] of all donors; ``first`` to ``last`` are treated periods."""
    names = solved.panel.units
    rows = [
        (*label, names[donor], weight)
        for label, one in _labelled(solved)
        for donor, weight in zip(one.block.donors.tolist(), one.unit_weights.tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=["cohort", "adopter", "first", "last", "unit", "weight"])


def period_weights(solved: Solved) -> pd.DataFrame:
    """Return [cohort, adopter, first, last, period, weight] of all periods before adoption."""
    axis = solved.panel.axis
    rows = [
        (*label, axis.label(period), weight)
        for label, one in _labelled(solved)
        for period, weight in zip(one.block.before.tolist(), one.time_weights.tolist(), strict=True)
    ]
    return pd.DataFrame(rows, columns=["cohort", "adopter", "first", "last", "period", "weight"])


def path_table(solved: Solved) -> pd.DataFrame:
    """Return [cohort, adopter, first, last, period, observed, synthetic, gap] in the shown periods."""
    axis = solved.panel.axis
    rows: list[tuple[Any, ...]] = []
    for label, one in _labelled(solved):
        own, other = one.paths(solved.values)
        names = [axis.label(period) for period in one.block.shown.tolist()]
        found = zip(names, own.tolist(), other.tolist(), one.gaps(solved.values).tolist(), strict=True)
        rows += [(*label, *values) for values in found]
    columns = ["cohort", "adopter", "first", "last", "period", "observed", "synthetic", "gap"]
    return pd.DataFrame(rows, columns=columns)


def fit_table(solved: Solved) -> pd.DataFrame:
    """Return a row per comparison: how well it fits before adoption, what it finds after, on how many donors it rests.

    ``donors_used`` have weight; ``donors_effective`` is 1 ÷ Σ weight².
    """
    rows = []
    for label, one in _labelled(solved):
        gaps = one.gaps(solved.values)
        late = gaps[-len(one.block.after) :]
        before, after = float(np.sqrt(one.error_before(gaps))), float(np.sqrt((late**2).mean()))
        ratio = after / before if before else np.inf
        used, effective = int((one.unit_weights != 0).sum()), 1.0 / float((one.unit_weights**2).sum())
        rows.append((*label, float(late.mean()), before, after, ratio, used, effective))
    columns = [*("cohort", "adopter", "first", "last", "effect"), *("rmspe_before", "rmspe_after", "ratio")]
    return pd.DataFrame(rows, columns=[*columns, "donors_used", "donors_effective"])


def cohort_table(solved: Solved) -> pd.DataFrame:
    """Return [cohort, units, effect]: each cohort's average over its treated cells."""
    treated = solved.panel.treated
    rows = []
    for cohort in dict.fromkeys(one.block.cohort for one in solved.comparisons):
        own = tuple(one for one in solved.comparisons if one.block.cohort == cohort)
        members = np.unique(np.concatenate([one.block.members for one in own]))
        rows.append((solved.panel.axis.label(cohort), len(members), read(own, solved.values, treated).effect))
    return pd.DataFrame(rows, columns=["cohort", "units", "effect"])


def poor_fit(solved: Solved) -> list[Caveat]:
    """Return a caveat where donors do not imitate adopters well before adoption."""
    worst = 0
    for one in solved.comparisons:
        block = one.block
        noise = noise_level(solved.values, np.concatenate([block.members, block.donors]), block.before)
        worst += noise > 0 and np.sqrt(one.error_before(one.gaps(solved.values))) > _POOR * noise
    return [Caveat("poor_fit_before", {"n": int(worst), "total": len(solved.comparisons)})] if worst else []


def leave_one_donor_out(solved: Solved, solve: Solver, effect: float) -> tuple[pd.DataFrame, list[Caveat]]:
    """Return [unit, weight, effect]: the effect without each never adopter that has weight; a caveat if a sign turns.

    ``weight`` is the largest that the unit has in any comparison. Empty where there is but one never adopter.
    """
    panel = solved.panel
    weights = np.zeros(panel.shape[0])
    for one in solved.comparisons:
        weights[one.block.donors] = np.maximum(weights[one.block.donors], np.abs(one.unit_weights))
    chosen = np.flatnonzero((weights > 0) & ~panel.adopters) if (~panel.adopters).sum() > 1 else np.array([], dtype=int)
    rows = []
    for unit in chosen.tolist():
        rest = solve(panel.only(np.arange(panel.shape[0]) != unit))
        rows.append((panel.units[unit], float(weights[unit]), read(rest.comparisons, rest.values, rest.panel.treated)))
    table = pd.DataFrame(
        [(name, weight, found.effect) for name, weight, found in rows], columns=["unit", "weight", "effect"]
    )
    turned = [str(name) for name, _, found in rows if found.effect * effect < 0]
    return table, [Caveat("sign_rests_on_one_donor", {"n": len(turned), "names": turned})] if turned else []


def _labelled(solved: Solved) -> Iterator[tuple[tuple[str, Any, str, str], Comparison]]:
    """Yield each comparison with its cohort, its adopter (None if there are several), first and last treated period."""
    axis = solved.panel.axis
    for one in solved.comparisons:
        block = one.block
        adopter = solved.panel.units[block.members[0]] if len(block.members) == 1 else None
        first, last = axis.label(int(block.after[0])), axis.label(int(block.after[-1]))
        yield (axis.label(block.cohort), adopter, first, last), one
