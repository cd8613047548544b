"""The planted company's events, read slowly and without the generator's own knowledge."""

from __future__ import annotations

from itertools import pairwise

from pegel.eventlog.workflow import StateCategory
from pegel.worlds.lives import Life


def seen(life: Life, until_us: int) -> list[tuple[int, str, StateCategory, str]]:
    """Return what had happened by the world's end: time, state, what it means, who did it."""
    found = [(one.at_us, one.sequence, one.state, one.category, one.actor) for one in life.entries]
    return [(at, state, category, actor) for at, _, state, category, actor in sorted(found) if at <= until_us]


def window(life: Life, until_us: int) -> tuple[int, int, bool] | None:
    """Return when work on an item first began, when it was last done (or the world's end), and whether it is open."""
    steps = seen(life, until_us)
    begin = next((at for at, _, category, _ in steps if category is StateCategory.ACTIVE), None)
    if begin is None or steps[-1][2] is StateCategory.CANCELLED:
        return None
    if steps[-1][2] is StateCategory.DONE:
        return begin, steps[-1][0], False
    return begin, until_us, True


def idle_stays(life: Life, until_us: int) -> list[tuple[int, int, str]]:
    """Return the stays inside the window in which nobody works: [begin, end, state]."""
    bounds = window(life, until_us)
    if bounds is None:
        return []
    begin, end, _ = bounds
    steps = [*seen(life, until_us), (until_us, "", StateCategory.DONE, "")]
    return [
        (max(one[0], begin), min(other[0], end), one[1])
        for one, other in pairwise(steps)
        if one[2] is not StateCategory.ACTIVE and min(other[0], end) > max(one[0], begin)
    ]
