"""Registering an idea, and changing what a use case says so that two people's changes both survive."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.workflow import Friction, Phase
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.queries.streams import seen_stream
from pegel_web.organisation import entered
from pegel_web.organisation.models import Person
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.use_cases import CaseContent, CaseReport
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import CaseRevision, CaseStep, UseCase
from pegel_web.portfolio.models.use_cases import BusinessFunction, DataClass, Origin, Usage
from pegel_web.portfolio.queries.use_cases import CHANGE, CONTENT, REGISTER, content_of, use_case
from pegel_web.portfolio.services.rows import changeable_case, next_numbers

LONGEST_TITLE: Final = 200
LONGEST_TEXT: Final = 4000
LONGEST_NOTE: Final = 500
LONGEST_STEP: Final = 300
_CHOICES: Final[Mapping[str, Collection[str]]] = {
    "origin": Origin.values,
    "usage": Usage.values,
    "function": BusinessFunction.values,
    "data_class": DataClass.values,
    "phase": [str(one) for one in Phase],
    "friction": [str(one) for one in Friction],
}


def register_idea(
    *,
    actor: Actor,
    pain: str,
    unit_id: UUID,
    title: str = "",
    stream_id: UUID | None = None,
    step: str = "",
    hoped_effect: str = "",
    origin: str = "",
    goal: str = "",
    function: str = "",
    shadow: bool = False,
    **more: Any,
) -> CaseReport:
    """Register an idea: what hurts, where, who, the hoped effect. Without a title its first words become it.

    ``more``: any other field of ``CaseContent``. Whoever registers a use that is in place already (``shadow``) has
    nothing to fear from it: nothing is recorded but the use.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``, ``stream_unknown``, ``person_unknown``.
    InputError: those of ``entered``; ``word_unknown``, ``step_without_stream``, ``horizon_unknown``.
    """
    given = {
        "pain": pain, "unit_id": unit_id, "title": title or first_words(pain), "stream_id": stream_id, "step": step,
        "hoped_effect": hoped_effect, "origin": origin, "goal": goal, "function": function, "shadow": shadow, **more,
    }  # fmt: skip
    wanted = checked_content(actor, given)
    actor.require(REGISTER, unit=unit_id)
    with transaction.atomic():
        row = UseCase(
            number=next_numbers()[0],
            state=CaseState.IDEA,
            state_since=actor.at,
            submitted_by_id=actor.person_id,
            submitted_at=actor.at,
            changed_at=actor.at,
            **wanted,
        )
        row.save(force_insert=True)
        keep_revision(actor, row)
        CaseStep.objects.create(use_case=row, source="", target=CaseState.IDEA, at=actor.at, by_id=actor.person_id)
        record(
            actor,
            "portfolio.use_case.registered",
            subject=("use_case", row.id),
            unit=row.unit_id,
            after={"title": row.title, "number": row.number, "origin": row.origin, "shadow": row.shadow},
        )
    return use_case(actor=actor, use_case_id=row.id)


def change_use_case(
    *, actor: Actor, use_case_id: UUID, changes: Mapping[str, Any], based_on: int | None = None
) -> CaseReport:
    """Change fields of a use case. ``based_on``: the revision the person saw; None: whatever is there is overwritten.

    What somebody else changed meanwhile is kept where it was another field. Where it is the same field with another
    value, nothing is changed and the error names the fields, so that a person can put both together.

    Raises
    ------
    NotFoundError: ``use_case_unknown`` and as in :func:`register_idea`. NotAllowedError: ``not_allowed``. InputError:
    ``field_unknown`` and as in :func:`register_idea`. ConflictError: ``use_case_changed_meanwhile`` (fields).
    """
    unknown = sorted(set(changes) - set(CONTENT))
    if unknown:
        raise InputError("field_unknown", name=unknown[0][:100])
    with transaction.atomic():
        row = changeable_case(actor, use_case_id)
        before = _plain(row)
        wanted = checked_content(actor, {**_values(row), **changes}, kept=row)
        changed = {name for name in changes if wanted[name] != getattr(row, name)}
        if based_on is not None and based_on != row.revision:
            changed -= _unchanged_by_this_person(row, based_on, wanted, changed)
        if not changed:
            return use_case(actor=actor, use_case_id=use_case_id)
        if "unit_id" in changed:
            actor.require(CHANGE, unit=wanted["unit_id"])
        for name in changed:
            setattr(row, name, wanted[name])
        row.revision += 1
        row.changed_at = actor.at
        row.save()
        keep_revision(actor, row)
        after = _plain(row)
        differing = [name for name in sorted(changed) if before[name] != after[name]]
        record(
            actor,
            "portfolio.use_case.changed",
            subject=("use_case", row.id),
            unit=row.unit_id,
            before={name: before[name] for name in differing},
            after={name: after[name] for name in differing},
        )
    return use_case(actor=actor, use_case_id=use_case_id)


def _unchanged_by_this_person(row: UseCase, based_on: int, wanted: Mapping[str, Any], changed: set[str]) -> set[str]:
    """Return the fields that only look changed because the person had an older revision in front of them.

    Raises
    ------
    ConflictError: ``use_case_changed_meanwhile``: the same field was changed by both, to different values.
    """
    base = CaseRevision.objects.filter(use_case=row, revision=based_on).first()
    if base is None:
        raise ConflictError("use_case_changed_meanwhile", fields=sorted(changed), revision=row.revision)
    said, now = base.content, _plain(row)
    asked = {name: _as_plain(wanted[name]) for name in changed}
    only_seen = {name for name in changed if asked[name] == said.get(name)}
    both = sorted(name for name in changed - only_seen if now[name] != said.get(name))
    if both:
        raise ConflictError("use_case_changed_meanwhile", fields=both, revision=row.revision)
    return only_seen


def checked_content(actor: Actor, given: Mapping[str, Any], *, kept: UseCase | None = None) -> dict[str, Any]:
    """Return the fields of a use case as they are kept, cleaned and checked; ``kept``: what is there already may stay.

    Raises
    ------
    As :func:`register_idea`.
    """
    found: dict[str, Any] = {name: given.get(name, _EMPTY.get(name, "")) for name in CONTENT}
    found["title"] = cleaned(str(found["title"]), field="title", most=LONGEST_TITLE)
    found["pain"] = entered.paragraph(found["pain"], field="pain", most=LONGEST_TEXT)
    for name in ("hoped_effect", "ai_acts", "person_decides", "data_needs"):
        found[name] = entered.paragraph(found[name], field=name, most=LONGEST_TEXT)
    for name in ("goal", "place_note"):
        found[name] = entered.line(found[name], field=name, most=LONGEST_NOTE)
    found["step"] = entered.line(found["step"], field="step", most=LONGEST_STEP)
    for name, values in _CHOICES.items():
        found[name] = str(found[name] or "")
        if found[name] and found[name] not in values:
            raise InputError("word_unknown", field=name, name=found[name][:100])
    found["amount"] = entered.amount(found["amount"])
    if found["horizon"] not in {None, 1, 2, 3}:
        raise InputError("horizon_unknown", field="horizon")
    if found["unit_id"] not in structure_on(actor.at.date()).nodes and (
        kept is None or found["unit_id"] != kept.unit_id
    ):
        raise NotFoundError("unit_unknown", id=found["unit_id"])
    if found["stream_id"] is not None and (kept is None or found["stream_id"] != kept.stream_id):
        seen_stream(actor, found["stream_id"])
    if found["step"] and found["stream_id"] is None:
        raise InputError("step_without_stream", field="step")
    champion = found["champion_id"]
    if champion is not None and (kept is None or champion != kept.champion_id):
        require_person(champion)
    found["shadow"] = bool(found["shadow"])
    return found


def require_person(person_id: UUID) -> None:
    """Refuse whom one cannot ask: nobody, a program, a person who was forgotten.

    Raises
    ------
    NotFoundError: ``person_unknown``. InputError: ``responsibility_of_program``.
    """
    person = Person.objects.filter(id=person_id, erased_at=None).first()
    if person is None:
        raise NotFoundError("person_unknown", id=person_id)
    if person.kind != PersonKind.PERSON:
        raise InputError("responsibility_of_program")


def first_words(text: str, most: int = 80) -> str:
    """Return the beginning of a text, as a title.

    >>> first_words("Invoices wait for three signatures. Nobody knows why.")
    'Invoices wait for three signatures'
    """
    line = text.strip().splitlines()[0] if text.strip() else ""
    sentence = line.split(". ")[0].rstrip(".")
    if len(sentence) <= most:
        return sentence
    return sentence[: most - 1].rsplit(" ", 1)[0] + "…"


def keep_revision(actor: Actor, row: UseCase) -> None:
    """Keep what a use case says now, as part of the open transaction."""
    CaseRevision.objects.create(
        use_case=row, revision=row.revision, content=_plain(row), at=actor.at, by_id=actor.person_id
    )


_EMPTY: Final[Mapping[str, Any]] = {
    "stream_id": None, "horizon": None, "champion_id": None, "amount": None, "shadow": False, "unit_id": None,
}  # fmt: skip


def _values(row: UseCase) -> dict[str, Any]:
    content = content_of(row)
    return {field.name: getattr(content, field.name) for field in fields(CaseContent)}


def _plain(row: UseCase) -> dict[str, Any]:
    return {name: _as_plain(getattr(row, name)) for name in CONTENT}


def _as_plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value) if isinstance(value, UUID) else value
