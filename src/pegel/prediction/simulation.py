"""The simulation: many futures made of observed days.

Every run goes day by day; each day is a day of the reference window, drawn with replacement. All streams of a run share
the drawn day, so that what they have in common (a slow week for everybody) stays. Where the pace itself is taken as
uncertain, a run draws its own window from the observed one first (a bootstrap within the bootstrap).

The same seed draws the same futures whatever is asked of them: more work is never done sooner.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from pegel.prediction.supply import HORIZON, Supply

#: More days than the horizon: the run does not finish within it.
NEVER: Final = HORIZON
_BLOCK: Final = 64
#: Cells that are held at once: long blocks for many runs are cut.
_MOST_CELLS: Final = 8_000_000


def days_needed(
    supply: Supply, needed: np.ndarray, *, seed: int, uncertain_rate: bool = True, within: int = HORIZON
) -> np.ndarray:
    """Return for each run and stream the day of work on which it has finished what it needs.

    Parameters
    ----------
    needed: (runs, streams) numbers of items. ``within``: days of work that are looked at at most.

    Returns
    -------
    (runs, streams) positions in ``supply.coming_days()``, from 0; ``NEVER``: not within the horizon. What needs nothing
    is done on day −1: today.
    """
    runs, streams = needed.shape
    out = np.where(needed > 0, NEVER, -1)
    done = np.zeros((runs, streams), dtype=np.int64)
    for position, days in _drawn(supply, runs, seed, uncertain_rate, within):
        for stream in range(streams):
            waiting = out[:, stream] == NEVER
            if not waiting.any():
                continue
            counted = np.cumsum(supply.counts[:, stream][days], axis=1) + done[:, stream][:, None]
            enough = counted >= needed[:, stream][:, None]
            reached = waiting & enough[:, -1]
            out[reached, stream] = position + enough[reached].argmax(axis=1)
            done[:, stream] = counted[:, -1]
        if not (out == NEVER).any():
            break
    return out


def items_finished(supply: Supply, days: int, *, runs: int, seed: int, uncertain_rate: bool = True) -> np.ndarray:
    """Return (runs, streams): items finished within the next ``days`` days of work."""
    done = np.zeros((runs, supply.counts.shape[1]), dtype=np.int64)
    for _, drawn in _drawn(supply, runs, seed, uncertain_rate, days):
        for stream in range(done.shape[1]):
            done[:, stream] += supply.counts[:, stream][drawn].sum(axis=1)
    return done


def day_at(days: np.ndarray, share: float, *, never: float = NEVER) -> int | None:
    """Return the first day (or minute) by which this share of the runs is done; None from ``never`` on.

    >>> import numpy as np
    >>> day_at(np.array([3, 1, 2, 4]), 0.5), day_at(np.array([1, NEVER]), 0.85)
    (2, None)
    """
    found = np.partition(days, index := _index(len(days), share))[index]
    return None if found >= never else int(found)


def at_least(counts: np.ndarray, share: float) -> int:
    """Return the number that at least this share of the runs reaches.

    >>> import numpy as np
    >>> at_least(np.array([3, 1, 2, 4]), 0.5), at_least(np.array([3, 1, 2, 4]), 0.75)
    (3, 2)
    """
    return -int(np.partition(-counts, index := _index(len(counts), share))[index])


def _index(n: int, share: float) -> int:
    return min(n - 1, max(0, int(np.ceil(share * n - 1e-9)) - 1))


def _drawn(supply: Supply, runs: int, seed: int, uncertain_rate: bool, within: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (position of the first day, drawn days as rows of ``supply.counts``: (runs, days)) block by block."""
    rng = np.random.default_rng(seed)
    coming = supply.coming_days(min(within, HORIZON))
    pool = supply.strata(supply.days)
    order = np.argsort(pool, kind="stable")
    sizes = np.bincount(pool, minlength=7)
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    # Rows of the window, ordered by kind of day; in an uncertain world each run has its own.
    window = order[None, :]
    if uncertain_rate:
        kind = pool[order]
        window = order[_pick(rng, offsets[kind], sizes[kind], runs)]
    row = (np.arange(runs) * len(order))[:, None] if uncertain_rate else 0
    flat, kinds = window.ravel(), supply.strata(coming)
    # The block's length must not depend on the question, or the same seed would not draw the same futures.
    block = max(1, min(_BLOCK, _MOST_CELLS // runs))
    for start in range(0, len(coming), block):
        here = kinds[start : start + block]
        yield start, flat[_pick(rng, offsets[here], sizes[here], runs, width=block) + row]


def _pick(
    rng: np.random.Generator, offsets: np.ndarray, sizes: np.ndarray, runs: int, *, width: int | None = None
) -> np.ndarray:
    """Draw for every run and column one of the ``sizes`` places from ``offsets`` on; ``width`` columns are drawn."""
    drawn = rng.random((runs, width or len(sizes)), dtype=np.float32)[:, : len(sizes)]
    places = np.minimum((drawn * sizes.astype(np.float32)).astype(np.int32), sizes.astype(np.int32) - 1)
    picked: np.ndarray = places + offsets.astype(np.int32)
    return picked
