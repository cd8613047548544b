"""What one state of a state log means, from its name, the tool's own category and how items behave in it.

========================================================= =========================== ==========
evidence                                                  ``why``                     confidence
========================================================= =========================== ==========
the tool's category and the name agree                    ``tool_category``           0.95–0.98
… and the name leaves doubt ("Review")                    ``tool_category``           0.80
the name refines it (in progress → waiting for customer)  ``name``                    0.85–0.90
the tool's category, a name without meaning               ``tool_category``           0.85
the whole name is known                                   ``name``                    0.85
words in the name are known                               ``name``                    0.70
… and items behave that way                               ``name_and_behaviour``      0.70–0.90
behaviour alone                                           ``behaviour``               ≤ 0.60
the evidence disagrees                                    the side that was taken     ≤ 0.50
========================================================= =========================== ==========
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from pegel.eventlog.behaviour import ENOUGH, Behaviour
from pegel.eventlog.observation import StateObservation
from pegel.eventlog.vocabulary import StateMeaning, Vocabulary
from pegel.eventlog.workflow import Friction, Phase, StateCategory

Why = Literal["tool_category", "name", "behaviour", "name_and_behaviour", "activity_log"]

ENDS: Final = frozenset({StateCategory.DONE, StateCategory.CANCELLED})
_CONFLICT: Final = 0.5
#: What a tool says that knows only few categories → what a name may say more precisely.
_REFINEMENTS: Final = frozenset(
    {
        (StateCategory.ACTIVE, StateCategory.WAITING),
        (StateCategory.NEW, StateCategory.WAITING),
        (StateCategory.DONE, StateCategory.CANCELLED),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a state means, how sure that is (0 to 1), and why."""

    category: StateCategory
    confidence: float
    why: Why
    phase: Phase | None = None
    friction: Friction | None = None


@dataclass(frozen=True, slots=True)
class _NameSays:
    """What the name says once behaviour was heard: supported, contradicted, or neither."""

    verdict: Verdict
    clear: bool
    contradicted: bool = False


def judge_states(behaviour: Behaviour, hints: Mapping[str, StateCategory], words: Vocabulary) -> dict[str, Verdict]:
    """Judge the states of a state log; a state without enough evidence is left out."""
    meanings = {state: words.state(state) for state in behaviour.states}
    candidates = {
        state
        for state, known in meanings.items()
        if (known is not None and known[0].category in ENDS) or hints.get(state) in ENDS
    }
    endings = behaviour.endings(candidates)
    verdicts: dict[str, Verdict] = {}
    for state, one in behaviour.states.items():
        says = _name_says(one, meanings[state], endings, behaviour)
        verdict = _with_hint(one, hints.get(state), says, endings)
        if verdict is None:
            verdict = _from_behaviour(state, behaviour)
        if verdict is not None:
            verdicts[state] = _with_usual_next(verdict, one, words)
    if not any(verdict.category is StateCategory.DONE for verdict in verdicts.values()):
        unknown = {state for state in behaviour.states if state not in verdicts}
        for state, certainty in behaviour.likely_ends(unknown).items():
            verdicts[state] = _end(certainty)
    return verdicts


def usual_friction(next_states: Mapping[str, int], words: Vocabulary) -> Friction | None:
    """Why items wait, told by the activity or state that follows in at least half of the cases."""
    if sum(next_states.values()) < ENOUGH:
        return None
    counts: dict[Friction, int] = {}
    for state, count in next_states.items():
        meaning = words.activity(state)
        if meaning is not None and meaning.next is not None:
            counts[meaning.next] = counts.get(meaning.next, 0) + count
    if not counts:
        return None
    friction = max(sorted(counts), key=counts.__getitem__)
    return friction if 2 * counts[friction] >= sum(next_states.values()) else None


