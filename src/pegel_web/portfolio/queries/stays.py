"""How long use cases stay in a state, from the steps they took; what is still open counts as "at least that long"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import numpy as np

from pegel.prediction.product_limit import product_limit
from pegel_web.portfolio.contracts.progress import DaysFigure
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import CaseStep

#: With fewer ended stays a percentile says more about the few than about the organisation.
LEAST: Final = 10
#: Leaving for one of these ends nothing: nobody knows how long it would have taken.
_ASIDE: Final = frozenset({CaseState.PARKED, CaseState.MERGED, CaseState.DUPLICATE})
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A use case in a state. ``left_at`` None: it is still there."""

    use_case: UUID
    state: CaseState
    entered_at: datetime
    left_at: datetime | None
    ending: Literal["ended", "open", "aside"]

    def days(self, now: datetime) -> float:
        """Return how long it lasted, or has lasted until now."""
        return ((self.left_at or now) - self.entered_at).total_seconds() / _DAY


def stays_of(steps: Iterable[tuple[UUID, str, datetime]]) -> list[Stay]:
    """Return the stays from steps (use case, state entered, moment), each use case's in order.

    >>> from datetime import UTC
    >>> one, at = UUID(int=1), [datetime(2026, 3, day, tzinfo=UTC) for day in (1, 5, 6)]
    >>> [(str(s.state), s.days(at[2]), s.ending) for s in stays_of([(one, "idea", at[0]), (one, "parked", at[1])])]
    [('idea', 4.0, 'aside'), ('parked', 1.0, 'open')]
    """
    by_case: dict[UUID, list[tuple[CaseState, datetime]]] = defaultdict(list)
    for case, state, at in steps:
        by_case[case].append((CaseState(state), at))
    found = []
    for case, way in by_case.items():
        for place, (state, entered) in enumerate(way):
            following = way[place + 1] if place + 1 < len(way) else None
            ending: Literal["ended", "open", "aside"] = (
                "open" if following is None else "aside" if following[0] in _ASIDE else "ended"
            )
            found.append(
                Stay(
                    use_case=case,
                    state=state,
                    entered_at=entered,
                    left_at=None if following is None else following[1],
                    ending=ending,
                )
            )
    return found


def read_stays(cases: Iterable[UUID] | None = None) -> list[Stay]:
    """Return the stays of some use cases, or of all."""
    rows = CaseStep.objects.order_by("use_case_id", "at", "id")
    if cases is not None:
        rows = rows.filter(use_case__in=list(cases))
    return stays_of(rows.values_list("use_case_id", "target", "at"))


def percentiles(
    lasted: Sequence[tuple[float, bool]], shares: Sequence[float], *, least: int = LEAST
) -> tuple[DaysFigure, ...]:
    """Return percentiles of times of which some are not over (days, over): the product-limit estimate.

    Source: Kaplan & Meier 1958, doi:10.1080/01621459.1958.10501452.
    """
    if sum(over for _, over in lasted) < least:
        return tuple(DaysFigure(standing="too_few") for _ in shares)
    times, place = np.unique(np.array([days for days, _ in lasted]), return_inverse=True)
    ended = np.array([over for _, over in lasted])
    curve = product_limit(
        times,
        np.bincount(place, weights=ended, minlength=len(times)),
        np.bincount(place, weights=~ended, minlength=len(times)),
    )
    found = (curve.percentile(share) for share in shares)
    return tuple(
        DaysFigure(standing="not_reached") if days is None else DaysFigure(standing="value", days=float(days))
        for days in found
    )


def first_entries(stays: Iterable[Stay]) -> Mapping[UUID, Mapping[CaseState, datetime]]:
    """Return when each use case first entered each state."""
    found: dict[UUID, dict[CaseState, datetime]] = defaultdict(dict)
    for one in stays:
        known = found[one.use_case].get(one.state)
        if known is None or one.entered_at < known:
            found[one.use_case][one.state] = one.entered_at
    return found
