"""What people have declared about streams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, cast
from uuid import UUID

from pydantic import TypeAdapter

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.calendar import BUILT_IN as CALENDARS
from pegel.eventlog.policy import BUILT_IN as POLICIES
from pegel.eventlog.schema import DELETED_STATE
from pegel.eventlog.workflow import StateCategory
from pegel.lake.store import Lake, open_lake
from pegel.lake.workflows import workflows
from pegel.words import Language, say
from pegel.words.names import policy_name, state_name
from pegel.workbench import kept_names
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.filters import fields_in
from pegel_web.flow.computing.filters import filter_effect as effect_of_filters
from pegel_web.flow.computing.levels import types_in
from pegel_web.flow.contracts.declared import Declared, DeclaredStream, FieldFilter, FieldValues, FilterEffect
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.models import StreamDeclaration
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.mapping import Mapping as StateMapping
from pegel_web.flow.queries.mapping import held_mapping, mapping_of
from pegel_web.flow.queries.names import names_in_lake
from pegel_web.flow.queries.streams import CHANGE, seen_stream, stream_of
from pegel_web.organisation.queries.structure import structure_on

DECLARED: Final[TypeAdapter[Declared]] = TypeAdapter(Declared)
#: Fields of the log that have a name of ours.
_FIELDS: Final = ("priority", "team")
#: Work does not lie in states of these categories: it is over, or not looked at.
_OVER: Final = (StateCategory.DONE, StateCategory.CANCELLED, StateCategory.IGNORED)


def declared_of(streams: Iterable[UUID]) -> Mapping[UUID, Declared]:
    """Return what is declared about some streams that the caller may see; nothing: the contract's defaults."""
    wanted = list(streams)
    kept = StreamDeclaration.objects.everything(because="of streams that the caller may see")
    found = {one.stream_id: DECLARED.validate_python(one.content) for one in kept.filter(stream__in=wanted)}
    return {one: found.get(one, Declared()) for one in wanted}


def declared_now(*, actor: Actor, stream_id: UUID) -> Declared:
    """Return what is declared about a stream, without what else could be.

    Raises
    ------
    NotFoundError: ``stream_unknown``, also for a stream that the actor may not see.
    """
    row = seen_stream(actor, stream_id)
    return declared_of([row.id])[row.id]


def declared_stream(*, actor: Actor, stream_id: UUID) -> DeclaredStream:
    """Return what is declared about a stream, with everything that can be chosen.

    Raises
    ------
    NotFoundError: ``stream_unknown``, also for a stream that the actor may not see.
    """
    row = seen_stream(actor, stream_id)
    rows = StreamDeclaration.objects.everything(because="of a stream that the actor may see")
    kept = cast("StreamDeclaration | None", rows.filter(pk=row.id).first())
    declared = Declared() if kept is None else DECLARED.validate_python(kept.content)
    language = cast(Language, actor.language)
    found = mapping_of(row)
    lake = None if found is None else found.lake
    names, may_change = names_in_lake(row), actor.allows(CHANGE, unit=row.unit_id)
    return DeclaredStream(
        stream=stream_of(row, structure_on(actor.at.date())),
        declared=declared,
        revision=0 if kept is None else kept.revision,
        changed_at=None if kept is None else kept.changed_at,
        types=() if lake is None else types_in(lake, names),
        fields=() if lake is None or not may_change else _named_fields(fields_in(lake, names), language),
        effect=None if lake is None else _effect(lake, names, declared, language),
        states=() if found is None else _states(found, language),
        policies=_policies(lake, declared, language),
        calendars=_calendars(lake, declared, language),
        may_change=may_change,
    )


def filter_effect(
    *, actor: Actor, stream_id: UUID, types: Sequence[str] = (), filters: Sequence[FieldFilter] = ()
) -> FilterEffect:
    """Return how many items types and filters would leave, without declaring them.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``stream_without_data``.
    InputError: see ``check_filters``; ``stream_type_unknown`` is not raised: a type without items leaves none.
    """
    row = seen_stream(actor, stream_id)
    actor.require(CHANGE, unit=row.unit_id)
    names = names_in_lake(row)
    lake = held_mapping(row).lake
    check_filters(filters, fields_in(lake, names), declared_of([row.id])[row.id].filters)
    declared = Declared(types=tuple(types), filters=tuple(filters))
    return _effect(lake, names, declared, cast(Language, actor.language))


