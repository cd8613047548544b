"""What the states of an activity log mean: "after X", "before X", and X itself between its start and its completion.

Without start events nobody knows when work was being done, so no state is active and every wait is a convention
(confidence 0.6, ``activity_log``). With start and complete, X is active and the rest is waiting (0.85). An item has
come to its end "after X" where X is named like an end ("Closed", "Payment Handled", "Rejected") and most items stay
there; where no name tells an end, where most items rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pegel.eventlog.behaviour import ENOUGH, Behaviour
from pegel.eventlog.observation import StateObservation
from pegel.eventlog.verdict import ENDS, Verdict, usual_friction
from pegel.eventlog.vocabulary import Vocabulary
from pegel.eventlog.workflow import Friction, Phase, StateCategory

AFTER: Final = "after "
BEFORE: Final = "before "


def judge_activities(
    behaviour: Behaviour, hints: Mapping[str, StateCategory], words: Vocabulary, *, starts: bool
) -> dict[str, Verdict]:
    """Judge the states of a log of activities; ``starts``: it has start and complete events."""
    resting = {
        state for state in behaviour.states if state.startswith(AFTER) or not (starts or state.startswith(BEFORE))
    }
    ends = {state: category for state in sorted(resting) if (category := _named_end(state, hints, words)) is not None}
    endings = behaviour.endings(ends)
    verdicts: dict[str, Verdict] = {}
    generic: set[str] = set()
    for state, one in behaviour.states.items():
        if state.startswith(BEFORE):
            verdicts[state] = _before(one, words, starts=starts)
        elif state not in resting:
            verdicts[state] = _during(state, hints.get(state), words)
        elif state in endings and one.entries >= ENOUGH:
            confidence = 0.8 if endings[state] >= 0.8 else 0.6
            verdicts[state] = Verdict(
                category=ends[state],
                confidence=confidence,
                why="name_and_behaviour",
                phase=Phase.REPORTING if ends[state] is StateCategory.DONE else None,
            )
        elif (verdict := _soft_end(one, words)) is not None:
            verdicts[state] = verdict
        else:
            observed = starts and state.removeprefix(AFTER) in behaviour.states
            verdicts[state] = _after(one, hints.get(state), words, observed=observed)
            if not _names_a_wait(state, words):
                generic.add(state)
    verdicts.update(_unnamed_ends(behaviour, generic, verdicts))
    return verdicts


def _named_end(state: str, hints: Mapping[str, StateCategory], words: Vocabulary) -> StateCategory | None:
    if hints.get(state) in ENDS:
        return hints[state]
    name = state.removeprefix(AFTER)
    activity = words.activity(name)
    if activity is not None and activity.ends is not None:
        return activity.ends
    known = words.state(name)
    return known[0].category if known is not None and known[0].category in ENDS else None


def _soft_end(one: StateObservation, words: Vocabulary) -> Verdict | None:
    """ "Approved" and the like: an end where at least half of the entries are the last, else a step on the way."""
    known = words.state(one.state.removeprefix(AFTER))
    if known is None or known[0].final is None or one.entries < ENOUGH or one.final_share < 0.5:
        return None
    return Verdict(category=known[0].final, confidence=0.6, why="name_and_behaviour", phase=Phase.REPORTING)


def _during(state: str, hint: StateCategory | None, words: Vocabulary) -> Verdict:
    activity = words.activity(state)
    phase = activity.phase if activity is not None and activity.phase is not None else Phase.EXECUTION
    if _names_a_wait(state, words):
        return Verdict(category=StateCategory.WAITING, confidence=0.7, why="name", phase=phase)
    if hint is None or hint is StateCategory.ACTIVE:
        known = hint is not None
        return Verdict(
            category=StateCategory.ACTIVE,
            confidence=0.95 if known else 0.85,
            why="tool_category" if known else "activity_log",
            phase=phase,
        )
    if hint in ENDS:
        # Whoever is doing something has not come to an end.
        return Verdict(category=StateCategory.ACTIVE, confidence=0.5, why="activity_log", phase=phase)
    return Verdict(category=hint, confidence=0.85, why="tool_category", phase=phase)


def _before(one: StateObservation, words: Vocabulary, *, starts: bool) -> Verdict:
    activity = words.activity(one.state.removeprefix(BEFORE))
    return Verdict(
        category=StateCategory.WAITING,
        confidence=0.85 if starts else 0.6,
        why="activity_log",
        phase=(activity and activity.phase) or Phase.EXECUTION,
        friction=(activity and activity.next) or Friction.HAND_OFF,
    )


def _after(one: StateObservation, hint: StateCategory | None, words: Vocabulary, *, observed: bool) -> Verdict:
    activity = words.activity(one.state.removeprefix(AFTER))
    own = activity.after if activity is not None else None
    following = {_activity(state): 0 for state in one.next}
    for state, count in one.next.items():
        following[_activity(state)] += count
    verdict = Verdict(
        category=StateCategory.WAITING,
        confidence=0.85 if observed else 0.6,
        why="activity_log",
        phase=(activity and activity.phase) or Phase.EXECUTION,
        friction=own or usual_friction(following, words),
    )
    if hint is None or hint is StateCategory.WAITING:
        return replace(verdict, confidence=0.85, why="name") if _names_a_wait(one.state, words) else verdict
    if hint in ENDS or hint is StateCategory.ACTIVE:
        # An end that items leave again, or work that nobody saw begin: the tool's word does not fit the log.
        return replace(verdict, confidence=0.5)
    return replace(verdict, category=hint, confidence=0.85, why="tool_category", friction=None)


def _unnamed_ends(behaviour: Behaviour, generic: set[str], verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """States that items do not leave although no name calls them an end."""
    if any(verdict.category is StateCategory.DONE for verdict in verdicts.values()):
        # The log knows its end. Another one has to hold a good part of the items to be believed.
        ends = {
            state: behaviour.certainty(state)
            for state in sorted(generic)
            if behaviour.is_clear_end(state) and behaviour.resting(state) >= 0.2
        }
    else:
        ends = behaviour.likely_ends(generic)
    return {
        state: Verdict(category=StateCategory.DONE, confidence=certainty, why="behaviour", phase=Phase.REPORTING)
        for state, certainty in ends.items()
    }


def _names_a_wait(state: str, words: Vocabulary) -> bool:
    """ "Wait", "On hold", "Waiting for customer"; but "Call about incomplete form" is work."""
    known = words.state(_activity(state))
    return known is not None and known[0].category is StateCategory.WAITING and known[0].first


def _activity(state: str) -> str:
    return state.removeprefix(AFTER).removeprefix(BEFORE)
