"""What the states of a stream mean, and what another meaning would change before it is saved."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from pegel.eventlog.schema import DAY_US, DELETED_STATE
from pegel.eventlog.suggestion import Suggestion
from pegel.eventlog.workflow import StateRule, Workflow
from pegel.words import Language, say
from pegel.words.names import state_name, term
from pegel_web.core.actor import Actor
from pegel_web.flow.computing.effect import MOST_STAYS, figure_effects, move_sentence, moves
from pegel_web.flow.computing.mapping import (
    ENDS,
    changed_workflow,
    day_of,
    different_kinds,
    different_rules,
    revision_of,
    trust_of,
)
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.computing.stays import Cell, category_of, read_by, stays_of, suggestion_of, time_us
from pegel_web.flow.contracts.workflow import (
    FiguresStatus,
    KindChange,
    Origin,
    RuleChange,
    StateMeaning,
    StreamWorkflow,
    SuggestedMeaning,
    TypeKind,
    WorkflowEffect,
)
from pegel_web.flow.queries.mapping import Mapping, held_mapping, mapping_of, version_lines
from pegel_web.flow.queries.streams import CHANGE, seen_stream, stream_of
from pegel_web.flow.queries.withholding import floor_of
from pegel_web.organisation.queries.structure import structure_on

Reading = Dict[Cell, StateRule | None]


def stream_workflow(
    *, actor: Actor, stream_id: UUID, version: int | None = None, lake_name: str | None = None
) -> StreamWorkflow:
    """Return what the states of a stream mean: the mapping in force, or an older version.

    ``lake_name``: of which of its projects; None: the first.

    Raises
    ------
    NotFoundError: ``stream_unknown``, also for a stream that the actor may not see; ``workflow_version_unknown``;
    ``stream_project_unknown``.
    """
    row = seen_stream(actor, stream_id)
    structure = structure_on(actor.at.date())
    found = mapping_of(row, lake_name)
    shared: dict[str, Any] = {
        "stream": stream_of(row, structure),
        "may_change": actor.allows(CHANGE, unit=row.unit_id),
    }
    if found is None:
        return StreamWorkflow(
            has_data=False, status="suggested", version=None, revision="", in_force=True, confidence=None, states=(),
            unmapped=0, unmapped_share=None, types=(), kinds=(), versions=(), withheld=False,
            lake_name=row.lake_name, **shared,
        )  # fmt: skip
    shown = found.in_force if version is None else found.version(version)
    stays = stays_of(found.lake, found.name, [shown])
    reading = read_by(shown, stays.cells)
    hidden = floor_of(actor, structure).withholds(row.unit_id, stays.people)
    confirmed = shown.status == "confirmed"
    left_out = any(rule is None for rule in reading.values())
    suggested = suggestion_of(found.lake, found.name) if left_out or not confirmed else None
    states = _states(shown, reading, suggested if confirmed else None, cast(Language, actor.language), hidden=hidden)
    return StreamWorkflow(
        has_data=True,
        lake_name=found.name,
        status="confirmed" if confirmed else "suggested",
        version=shown.version if confirmed else None,
        revision=revision_of(found.in_force),
        in_force=shown.version == found.in_force.version,
        confidence=None if confirmed or suggested is None else suggested.confidence,
        states=states,
        unmapped=sum(one.origin == "unmapped" for one in states),
        unmapped_share=None if hidden else _unmapped_share(reading),
        types=stays.types,
        kinds=_kinds(shown, stays.types, cast(Language, actor.language)),
        versions=version_lines(actor, row, found),
        withheld=hidden,
        **shared,
    )


def workflow_effect(
    *,
    actor: Actor,
    stream_id: UUID,
    changes: Sequence[RuleChange],
    kinds: Sequence[KindChange] = (),
    lake_name: str | None = None,
) -> WorkflowEffect:
    """Return what a changed mapping would do, without saving it: which time counts as something else, and the figures.

    The figures are those of the default period under the clock that suits the stream, before and after. A stream with
    very many stays gets the shares of the time only.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``. ConflictError: ``stream_without_data``.
    InputError: see ``changed_workflow``.
    """
    row = seen_stream(actor, stream_id)
    actor.require(CHANGE, unit=row.unit_id)
    found = held_mapping(row, lake_name)
    language, before = cast(Language, actor.language), found.in_force
    after = proposed(found, changes, kinds)
    stays = stays_of(found.lake, found.name, [before, after])
    old, new = read_by(before, stays.cells), read_by(after, stays.cells)
    structure = structure_on(actor.at.date())
    hidden = floor_of(actor, structure).withholds(row.unit_id, stays.people)
    shared: dict[str, Any] = {
        "stream": stream_of(row, structure),
        "revision": revision_of(before),
        "changed": len(different_rules(before, after)) + len(different_kinds(before, after)),
        "period": DEFAULT,
    }
    if hidden:
        return WorkflowEffect(
            moves=(), sentence=say("reason.stream_group_too_small", language), unmapped_before=None,
            unmapped_after=None, status="withheld", figures=(), policy_before=None, policy_after=None, **shared,
        )  # fmt: skip
    moved = moves(old, new, language)
    status: FiguresStatus = "too_large" if stays.entries > MOST_STAYS else "value"
    figures: dict[str, Any] = {"figures": (), "policy_before": None, "policy_after": None}
    if status == "value":
        one, other, beside = figure_effects(found.lake, found.names, found.name, before, after, language)
        figures = {"figures": beside, "policy_before": one.policy, "policy_after": other.policy}
    return WorkflowEffect(
        moves=moved,
        sentence=move_sentence(moved, language),
        unmapped_before=_unmapped_share(old),
        unmapped_after=_unmapped_share(new),
        status=status,
        **figures,
        **shared,
    )


def proposed(found: Mapping, changes: Sequence[RuleChange], kinds: Sequence[KindChange] = ()) -> Workflow:
    """Return the mapping in force with some changes.

    Raises
    ------
    InputError: see ``changed_workflow``.
    """
    places = found.lake.prepared().places
    mine = places.filter(places["stream"] == found.name)
    return changed_workflow(
        found.in_force,
        changes,
        kinds,
        states=set(mine["state"]) - {DELETED_STATE},
        types=set(mine["type"].drop_nulls()),
    )


def _kinds(shown: Workflow, types: Sequence[str], language: Language) -> tuple[TypeKind, ...]:
    """Return every item type with its kind of work, those first of which nobody has said it."""
    names = sorted({*types, *shown.items}, key=lambda name: (name in shown.items, name))
    found = ((name, shown.items.get(name)) for name in names)
    return tuple(
        TypeKind(
            type=name,
            kind=None if kind is None else kind.value,
            kind_name=term("kind", "unmapped" if kind is None else kind.value, language),
        )
        for name, kind in found
    )


def _states(
    shown: Workflow, reading: Reading, suggested: Suggestion | None, language: Language, *, hidden: bool
) -> tuple[StateMeaning, ...]:
    """Return the states that nobody has mapped, the most time first, then every rule in its order."""
    total = time_us(reading, reading)
    by_rule: dict[int, list[Cell]] = {}
    without: dict[str, list[Cell]] = {}
    for cell, rule in reading.items():
        if rule is None:
            without.setdefault(cell.state, []).append(cell)
        else:
            by_rule.setdefault(id(rule), []).append(cell)
    unmapped = [
        _state(None, state, cells, total, language, hidden=hidden, suggested=_suggested(suggested, state))
        for state, cells in without.items()
    ]
    unmapped.sort(key=lambda one: (-(one.days or 0.0), one.state))
    mapped = [
        _state(rule, rule.state, by_rule.get(id(rule), []), total, language, hidden=hidden) for rule in shown.rules
    ]
    return (*unmapped, *mapped)


def _state(
    rule: StateRule | None,
    state: str,
    cells: Sequence[Cell],
    total: int,
    language: Language,
    *,
    hidden: bool,
    suggested: SuggestedMeaning | None = None,
) -> StateMeaning:
    category = category_of(rule)
    origin: Origin = "unmapped" if rule is None else "confirmed" if rule.confidence is None else "suggested"
    time = sum(cell.total_us for cell in cells)
    phase, friction = (None, None) if rule is None else (rule.phase, rule.friction)
    confidence, why = (None, None) if rule is None else (rule.confidence, rule.why)
    return StateMeaning(
        state=state,
        state_name=state_name(state, language),
        type=None if rule is None else rule.type,
        from_date=None if rule is None else day_of(rule.from_us),
        until_date=None if rule is None else day_of(rule.until_us),
        types=tuple(sorted({cell.type for cell in cells if cell.type is not None})),
        category=category.value,
        category_name=term("category", category.value, language),
        phase=None if phase is None else phase.value,
        phase_name="" if phase is None else term("phase", phase.value, language),
        friction=None if friction is None else friction.value,
        friction_name="" if friction is None else term("friction", friction.value, language),
        origin=origin,
        confidence=confidence,
        trust=None if confidence is None else trust_of(confidence),
        why=why,
        why_name="" if why is None else term("why", why, language),
        entries=None if hidden else sum(cell.entries for cell in cells),
        days=None if hidden else time / DAY_US,
        share=None if hidden or category in ENDS or not total else time / total,
        suggested=suggested,
    )


def _suggested(found: Suggestion | None, state: str) -> SuggestedMeaning | None:
    """Return what the suggestion says about a state, for all types."""
    rule = None if found is None else found.workflow.rule(state)
    if rule is None or rule.confidence is None:
        return None
    return SuggestedMeaning(
        category=rule.category.value,
        phase=None if rule.phase is None else rule.phase.value,
        friction=None if rule.friction is None else rule.friction.value,
        confidence=rule.confidence,
        trust=trust_of(rule.confidence),
        why=rule.why,
    )


def _unmapped_share(reading: Reading) -> float | None:
    """Return the part of the time that hides in states without a rule."""
    total = time_us(reading, reading)
    return sum(cell.total_us for cell, rule in reading.items() if rule is None) / total if total else None