def check_filters(
    filters: Sequence[FieldFilter], known: Iterable[FieldValues], before: Iterable[FieldFilter] = ()
) -> None:
    """Check that filters can be applied. ``before``: those that were declared: they may stay whatever the log holds.

    Raises
    ------
    InputError: ``declared_twice``, ``filter_field_unknown``, ``filter_without_values``, ``filter_value_unknown``.
    """
    values = {one.field: {each.value for each in one.values} for one in known}
    for one in before:
        values.setdefault(one.field, set()).update(one.values)
    for number, one in enumerate(filters):
        if one.field in {other.field for other in filters[:number]}:
            raise InputError("declared_twice", name=one.field[:200])
        if one.field not in values:
            raise InputError("filter_field_unknown", name=one.field[:200], known=sorted(values)[:20])
        if not one.values:
            raise InputError("filter_without_values", name=one.field)
        for value in one.values:
            if value not in values[one.field]:
                raise InputError(
                    "filter_value_unknown", name=value[:200], field=one.field, known=sorted(values[one.field])[:20]
                )


def field_label(field: str, language: Language) -> str:
    """Return a field of the log by a name for people; those of a tool's own are called as the tool calls them."""
    return say(f"flow.declare.field.{field}", language) if field in _FIELDS else field


def _named_fields(fields: Iterable[FieldValues], language: Language) -> tuple[FieldValues, ...]:
    return tuple(replace(one, name=field_label(one.field, language)) for one in fields)


def _effect(lake: Lake, names: Sequence[str], declared: Declared, language: Language) -> FilterEffect:
    found = effect_of_filters(lake, names, declared.types, declared.filters)
    return replace(found, lines=tuple(replace(one, name=field_label(one.field, language)) for one in found.lines))


def states_in(lake: Lake, names: Iterable[str]) -> list[str]:
    """Return the states that a stream's items have been in, by name. ``names``: what it is called in the lake."""
    places = lake.prepared().places
    return sorted(set(places.filter(places["stream"].is_in(list(names)))["state"]) - {DELETED_STATE})


def policy_names(lake: Lake | None) -> list[str]:
    """Return the names of the policies that can be declared: built in, or kept in the lake."""
    return [*POLICIES, *kept_names(lake, "policies")]


def calendar_names(lake: Lake | None) -> list[str]:
    """Return the names of the calendars that can be declared; elapsed time is none of them."""
    return [*CALENDARS[1:], *kept_names(lake, "calendars")]


def _states(mapping: StateMapping, language: Language) -> tuple[Choice, ...]:
    known = workflows(mapping.lake) if len(mapping.names) > 1 else {mapping.name: mapping.in_force}
    meant = [known[name] for name in mapping.names if name in known]
    found = []
    for state in states_in(mapping.lake, mapping.names):
        rules = [rule for one in meant if (rule := one.rule(state)) is not None]
        # Work can lie in it where one of the projects says so, or where none says anything.
        if not rules or any(rule.category not in _OVER for rule in rules):
            found.append(Choice(code=state, name=state_name(state, language), chosen=False))
    return tuple(found)


def _policies(lake: Lake | None, declared: Declared, language: Language) -> tuple[Choice, ...]:
    suits = Choice(code="", name=say("flow.declare.policy_suits", language), chosen=declared.policy is None)
    names = policy_names(lake)
    return (suits, *(Choice(code=one, name=policy_name(one, language), chosen=one == declared.policy) for one in names))


def calendar_choices(lake: Lake | None, language: Language) -> list[Choice]:
    """Return the calendars that can be chosen, with their names, none of them chosen."""
    return [
        Choice(
            code=name,
            name=say(f"flow.declare.calendar.{name}", language) if name in CALENDARS else name,
            chosen=False,
        )
        for name in calendar_names(lake)
    ]


def opened_lake() -> Lake | None:
    """Return the lake of the installation; None: there is none yet."""
    try:
        return open_lake(lake_folder())
    except NotFoundError:
        return None


def _calendars(lake: Lake | None, declared: Declared, language: Language) -> tuple[Choice, ...]:
    elapsed = Choice(code="", name=say("flow.declare.calendar.elapsed", language), chosen=declared.calendar is None)
    known = (replace(one, chosen=one.code == declared.calendar) for one in calendar_choices(lake, language))
    return (elapsed, *known)
