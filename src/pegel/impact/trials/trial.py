"""A randomised comparison as it was run: who got what, what was known before, within which strata and clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pegel.errors import InputError
from pegel.impact.columns import codes_of, frame_with, is_missing, numbers_of, yes_or_no
from pegel.impact.estimate import Caveat


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """Rows with an outcome (n,) and an arm (n,), 1.0 for treated.

    ``baseline`` (n, K) has no gaps. ``strata``, ``clusters`` (n,): codes from 0; one stratum, and each row its own
    cluster, unless said otherwise. ``by_cluster``: whole clusters were assigned. ``clustered``: rows are grouped.
    """

    outcome: np.ndarray
    treated: np.ndarray
    baseline: np.ndarray
    baseline_names: tuple[str, ...]
    strata: np.ndarray
    clusters: np.ndarray
    clustered: bool
    by_cluster: bool
    caveats: tuple[Caveat, ...]

    @property
    def unit(self) -> np.ndarray:
        """Return (n,): which unit of assignment a row belongs to, coded from 0."""
        return self.clusters if self.by_cluster else np.arange(len(self.outcome))

    @property
    def first_rows(self) -> np.ndarray:
        """Return the first row of each unit of assignment."""
        return np.unique(self.unit, return_index=True)[1]


def trial_of(
    data: Any, *, outcome: str, treatment: str, baseline: Sequence[str], strata: str | None, cluster: str | None
) -> Trial:
    """Return the checked trial of a data frame with a row per person, item or team.

    Rows without arm or outcome are left out with a caveat; a missing baseline gets the mean and a column that marks it,
    which keeps the comparison random. Strata with one arm only say nothing and are left out.

    Raises
    ------
    InputError: ``impact_column_missing``, ``impact_no_rows``, ``impact_not_numbers``, ``impact_infinite_values``,
        ``impact_yes_or_no_unreadable``, ``impact_one_arm``, ``impact_labels_missing``,
        ``impact_strata_split_clusters``.
    """
    frame = frame_with(data, [outcome, treatment, *baseline, strata, cluster])
    values, arm = numbers_of(frame[outcome], outcome), yes_or_no(frame[treatment], treatment)
    rows = len(values)
    known = np.column_stack([np.empty((rows, 0)), *(numbers_of(frame[name], name) for name in baseline)])
    strata_codes = _labels(frame[strata], strata) if strata else np.zeros(rows, dtype=np.int64)
    cluster_codes = _labels(frame[cluster], cluster) if cluster else np.arange(rows)
    # Rows have no names: sorting them by what they hold makes every draw the same, whatever their order.
    order = np.lexsort((*known.T, values, arm, cluster_codes if cluster else arm, strata_codes))
    values, arm, known, strata_codes, cluster_codes = (
        one[order] for one in (values, arm, known, strata_codes, cluster_codes)
    )
    kept, caveats = _usable(values, arm, strata_codes)
    if not kept.any():
        raise InputError("impact_no_rows")
    treated, strata_codes, cluster_codes = arm[kept], _recoded(strata_codes[kept]), _recoded(cluster_codes[kept])
    if treated.min() == treated.max():
        raise InputError("impact_one_arm", name=treatment, value=int(treated[0]))
    columns, column_names, imputed = _complete(known[kept], tuple(baseline))
    by_cluster = bool(cluster) and _constant_within(cluster_codes, treated)
    if by_cluster and not _constant_within(cluster_codes, strata_codes):
        raise InputError("impact_strata_split_clusters")
    if cluster and not by_cluster:
        caveats.append(Caveat("assigned_within_clusters"))
    return Trial(
        outcome=values[kept],
        treated=treated,
        baseline=columns,
        baseline_names=column_names,
        strata=strata_codes,
        clusters=cluster_codes,
        clustered=bool(cluster),
        by_cluster=by_cluster,
        caveats=(*caveats, *imputed),
    )


def _labels(column: Any, name: str) -> np.ndarray:
    values = column.to_list()
    lacking = sum(is_missing(value) for value in values)
    if lacking:
        raise InputError("impact_labels_missing", name=name, n=lacking)
    return codes_of(values)


def _recoded(codes: np.ndarray) -> np.ndarray:
    again: np.ndarray = np.unique(codes, return_inverse=True)[1]
    return again


def _usable(values: np.ndarray, arm: np.ndarray, strata: np.ndarray) -> tuple[np.ndarray, list[Caveat]]:
    """Return which rows count, and what was left out."""
    caveats = []
    assigned = ~np.isnan(arm)
    if not assigned.all():
        caveats.append(Caveat("assignment_missing", {"n": int((~assigned).sum())}))
    lost = assigned & np.isnan(values)
    if lost.any():
        shares = {
            name: 100 * float(lost[arm == value].mean()) if (arm == value).any() else 0.0
            for name, value in (("treated_percent", 1.0), ("control_percent", 0.0))
        }
        caveats.append(Caveat("outcomes_missing", {"n": int(lost.sum()), **shares}))
    kept = assigned & ~lost
    one_armed = [one for one in np.unique(strata[kept]) if len(np.unique(arm[kept & (strata == one)])) < 2]
    alone = kept & np.isin(strata, one_armed)
    if len(np.unique(strata[kept])) > 1 and alone.any() and not alone[kept].all():
        caveats.append(Caveat("strata_with_one_arm", {"n": len(one_armed), "rows": int(alone.sum())}))
        kept = kept & ~alone
    return kept, caveats


def _complete(known: np.ndarray, names: tuple[str, ...]) -> tuple[np.ndarray, tuple[str, ...], list[Caveat]]:
    """Fill missing baseline values with the mean and mark them; leave out what says nothing new."""
    caveats = []
    lacking = np.isnan(known)
    filled, marks, marked = known.copy(), [], []
    for i, name in enumerate(names):
        if lacking[:, i].all():
            filled[:, i] = 0.0
        elif lacking[:, i].any():
            filled[lacking[:, i], i] = known[~lacking[:, i], i].mean()
            marks.append(lacking[:, i].astype(float))
            marked.append(f"{name}:missing")
    if lacking.any():
        caveats.append(Caveat("baseline_imputed", {"n": int(lacking.any(axis=1).sum())}))
    columns = np.column_stack([filled, *marks])
    chosen = independent(columns)
    lost = [name for i, name in enumerate(names) if i not in chosen]
    if lost:
        caveats.append(Caveat("baseline_says_nothing_new", {"n": len(lost), "names": lost}))
    every = (*names, *marked)
    return columns[:, chosen], tuple(every[i] for i in chosen), caveats


def independent(columns: np.ndarray, fixed: np.ndarray | None = None) -> list[int]:
    """Return which columns (n, K) add something to a constant, to ``fixed`` (n, F) and to the columns before them."""
    basis = np.ones((len(columns), 1)) / np.sqrt(len(columns))
    queue = [] if fixed is None else [(-1, column) for column in fixed.T]
    chosen = []
    for i, column in [*queue, *enumerate(columns.T)]:
        centred = column - column.mean()
        rest = centred - basis @ (basis.T @ centred)
        rest = rest - basis @ (basis.T @ rest)
        size = np.linalg.norm(rest)
        if size > 1e-8 * max(float(np.linalg.norm(centred)), 1e-10 * float(np.linalg.norm(column))) and size > 0:
            basis = np.column_stack([basis, rest / size])
            chosen.append(i)
    return [i for i in chosen if i >= 0]


def _constant_within(groups: np.ndarray, values: np.ndarray) -> bool:
    first = np.unique(groups, return_index=True)[1]
    return bool((values == values[first][groups]).all())
