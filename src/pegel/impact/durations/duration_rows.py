"""Durations of single items, finished or still open, as the two duration estimators read them.

A row is an item: how long it took or has taken so far, and whether it is finished. What cannot be a duration is refused
with a code; rows that say nothing are left out with a caveat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pegel.errors import InputError
from pegel.impact.columns import codes_of, frame_with, is_missing, numbers_of, two_groups, yes_or_no
from pegel.impact.estimate import Caveat


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DurationRows:
    """N items, checked.

    Attributes
    ----------
    duration: (N,) not negative. finished: (N,) bool; an item that is not finished took at least its duration.
    entry: (N,) the age at which an item came under observation; zeros unless said otherwise.
    treated: (N,) bool, or None where there are no groups. names: labels of (control, treated).
    stratum, cluster: (N,) codes; each item its own cluster unless said otherwise.
    covariates: (N, K). started: (N,) values of the column of starts, or None.
    """

    duration: np.ndarray
    finished: np.ndarray
    entry: np.ndarray
    treated: np.ndarray | None
    names: tuple[str, str]
    stratum: np.ndarray
    cluster: np.ndarray
    clustered: bool
    covariates: np.ndarray
    started: list[Any] | None
    caveats: tuple[Caveat, ...]

    @property
    def fewest_clusters(self) -> int:
        """Return the clusters of the group with fewest; of all items where clusters hold both groups, or none do."""
        if self.treated is None:
            return len(np.unique(self.cluster))
        arms = [set(self.cluster[mask].tolist()) for mask in (self.treated, ~self.treated)]
        return min(len(arm) for arm in arms) if not arms[0] & arms[1] else len(arms[0] | arms[1])


def duration_rows(
    data: Any,
    *,
    duration: str,
    finished: str,
    group: str | None = None,
    treated: Any = None,
    start: str | None = None,
    entry: str | None = None,
    strata: str | None = None,
    cluster: str | None = None,
    covariates: Sequence[str] | None = None,
) -> DurationRows:
    """Return the checked items of a data frame (pandas, Polars or anything narwhals reads).

    Parameters
    ----------
    duration: column of numbers. finished: yes or no, or 1 and 0.
    group: column with two values; ``treated`` says which of them is the treated one (not needed for yes/no and 1/0).

    Raises
    ------
    InputError: ``impact_column_missing``, ``impact_no_rows``, ``impact_not_numbers``, ``impact_infinite_values``,
        ``impact_duration_negative``, ``impact_yes_or_no_unreadable``, ``impact_entry_after_end``,
        ``impact_groups_not_two``. UserError: ``impact_treated_group_unclear``.
    """
    frame = frame_with(data, [duration, finished, group, start, entry, strata, cluster, *(covariates or ())])
    length = numbers_of(frame[duration], duration)
    done = yes_or_no(frame[finished], finished)
    begin = np.zeros(len(length)) if entry is None else numbers_of(frame[entry], entry)
    wide = np.column_stack([np.empty((len(length), 0)), *(numbers_of(frame[name], name) for name in covariates or ())])
    labels = {name: frame[name].to_list() for name in (group, strata, cluster) if name}
    if (length < 0).any():
        raise InputError("impact_duration_negative", name=duration, n=int((length < 0).sum()))
    kept, caveats = _complete(length, done, begin, wide, labels)
    if not kept.any():
        raise InputError("impact_no_rows")
    if (begin[kept] < 0).any():
        raise InputError("impact_duration_negative", name=str(entry), n=int((begin[kept] < 0).sum()))
    if entry is not None and (begin[kept] >= length[kept]).any():
        raise InputError("impact_entry_after_end", n=int((begin[kept] >= length[kept]).sum()))
    zeros = int((length[kept] == 0).sum())
    if zeros:
        caveats.append(Caveat("durations_of_zero", {"n": zeros}))
    chosen = np.flatnonzero(kept).tolist()
    mask, names = None, ("", "")
    if group is not None:
        mask, names = two_groups([labels[group][i] for i in chosen], group, treated)
    started = None if start is None else [frame[start][i] for i in chosen]
    return DurationRows(
        duration=length[kept],
        finished=done[kept] == 1,
        entry=begin[kept],
        treated=mask,
        names=names,
        stratum=codes_of([labels[strata][i] for i in chosen]) if strata else np.zeros(len(chosen), dtype=np.int64),
        cluster=codes_of([labels[cluster][i] for i in chosen]) if cluster else np.arange(len(chosen)),
        clustered=cluster is not None,
        covariates=wide[kept],
        started=started,
        caveats=tuple(caveats),
    )


def _complete(
    length: np.ndarray, done: np.ndarray, begin: np.ndarray, wide: np.ndarray, labels: dict[str, list[Any]]
) -> tuple[np.ndarray, list[Caveat]]:
    """Return which rows have all they need, and how many had to be left out for want of what."""
    known = ~(np.isnan(length) | np.isnan(done))
    caveats = []
    if not known.all():
        caveats.append(Caveat("durations_missing", {"n": int((~known).sum())}))
    lacking = np.isnan(begin) | np.isnan(wide).any(axis=1)
    for values in labels.values():
        lacking = lacking | np.array([is_missing(value) for value in values])
    if (known & lacking).any():
        caveats.append(Caveat("items_without_attributes", {"n": int((known & lacking).sum())}))
    return known & ~lacking, caveats
