"""A selection in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from pegel.eventlog.calendar import BUILT_IN as CALENDARS
from pegel.words import Language, say
from pegel.words.dates import date_text
from pegel.words.names import policy_name
from pegel_web.flow.contracts.reports import Selection


def selection_sentence(selection: Selection, language: Language) -> str:
    """Return what is selected, part by part: ``from 1 January 2026, item type Bug, as of 31 March 2026``."""
    parts = []
    if selection.from_day is not None:
        parts.append(say("flow.select.part.from_day", language, day=_day(selection.from_day, language)))
    if selection.until_day is not None:
        parts.append(say("flow.select.part.until_day", language, day=_day(selection.until_day, language)))
    if not parts:
        parts.append(say(f"flow.period.{selection.period}", language))
    if selection.types:
        none = say("flow.declare.no_type", language)
        named = ", ".join(one or none for one in selection.types)
        parts.append(say("flow.select.part.types", language, types=named))
    if selection.calendar is not None:
        known = selection.calendar in CALENDARS
        parts.append(say(f"flow.declare.calendar.{selection.calendar}", language) if known else selection.calendar)
    if selection.policy is not None:
        parts.append(policy_name(selection.policy, language))
    if selection.as_of is not None:
        parts.append(say("flow.select.part.as_of", language, day=_day(selection.as_of, language)))
    return " · ".join(parts)


def _day(day: date, language: Language) -> str:
    return date_text(datetime.combine(day, time(12), UTC), language)
