"""A random assignment, dealt again: within strata, and whole clusters at a time."""

from __future__ import annotations

from itertools import combinations, product
from math import comb, prod

import numpy as np

from pegel.impact.permutation import Deals


def deal_arms(treated: np.ndarray, strata: np.ndarray, *, draws: int, seed: int) -> Deals:
    """Return all other ways to deal the arms (U,) within strata (U,), or ``draws`` seeded ones when there are more.

    Every stratum keeps its number of treated units. ``order`` takes unit u's arm from unit ``order[p, u]``.

    >>> import numpy as np
    >>> deal_arms(np.array([1, 0, 1, 0]), np.array([0, 0, 1, 1]), draws=100, seed=0).ways
    4
    """
    places = [np.flatnonzero(strata == one) for one in np.unique(strata)]
    ways = prod(comb(len(place), int(treated[place].sum())) for place in places)
    if ways <= draws:
        found = [order for order in _all_orders(treated, places) if (treated[order] != treated).any()]
        return Deals(np.array(found, dtype=np.int64).reshape(-1, len(treated)), True)
    _, codes = np.unique(strata, return_inverse=True)
    random = np.random.default_rng(seed)
    shuffled = np.argsort(codes[None, :] + random.random((draws, len(treated))), axis=1, kind="stable")
    order = np.empty_like(shuffled)
    np.put_along_axis(order, shuffled, np.argsort(codes, kind="stable")[None, :].repeat(draws, axis=0), axis=1)
    return Deals(order, False)


def _all_orders(treated: np.ndarray, places: list[np.ndarray]) -> list[np.ndarray]:
    """Return an order per way to choose the treated units of each stratum."""
    choices = [list(combinations(place.tolist(), int(treated[place].sum()))) for place in places]
    orders = []
    for chosen in product(*choices):
        order = np.arange(len(treated))
        for place, some in zip(places, chosen, strict=True):
            taken = np.isin(place, some)
            order[place[taken]] = place[treated[place] == 1]
            order[place[~taken]] = place[treated[place] == 0]
        orders.append(order)
    return orders
