"""What people select of a stream themselves: what can be chosen, what may not, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final, cast
from uuid import UUID

from pegel.errors import InputError
from pegel.eventlog.calendar import BUILT_IN as CALENDARS
from pegel.eventlog.schema import from_us
from pegel.words import Language, say
from pegel.words.names import policy_name
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.versions import Version, declared_version, selection_hash, version_of
from pegel_web.flow.contracts.declared import TypeCount
from pegel_web.flow.contracts.reports import Choice, Selection, StreamChart, StreamReport
from pegel_web.flow.contracts.selection import SelectionChoices
from pegel_web.flow.models import StreamSelection, ValueStream
from pegel_web.flow.queries.declared import calendar_choices, calendar_names, declared_of, opened_lake, policy_names
from pegel_web.flow.queries.levels import kept_levels
from pegel_web.flow.queries.names import names_in_lake
from pegel_web.flow.queries.overview import period_choices, require_period
from pegel_web.flow.queries.reports import chart_as_seen, policies_computed, report_as_seen
from pegel_web.flow.queries.streams import reading, seen_stream, versions_of
from pegel_web.jobs.contracts import JobReport

#: Days before are no days of a log; a period may end this long after today.
EARLIEST: Final = date(1970, 1, 1)
_AHEAD: Final = timedelta(days=366)


def selection_choices(*, actor: Actor, stream_id: UUID, selection: Selection) -> SelectionChoices:
    """Return everything that a selection of a stream can be made of, and what is chosen.

    Raises
    ------
    NotFoundError: ``stream_unknown``.
    """
    language = cast(Language, actor.language)
    row, lake = seen_stream(actor, stream_id), opened_lake()
    usual = Choice(code="", name=say("flow.select.as_usual", language), chosen=selection.calendar is None)
    elapsed = Choice(
        code="elapsed",
        name=say("flow.declare.calendar.elapsed", language),
        chosen=selection.calendar == "elapsed",
    )
    return SelectionChoices(
        periods=period_choices(selection.period, language),
        types=tuple(
            Choice(
                code=one.type,
                name=say(
                    "flow.declare.type_count",
                    language,
                    type=one.type or say("flow.declare.no_type", language),
                    n=one.items,
                ),
                chosen=one.type in selection.types,
            )
            for one in _types(row)
        ),
        policies=(
            Choice(code="", name=say("flow.select.as_usual", language), chosen=selection.policy is None),
            *(
                Choice(code=one, name=policy_name(one, language), chosen=one == selection.policy)
                for one in policy_names(lake)
            ),
        ),
        calendars=(
            usual,
            elapsed,
            *(replace(one, chosen=one.code == selection.calendar) for one in calendar_choices(lake, language)),
        ),
        latest=_latest(row),
    )


def settled(selection: Selection) -> Selection:
    """Return a selection in the form in which the same choice is always the same selection."""
    days = selection.from_day is not None or selection.until_day is not None
    return replace(selection, period=DEFAULT if days else selection.period, types=tuple(sorted(set(selection.types))))


def is_usual(row: ValueStream, selection: Selection) -> bool:
    """Tell whether a selection is one that is computed of itself."""
    return not selection.own and (selection.policy is None or selection.policy in policies_computed(row))


def check_selection(row: ValueStream, selection: Selection, today: date) -> None:
    """Refuse what cannot be selected. ``row``: a stream that the actor may see.

    Names are those that are known, and nothing else: the library would read a path as a file of the server.

    Raises
    ------
    InputError: ``period_unknown``, ``period_backwards``, ``selection_day_out_of_range``, ``selection_after_data``,
    ``policy_not_computed``, ``unknown_calendar``, ``stream_type_unknown``. ConflictError: ``stream_without_data``.
    """
    require_period(selection.period)
    days = [one for one in (selection.from_day, selection.until_day, selection.as_of) if one is not None]
    for day in days:
        if not EARLIEST <= day <= today + _AHEAD:
            raise InputError("selection_day_out_of_range", day=day, least=EARLIEST, most=today + _AHEAD)
    latest = _latest(row)
    if selection.from_day is not None and latest is not None and latest < selection.from_day:
        raise InputError("selection_after_data", day=selection.from_day, latest=latest)
    ends = [one for one in (selection.until_day, selection.as_of) if one is not None]
    if selection.from_day is not None and ends and min(ends) < selection.from_day:
        raise InputError("period_backwards", from_at=selection.from_day, until_at=min(ends))
    lake = opened_lake()
    _known("policy_not_computed", selection.policy, policy_names(lake))
    _known("unknown_calendar", selection.calendar, [CALENDARS[0], *calendar_names(lake)])
    if latest is None:
        raise ConflictError("stream_without_data", name=row.name)
    if selection.types:
        types = [one.type for one in _types(row)]
        for one in selection.types:
            _known("stream_type_unknown", one, types)


def kept_selection(row: ValueStream, selection: Selection) -> StreamSelection | None:
    """Return the result of a selection that rests on what the lake holds now; None: there is none.

    Raises
    ------
    ConflictError: ``stream_without_data``.
    """
    rows = StreamSelection.objects.everything(because="of a stream that the actor may see")
    wanted = selection_hash(version_now(row), selection)
    return cast("StreamSelection | None", rows.filter(stream_id=row.id, content_hash=wanted).first())


def version_now(row: ValueStream) -> Version:
    """Return the version of what a stream's results rest on, as the lake was last read.

    Raises
    ------
    ConflictError: ``stream_without_data``.
    """
    on_lake = version_of(names_in_lake(row), versions_of(reading()))
    if on_lake is None:
        raise ConflictError("stream_without_data", name=row.name)
    return Version(on_lake, declared_version(declared_of([row.id])[row.id]))


def selected_report(
    actor: Actor, row: ValueStream, selection: Selection, kept: StreamSelection | None, job: JobReport | None
) -> StreamReport:
    """Return the report of a selection. ``kept`` None: ``job`` computes it."""
    rows = kept is not None and kept.rows is not None
    return replace(report_as_seen(actor, row, kept, None), selection=selection, job=job, rows_kept=rows)


def selected_chart(*, actor: Actor, stream_id: UUID, name: str, selection: Selection) -> StreamChart:
    """Return a drawing of a selection that is computed.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``chart_unknown``. InputError, ConflictError: see ``check_selection``.
    """
    row = seen_stream(actor, stream_id)
    selection = settled(selection)
    check_selection(row, selection, actor.at.date())
    kept = kept_selection(row, selection)
    return chart_as_seen(actor, row, None if kept is None else kept.charts, name)


def _latest(row: ValueStream) -> date | None:
    """Return the day of the last event of a stream, as the lake was last read; None: it holds none."""
    known = reading()
    listed = [] if known is None else known.streams
    names = names_in_lake(row)
    found = [one["latest_us"] for one in listed if one["lake_name"] in names and one["latest_us"] is not None]
    return from_us(max(found)).date() if found else None


def _known(code: str, name: str | None, known: list[str]) -> None:
    if name is not None and name not in known:
        raise InputError(code, name=name[:200], known=known[:20])


def _types(row: ValueStream) -> tuple[TypeCount, ...]:
    """Return the types of a stream's items as of its last computation, so that a page need not read the lake."""
    level = kept_levels([row.id]).get(row.id)
    return () if level is None else level.types
