"""One item's life in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pegel.eventlog.policy import Reopen, TimeKind
from pegel.eventlog.schema import from_us
from pegel.flow.item_life import Clock
from pegel.flow.item_windows import Ending
from pegel.words import Language, say
from pegel.words.durations import duration

Named = Callable[[str], str]


def status_of(clock: Clock) -> str:
    """Return how an item stands under a policy: not_started, open, done, cancelled or deleted."""
    if clock.ending is Ending.OPEN:
        return "open" if clock.start_us is not None else "not_started"
    return clock.ending.name.lower()


def life_sentence(
    clock: Clock, day_us: int, unit: str, language: Language, *, cause: str | None, state: str, here_days: float | None
) -> str:
    """Say how long an item took, or has taken so far, how much of it waiting, and most for what.

    ``cause``: that claims most of the waiting; None: not told. ``state``, ``here_days``: where it is, and since when.
    """
    status = status_of(clock)
    if clock.time_us is None or clock.start_us is None:
        code = status if status in ("not_started", "cancelled", "deleted") else "done"
        here = "" if here_days is None else duration(here_days, language)
        return say(f"flow.item.sentence.{code}_untimed", language, state=state, here=here)
    said = say(f"flow.item.sentence.{status}", language, time=duration(clock.time_us / day_us, language, unit=unit))
    waiting = clock.waiting_us
    if waiting is not None:
        if waiting > 0:
            text = duration(waiting / day_us, language, unit=unit)
            said += say("flow.item.sentence.waiting", language, time=text)
            said += "" if cause is None else say(f"flow.item.most.{cause}", language)
        else:
            said += say("flow.item.sentence.no_waiting", language)
    if status == "open" and here_days is not None:
        said += say("flow.item.sentence.here", language, state=state, time=duration(here_days, language))
    return f"{said}."


def reasons(clock: Clock, day_us: int, unit: str, language: Language, named: Named) -> Iterator[str]:
    """Yield why the clock of an item started and stopped as it did, and what does not count.

    ``named``: how a state is shown to the reader.
    """
    adds_up = clock.policy.time is TimeKind.SUM_OF_STATES
    if clock.start_us is None:
        done = clock.ending is Ending.DONE
        yield say(f"flow.item.why.{'done_unstarted' if done else 'unstarted'}", language)
    elif clock.start_state is not None:
        state = named(clock.start_state)
        yield say("flow.item.why.start", language, day=from_us(clock.start_us).date(), state=state)
    if clock.end_us is not None:
        ending = clock.ending.name.lower()
        state = "" if clock.end_state is None else named(clock.end_state)
        yield say(f"flow.item.why.{ending}", language, day=from_us(clock.end_us).date(), state=state)
    elif clock.start_us is not None:
        yield say("flow.item.why.open", language)
    if clock.reopened:
        rule = "pause" if clock.policy.reopen is Reopen.PAUSE else "count_through"
        yield say(f"flow.item.why.reopened_{rule}", language)
    if clock.paused_us > 0:
        yield say("flow.item.why.paused", language, time=duration(clock.paused_us / day_us, language, unit=unit))
    if adds_up and clock.start_us is not None:
        yield say("flow.item.why.sum", language, time=duration(clock.active_us / day_us, language, unit=unit))
