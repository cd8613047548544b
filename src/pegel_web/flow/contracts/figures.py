"""The five figures of a stream, each with its unit, its change and what that change means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: ``withheld``: so few people stand behind it that it would tell about a person.
Status = Literal["value", "not_configured", "no_data", "undefined", "withheld"]
#: Whether a change is news (``signal``) or the usual up and down (``noise``); None: too few weeks to tell.
Verdict = Literal["signal", "noise"]
Tone = Literal["good", "bad", "neutral"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFigure:
    """One figure of a period.

    Parameters
    ----------
    metric, definition: which figure, and the id of its definition, such as ``flow_time/1``.
    status, reason: a value, or the code of why there is none.
    value, unit: the figure as a number: days, items, items_per_week, or a share between 0 and 1.
    text, meaning, detail, basis: the same in words of the reader's language: the value with its unit, what it says,
        what belongs to it, how many items it rests on.
    n: finished items it rests on, where it rests on any.
    previous, change: the same figure of the period of equal length before; the relative change, of a share the change
        in percentage points (as a share). change_text: that in words. tone: whether the change is for the better.
    verdict: signal or noise, by the process behaviour chart of the weeks.
    """

    metric: str
    definition: str
    status: Status
    reason: str | None
    value: float | None
    unit: str
    text: str
    meaning: str
    detail: str
    basis: str
    n: int | None
    previous: float | None
    change: float | None
    change_text: str
    tone: Tone
    verdict: Verdict | None
