"""The sentences about moving load from one value stream to another."""

from __future__ import annotations

from pegel.flow.answer import Status
from pegel.network.load_transfer import Compared, LoadTransfer, Range
from pegel.words.catalogue import Language, quoted, say
from pegel.words.durations import duration
from pegel.words.numbers import percent, short_number


def transfer_sentences(found: LoadTransfer, language: Language) -> list[str]:
    """Return what moving the load would change, a sentence for each stream and one for both."""
    if found.status is not Status.VALUE:
        return [say(f"reason.{found.reason}", language)]
    out = [
        say(
            "transfer.question",
            language,
            n=found.items_per_week,
            giver=quoted(found.giver, language),
            taker=quoted(found.taker, language),
        )
    ]
    if found.capacity_share:
        out[0] += " " + say("transfer.capacity", language, share=percent(found.capacity_share, language))
    for side in found.sides:
        measures = {one.measure: one for one in side.measures}
        load, time = measures["load"], measures["p50_days"]
        said = say(
            "transfer.side",
            language,
            stream=say("transfer.together", language) if side.stream is None else side.stream,
            weeks=found.horizon_weeks,
            load_before=_middle(load.before, language),
            load_after=_middle(load.after, language),
            time_before=time_text(time.before, language),
            time_after=time_text(time.after, language),
        )
        usual = {(True, True): "usual", (True, False): "usual_load", (False, True): "usual_time"}
        code = usual.get((load.usual, time.usual))
        out.append(f"{said} {say(f'transfer.{code}', language)}" if code else said)
    return out


def range_text(one: Range, language: Language) -> str:
    """Return a median with its interval.

    >>> range_text(Range(middle=4.0, low=2.5, high=7.0), "de")
    '4 (2,5 bis 7)'
    """
    if one.middle is None or one.low is None or one.high is None:
        return say("transfer.unknown", language)
    middle, low, high = (short_number(value, language) for value in (one.middle, one.low, one.high))
    return say("transfer.range", language, middle=middle, low=low, high=high)


def time_text(one: Range, language: Language) -> str:
    """Return the median of a range of days."""
    return say("transfer.unknown", language) if one.middle is None else duration(one.middle, language)


def verdict_text(one: Compared, language: Language) -> str:
    """Return whether the difference is more than the usual up and down; empty: it is."""
    return say("transfer.usual", language) if one.usual else ""


def _middle(one: Range, language: Language) -> str:
    return say("transfer.unknown", language) if one.middle is None else short_number(one.middle, language)