def _name_says(
    one: StateObservation, known: tuple[StateMeaning, bool] | None, endings: Mapping[str, float], behaviour: Behaviour
) -> _NameSays | None:
    if known is None:
        return None
    meaning, exact = known
    confidence = meaning.sure or (0.85 if exact else 0.7)
    said = Verdict(
        category=meaning.category,
        confidence=confidence,
        why="name",
        phase=meaning.phase,
        friction=meaning.friction,
    )
    clear = meaning.sure is None
    seen = one.entries >= ENOUGH
    if meaning.category in ENDS:
        if one.state not in endings:
            left = replace(
                said,
                category=StateCategory.WAITING,
                confidence=_CONFLICT,
                why="name_and_behaviour",
                phase=Phase.EXECUTION,
                friction=meaning.left,
            )
            return _NameSays(left, clear, contradicted=True)
        if seen and endings[one.state] >= 0.8:
            return _NameSays(_supported(said), clear)
    elif meaning.final is not None and seen and one.final_share >= 0.5:
        end = replace(said, category=meaning.final, phase=Phase.REPORTING, friction=None)
        return _NameSays(_supported(end), clear)
    elif meaning.category is StateCategory.NEW and seen:
        if one.first_share >= 0.5:
            return _NameSays(_supported(said), clear)
        if one.first_share < 0.2 and one.mean_position >= 0.3:
            # Items come back to it in the middle of their lives.
            return _NameSays(replace(said, confidence=min(confidence, _CONFLICT)), clear)
    elif meaning.category is not StateCategory.NEW and behaviour.is_clear_end(one.state):
        # Items pile up in a state that is called unfinished: perhaps they do, perhaps it is the end.
        return _NameSays(replace(said, confidence=min(confidence, _CONFLICT)), clear)
    return _NameSays(said, clear)


def _with_hint(
    one: StateObservation, hint: StateCategory | None, says: _NameSays | None, endings: Mapping[str, float]
) -> Verdict | None:
    if hint is None:
        return says.verdict if says else None
    by_tool = Verdict(category=hint, confidence=0.85, why="tool_category", phase=_PHASES.get(hint))
    ended = one.state in endings
    if hint in ENDS and not ended:
        if says is None:
            return replace(by_tool, category=StateCategory.WAITING, confidence=0.4, why="behaviour", phase=None)
        return replace(says.verdict, confidence=min(says.verdict.confidence, _CONFLICT))
    if says is None:
        return by_tool
    named = says.verdict
    if named.category is hint and not says.contradicted:
        confidence = (0.98 if named.confidence >= 0.85 else 0.95) if says.clear else 0.8
        return replace(named, confidence=confidence, why="tool_category")
    if (hint, named.category) in _REFINEMENTS and not says.contradicted:
        return replace(named, confidence=(0.9 if named.confidence >= 0.85 else 0.85) if says.clear else 0.7)
    if hint is StateCategory.ACTIVE and named.category is StateCategory.NEW:
        # The tool counts it as begun, its name says that nobody is at it.
        return replace(
            named,
            category=StateCategory.WAITING,
            phase=Phase.PLANNING,
            friction=Friction.PRIORITISATION,
            confidence=_CONFLICT,
        )
    if hint not in ENDS and named.category in ENDS and one.entries >= ENOUGH and ended:
        return replace(named, confidence=_CONFLICT, why="name_and_behaviour")
    return replace(by_tool, confidence=_CONFLICT)


def _from_behaviour(state: str, behaviour: Behaviour) -> Verdict | None:
    one = behaviour.states[state]
    if behaviour.is_clear_end(state):
        return _end(behaviour.certainty(state))
    if one.entries >= ENOUGH and one.first_share >= 0.8 and 2 * one.first >= behaviour.items and one.final_share < 0.8:
        return Verdict(category=StateCategory.NEW, confidence=0.5, why="behaviour", phase=Phase.INTAKE)
    return None


def _with_usual_next(verdict: Verdict, one: StateObservation, words: Vocabulary) -> Verdict:
    if verdict.category is not StateCategory.WAITING or verdict.friction is not None:
        return verdict
    return replace(verdict, friction=usual_friction(one.next, words))


def _supported(said: Verdict) -> Verdict:
    return replace(said, confidence=round(min(said.confidence + 0.1, 0.9), 2), why="name_and_behaviour")


def _end(certainty: float) -> Verdict:
    return Verdict(category=StateCategory.DONE, confidence=certainty, why="behaviour", phase=Phase.REPORTING)


_PHASES: Final = {
    StateCategory.NEW: Phase.INTAKE,
    StateCategory.ACTIVE: Phase.EXECUTION,
    StateCategory.WAITING: Phase.EXECUTION,
    StateCategory.DONE: Phase.REPORTING,
}
