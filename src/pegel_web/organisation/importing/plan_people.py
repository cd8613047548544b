"""What tables of people and memberships would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from pegel.errors import InputError, UserError
from pegel_web.organisation.addresses import checked_email
from pegel_web.organisation.importing.current import KnownPerson
from pegel_web.organisation.importing.draft import Draft
from pegel_web.organisation.importing.plan_spans import end_from, exclusive, hold
from pegel_web.organisation.importing.reading import Row
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.naming import cleaned

_KINDS: Final[Mapping[str, str]] = {
    "": PersonKind.PERSON,
    **{kind.value: kind.value for kind in PersonKind},
    "dienst": PersonKind.SERVICE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPerson:
    """A person as a row wants them. Empty texts: the row says nothing about it."""

    row: Row
    sign: str
    kind: str
    name: str
    email: str
    unit: UUID | None
    answers_for: str


def plan_people(draft: Draft, rows: tuple[Row, ...], *, exclusively: bool) -> None:
    """Plan a table of people; ``exclusively``: the unit in it is the only one they belong to."""
    wanted: dict[str, WantedPerson] = {}
    emails = {one.email: one.id for one in draft.people.values() if one.email}
    for row in rows:
        try:
            one = _read(draft, row)
            if one.sign in wanted:
                raise InputError("duplicate_in_file")
            wanted[one.sign] = one
        except UserError as refused:
            draft.reject("people", row, refused.code, str(refused.values.get("field", "")))
    # Programs come last: the people who answer for them may stand further down.
    for one in sorted(wanted.values(), key=lambda each: (each.kind != PersonKind.PERSON, each.row.number)):
        try:
            person = _planned(draft, one, emails)
        except UserError as refused:
            draft.reject("people", one.row, refused.code, str(refused.values.get("field", "")))
            continue
        _note(draft, one, person)
        draft.people[person.id] = person
        draft.by_sign[one.sign] = person.id
        if person.email:
            emails[person.email] = person.id
        if one.unit is not None:
            if exclusively:
                exclusive(draft, one.row, person.id, one.unit)
            else:
                hold(draft, "memberships", one.row, person.id, one.unit, begins=None, ends=None)
    if draft.ends_the_rest("people", rows, "person"):
        _end_the_rest(draft, {draft.by_sign[sign] for row in rows if (sign := row.signs["person"]) in draft.by_sign})


def _read(draft: Draft, row: Row) -> WantedPerson:
    if row.broken:
        raise InputError(row.broken)
    if "person" not in row.signs:
        raise InputError("text_missing", field="person")
    kind = _KINDS.get(row.cells.get("kind", "").casefold())
    if kind is None:
        raise InputError("person_kind_unknown", kind=row.cells["kind"], known=list(PersonKind.values), field="kind")
    name, email, code = (row.cells.get(part, "") for part in ("name", "email", "unit_code"))
    if code and code not in draft.codes:
        raise InputError("unit_unknown_in_file", field=code)
    return WantedPerson(
        row=row,
        sign=row.signs["person"],
        kind=kind,
        name=cleaned(name, field="name", most=200) if name else "",
        email=checked_email(email) if email else "",
        unit=draft.codes[code] if code else None,
        answers_for=row.signs.get("answers_for", ""),
    )


def _planned(draft: Draft, one: WantedPerson, emails: Mapping[str, UUID]) -> KnownPerson:
    known = draft.people.get(draft.by_sign.get(one.sign, draft.seed))
    if one.email and emails.get(one.email, None if known is None else known.id) != (
        None if known is None else known.id
    ):
        raise InputError("email_taken")
    if known is not None:
        if known.kind != one.kind:
            raise InputError("person_kind_differs", field="kind")
        if one.email and known.sign_in and one.email != known.sign_in:
            raise InputError("email_signs_in")
        return replace(
            known, name=one.name or known.name, email=one.email or known.email, reference=known.reference or one.sign
        )
    answers = None
    if one.kind != PersonKind.PERSON:
        answering = draft.people.get(draft.by_sign.get(one.answers_for, draft.seed))
        if answering is None or answering.kind != PersonKind.PERSON:
            raise InputError("answers_for_no_person", field="answers_for")
        answers = answering.id
    made = draft.new_id("person", one.sign)
    return KnownPerson(
        id=made,
        kind=one.kind,
        pseudonym=f"p-{draft.new_id('pseudonym', one.sign).hex[:16]}",
        name=one.name,
        email=one.email or None,
        reference=one.sign,
        answers_for=answers,
        sign_in="",
    )


def _note(draft: Draft, one: WantedPerson, person: KnownPerson) -> None:
    old = draft.people.get(person.id)
    if old == person:
        draft.unchanged["people"] += 1
        return
    said = {"name": person.name or None, "email": person.email, "kind": person.kind}
    if old is None:
        draft.note("people", "added", one.row, person.name or person.pseudonym, before={}, after=said)
        return
    before = {"name": old.name or None, "email": old.email, "kind": old.kind}
    if old.reference != person.reference:
        said["reference"] = "✓"
    draft.note("people", "changed", one.row, person.name or person.pseudonym, before=before, after=said)


def _end_the_rest(draft: Draft, named: set[UUID]) -> None:
    """Let people go who came by an import and are no longer in the list; who was added by hand stays."""
    for person in draft.current.people.values():
        if person.reference is None or person.id in named or person.kind != PersonKind.PERSON:
            continue
        if end_from(draft, "memberships", person.id, draft.effective) + end_from(
            draft, "roles", person.id, draft.effective
        ):
            draft.note("people", "ended", None, draft.person_called(person.id), before={}, after={})
