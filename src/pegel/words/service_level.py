"""The sentence of a service level."""

from __future__ import annotations

from pegel.flow.answer import Status
from pegel.prediction.service_level import ServiceLevel
from pegel.words.catalogue import Language, say
from pegel.words.durations import duration
from pegel.words.numbers import percent


def service_level_sentence(found: ServiceLevel, language: Language) -> str:
    """Return whether the promise was kept, how sure that is, and what is already too old to keep it."""
    target = duration(found.target_days, language, unit=found.unit)
    if found.status is not Status.VALUE or found.share is None or found.low is None or found.high is None:
        said = say(f"reason.{found.reason}", language)
    else:
        said = say(
            f"service_level.{found.finding}",
            language,
            share=percent(found.share, language),
            meant=percent(found.target_share, language),
            low=percent(found.low, language),
            high=percent(found.high, language),
            target=target,
            n=found.n,
        )
    if not found.open_beyond:
        return said
    return f"{said} {say('service_level.open', language, n=found.open_beyond, target=target)}"
