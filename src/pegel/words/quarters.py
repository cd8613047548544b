"""The sentences about what came unplanned, was changed or was cancelled in a quarter."""

from __future__ import annotations

from pegel.quarters.quarter import Quarter
from pegel.words.catalogue import Language, say
from pegel.words.durations import duration
from pegel.words.numbers import percent


def quarter_name(quarter: Quarter, language: Language, *, running: bool = False) -> str:
    """Return a quarter as people write it; ``running``: it is not over in the data.

    >>> quarter_name(Quarter(year=2026, number=1), "de", running=True)
    '1. Quartal 2026 (bisher)'
    """
    name = say("quarter.name", language, number=str(quarter.number), year=str(quarter.year))
    return say("quarter.so_far", language, quarter=name) if running else name


def list_sentence(
    name: str,
    language: Language,
    *,
    n: int,
    share: float | None,
    days: float | None,
    unit: str,
    not_started: int = 0,
    before: tuple[int, float | None] | None = None,
) -> str:
    """Return what a list says in some sentences; ``before``: number and share in the quarter before.

    ``days`` None: those of several streams do not add up, because they measure different time.

    >>> list_sentence("changed_work", "en", n=2, share=0.25, days=8.0, unit="days", before=(1, 0.1))
    '2 items were changed while they were in progress: 25% of the work, with 8 days spent on them. In the quarter before: one (10%).'
    """  # noqa: E501 - the answer of an example stands on one line
    if share is None and not not_started:
        return say("quarter.no_work", language)
    if n and share is not None and days is None:
        label = say(f"metric.{name}.label", language)
        said = [say("quarter.without_days", language, name=label, n=n, share=percent(share, language))]
    elif n and share is not None and days is not None:
        time = duration(days, language, unit=unit)
        said = [say(f"quarter.{name}", language, n=n, share=percent(share, language), time=time)]
    else:
        said = [say(f"quarter.nothing.{name}", language)]
    if not_started:
        said.append(say("quarter.not_started", language, n=not_started))
    if before is not None and before[1] is not None:
        said.append(say("quarter.before", language, n=before[0], share=percent(before[1], language)))
    return " ".join(said)
