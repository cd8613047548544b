"""Belonging and roles over time: what a row adds, ends, or finds as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal
from uuid import UUID

from pegel.errors import InputError, UserError
from pegel.words import LANGUAGES, say
from pegel_web.organisation.importing.current import Span
from pegel_web.organisation.importing.draft import Draft, date_in
from pegel_web.organisation.importing.reading import Row
from pegel_web.organisation.roles import roles
from pegel_web.organisation.timeline import period_on

Kind = Literal["memberships", "roles"]
ASSIGN = "organisation.role.assign"


def plan_spans(draft: Draft, kind: Kind, rows: tuple[Row, ...]) -> None:
    """Plan a table of memberships or roles."""
    named: set[tuple[UUID, UUID, str]] = set()
    for row in rows:
        try:
            person, unit, role = _read(draft, kind, row)
            # A row that is rejected still says that this is meant to stay.
            named.add((person, unit, role))
            begins, ends = date_in(row, "valid_from"), date_in(row, "valid_until")
            if kind == "roles":
                _check_rights(draft, person, unit, role)
            hold(draft, kind, row, person, unit, role=role, begins=begins, ends=ends)
        except UserError as refused:
            draft.reject(kind, row, refused.code, str(refused.values.get("field", "")))
    if draft.ends_the_rest(kind, rows, "person"):
        _end_the_rest(draft, kind, named)


def hold(
    draft: Draft,
    kind: Kind,
    row: Row,
    person: UUID,
    unit: UUID,
    *,
    role: str = "",
    begins: date | None,
    ends: date | None,
) -> None:
    """Let a person belong to a unit, or have a role in it, from one date until another.

    Without a beginning it is what is there already, or the day of the import.

    Raises
    ------
    InputError: ``date_order``, ``span_overlaps``, ``unit_not_there``.
    """
    spans = (draft.memberships if kind == "memberships" else draft.roles).setdefault(person, [])
    same = [span for span in spans if span.unit == unit and span.role == role]
    there = [span for span in same if begins is None and span.valid_from < (ends or date.max)]
    since = begins or max((span.valid_from for span in there if _reaches(span, draft.effective)), default=None)
    since = since or (max((span.valid_from for span in there), default=draft.effective) if ends else draft.effective)
    if ends is not None and ends <= since:
        raise InputError("date_order", valid_from=since, valid_until=ends, field="valid_until")
    met = [
        span
        for span in same
        if (span.valid_until is None or span.valid_until > since) and (ends is None or span.valid_from < ends)
    ]
    what = _called(draft, person, unit, role)
    if not met:
        _require_unit(draft, unit, since, ends)
        spans.append(Span(id=None, person=person, unit=unit, role=role, valid_from=since, valid_until=ends))
        draft.note(kind, "added", row, what, before={}, after={"valid_from": since, "valid_until": ends})
    elif len(met) > 1 or met[0].valid_from > since:
        raise InputError("span_overlaps")
    elif ends is None or met[0].valid_until == ends:
        draft.unchanged[kind] += 1
    else:
        _require_unit(draft, unit, since, ends)
        spans[spans.index(met[0])] = replace(met[0], valid_until=ends)
        before, after = {"valid_until": met[0].valid_until}, {"valid_until": ends}
        draft.note(kind, "ended", row, what, before=dict(before), after=dict(after))


def exclusive(draft: Draft, row: Row, person: UUID, unit: UUID) -> None:
    """Let a person belong to one unit from the day of the import, and to no other."""
    try:
        hold(draft, "memberships", row, person, unit, begins=None, ends=None)
    except UserError as refused:
        draft.reject("memberships", row, refused.code, str(refused.values.get("field", "")))
        return
    end_from(draft, "memberships", person, draft.effective, row=row, but=unit)


def end_from(
    draft: Draft, kind: Kind, person: UUID, day: date, *, row: Row | None = None, but: UUID | None = None
) -> int:
    """End what a person belongs to (or has as roles) from a day on; returns how much that was."""
    spans = (draft.memberships if kind == "memberships" else draft.roles).get(person, [])
    concerned = [span for span in spans if _reaches(span, day) and span.unit != but]
    for span in concerned:
        _end(draft, kind, span, day, row)
    return len(concerned)


def end_roles_of_ended_units(draft: Draft) -> None:
    """End the roles in units that end: a role reaches nothing where there is no unit."""
    for spans in list(draft.roles.values()):
        for span in list(spans):
            periods = draft.timeline.get(span.unit, ())
            end = periods[-1].valid_until if periods else None
            if end is not None and periods != draft.current.timeline.get(span.unit) and _reaches(span, end):
                _end(draft, "roles", span, end, None)


def _read(draft: Draft, kind: Kind, row: Row) -> tuple[UUID, UUID, str]:
    if row.broken:
        raise InputError(row.broken)
    if "person" not in row.signs:
        raise InputError("text_missing", field="person")
    person = draft.by_sign.get(row.signs["person"])
    if person is None:
        raise InputError("person_unknown_in_file")
    code = row.cells.get("unit_code", "")
    if code not in draft.codes:
        raise InputError("unit_unknown_in_file", field=code)
    return person, draft.codes[code], _role(row.cells.get("role", "")) if kind == "roles" else ""


def _role(text: str) -> str:
    """Return the role that a cell means: its name, or its label in either language."""
    wanted = text.casefold()
    for name in roles():
        if wanted in {name, *(say(f"role.{name}", language).casefold() for language in LANGUAGES)}:
            return name
    raise InputError("role_unknown_in_file", field=text)


def _check_rights(draft: Draft, person: UUID, unit: UUID, role: str) -> None:
    """Refuse what the actor could not do by hand: :func:`~pegel_web.organisation.services.roles.assign_role`."""
    actor = draft.actor
    if not actor.allows(ASSIGN, unit=unit):
        raise InputError("role_not_yours_to_give")
    own = actor.person_id is not None and actor.person_id in (person, draft.people[person].answers_for)
    if own and not all(actor.allows(code, unit=unit) for code in roles()[role].permissions):
        raise InputError("role_for_oneself")


def _end_the_rest(draft: Draft, kind: Kind, named: set[tuple[UUID, UUID, str]]) -> None:
    """End what a complete table does not mention, of people who came by an import."""
    every = draft.memberships if kind == "memberships" else draft.roles
    for person, spans in list(every.items()):
        known = draft.current.people.get(person)
        if known is None or known.reference is None:
            continue
        for span in list(spans):
            if (person, span.unit, span.role) in named or not _reaches(span, draft.effective):
                continue
            if kind == "memberships" or draft.actor.allows(ASSIGN, unit=span.unit):
                _end(draft, kind, span, draft.effective, None)


def _end(draft: Draft, kind: Kind, span: Span, day: date, row: Row | None) -> None:
    spans = (draft.memberships if kind == "memberships" else draft.roles)[span.person]
    if span.valid_from >= day:
        spans.remove(span)
    else:
        spans[spans.index(span)] = replace(span, valid_until=day)
    what = _called(draft, span.person, span.unit, span.role)
    draft.note(kind, "ended", row, what, before={"valid_until": span.valid_until}, after={"valid_until": day})


def _reaches(span: Span, day: date) -> bool:
    """Tell whether it holds a day or will hold a later one."""
    return span.valid_until is None or span.valid_until > day


def _require_unit(draft: Draft, unit: UUID, since: date, ends: date | None) -> None:
    periods = draft.timeline.get(unit, ())
    last = periods[-1].valid_until if periods else None
    if period_on(periods, since) is None or (last is not None and (ends is None or ends > last)):
        raise InputError("unit_not_there", on=since)


def _called(draft: Draft, person: UUID, unit: UUID, role: str) -> str:
    who = draft.person_called(person) if person in draft.people else ""
    return " · ".join(one for one in (who, role, draft.unit_called(unit)) if one)
