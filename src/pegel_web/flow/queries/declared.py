"""What people have declared about streams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, cast
from uuid import UUID

from pydantic import TypeAdapter

from pegel.errors import NotFoundError
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
from pegel_web.flow.computing.levels import types_in
from pegel_web.flow.contracts.declared import Declared, DeclaredStream
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.models import StreamDeclaration
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.mapping import Mapping as StateMapping
from pegel_web.flow.queries.mapping import mapping_of
from pegel_web.flow.queries.names import names_in_lake
from pegel_web.flow.queries.streams import CHANGE, seen_stream, stream_of
from pegel_web.organisation.queries.structure import structure_on

DECLARED: Final[TypeAdapter[Declared]] = TypeAdapter(Declared)
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
    return DeclaredStream(
        stream=stream_of(row, structure_on(actor.at.date())),
        declared=declared,
        revision=0 if kept is None else kept.revision,
        changed_at=None if kept is None else kept.changed_at,
        types=() if lake is None else types_in(lake, names_in_lake(row)),
        states=() if found is None else _states(found, language),
        policies=_policies(lake, declared, language),
        calendars=_calendars(lake, declared, language),
        may_change=actor.allows(CHANGE, unit=row.unit_id),
    )


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
