"""The measured wait at the step that a use case is about: from the figures of its stream, in words."""

from __future__ import annotations

from typing import cast

from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.numbers import percent
from pegel_web.core.actor import Actor
from pegel_web.flow.models import ValueStream
from pegel_web.flow.queries.reports import stream_report
from pegel_web.portfolio.contracts.use_cases import MeasuredWait, WaitStanding
from pegel_web.portfolio.models import UseCase


def measured_wait(*, actor: Actor, row: UseCase, stream: ValueStream | None) -> MeasuredWait:
    """Return what the log of the stream measures in the step; ``stream`` None: none is named, or it may not be seen."""
    language = cast(Language, actor.language)
    if row.stream_id is None or not row.step:
        return _without("no_stream" if row.place_note else "not_named", None, row.step, language)
    if stream is None:
        return _without("not_seen", None, row.step, language)
    found = stream_report(actor=actor, stream_id=stream.id)
    if found.content is None:
        return _without("not_computed", stream.name, row.step, language)
    if found.withheld:
        return _without("withheld", stream.name, row.step, language)
    line = next((one for one in found.content.states if one.state == row.step), None)
    if line is None or line.share is None:
        return _without("no_data", stream.name, row.step, language)
    said = say(
        "portfolio.wait.value",
        language,
        stream=stream.name,
        step=line.state_name,
        time=duration(line.days_per_item, language, unit=found.content.unit),
        share=percent(line.share, language),
    )
    return MeasuredWait(
        standing="value",
        stream_name=stream.name,
        step_name=line.state_name,
        days_per_item=line.days_per_item,
        share=line.share,
        sentence=said,
    )


def _without(standing: WaitStanding, stream: str | None, step: str, language: Language) -> MeasuredWait:
    return MeasuredWait(
        standing=standing,
        stream_name=stream,
        step_name=step,
        days_per_item=None,
        share=None,
        sentence=say(f"portfolio.wait.{standing}", language, stream=stream or "", step=step),
    )
