"""Items one after the other with a limit on work in progress, in many futures at once.

So many places; whatever is in progress holds one until it is done. The next item of the list takes the first place that
gets free (of several free ones the one that has been free the shortest), starts when its blockers are done, and is done
after its flow time, a parent not before its children. A place that waits for a blocker is not lent out meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pegel.prediction.dependencies import Dependencies
from pegel.prediction.flow_times import FlowTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """``done``: (runs, items) minutes from now in the log's time, in the order of ``items``; inf: not reached.

    Times are those at which the data ends at the latest; an item that draws beyond it, or waits for such a one, is not
    reached in that run.
    """

    items: tuple[int, ...]
    done: np.ndarray


def schedule(
    times: FlowTimes,
    dependent: Dependencies,
    ages: Mapping[int, float],
    others: np.ndarray,
    *,
    wip: int,
    runs: int,
    seed: int,
) -> Schedule:
    """Simulate the items of ``dependent.order``.

    Parameters
    ----------
    ages: minutes by item of those already started. ``others``: ages of the other items in progress.
    wip: number of places; what is in progress beyond it finishes before anything new starts.
    """
    # Every item has chances of its own: neither order nor limit nor company changes its luck.
    chances = {item: np.random.default_rng([seed, 2, item]).random(runs) for item in dependent.order}
    done: dict[int, np.ndarray] = {}
    reached: dict[int, np.ndarray] = {}
    for item in dependent.order:
        if item in ages:
            whole, reached[item] = times.draw(np.array(ages[item]), chances[item])
            done[item] = np.maximum(whole - ages[item], 0.0)
    new = len(dependent.order) - len(done)
    places = _places(times, others, list(done.values()), wip=wip, new=new, runs=runs, seed=seed)
    for item in dependent.order:
        if item not in ages:
            ready = np.zeros(runs)
            hoped = np.ones(runs, dtype=bool)
            for blocker in dependent.blockers.get(item, ()):
                ready = np.maximum(ready, done[blocker])
                hoped &= reached[blocker]
            time, drawn = times.draw(np.zeros(1), chances[item])
            place = _chosen(places, ready)
            rows = np.arange(runs)
            done[item] = np.maximum(places[rows, place], ready) + time
            reached[item] = hoped & drawn
            places[rows, place] = done[item]
        for child in dependent.children.get(item, ()):
            done[item] = np.maximum(done[item], done[child])
            reached[item] = reached[item] & reached[child]
    columns = [np.where(reached[item], done[item], np.inf) for item in dependent.order]
    return Schedule(items=dependent.order, done=np.stack(columns, axis=1) if columns else np.zeros((runs, 0)))


def _places(
    times: FlowTimes,
    others: np.ndarray,
    started: list[np.ndarray],
    *,
    wip: int,
    new: int,
    runs: int,
    seed: int,
) -> np.ndarray:
    """Return (runs, places): when each place gets free that the new items can come to use.

    Of more work in progress than there are places, those that get free last count: nothing new starts before as many
    are done as there are too many. Of more places than new items, those that get free first are enough.
    """
    if len(others) + len(started) + new <= wip or not new:
        return np.zeros((runs, max(1, new)))
    left, _ = times.draw(others[None, :], np.random.default_rng([seed, 3]).random((runs, len(others))))
    held = np.concatenate([np.maximum(left - others, 0.0), *(one[:, None] for one in started)], axis=1)
    if held.shape[1] > wip:
        held = np.partition(held, held.shape[1] - wip, axis=1)[:, held.shape[1] - wip :]
    free = np.zeros((runs, min(wip - held.shape[1], new)))
    places = np.concatenate([free, held], axis=1)
    return np.partition(places, new - 1, axis=1)[:, :new] if places.shape[1] > new else places


def _chosen(places: np.ndarray, ready: np.ndarray) -> np.ndarray:
    """Return the place for the next item: free by then and the shortest so, or else the first to get free."""
    free = np.where(places <= ready[:, None], places, -1.0)
    chosen: np.ndarray = np.where(free.max(axis=1) >= 0, free.argmax(axis=1), places.argmin(axis=1))
    return chosen
