"""Streams and states of the planted company: every cause of waiting has a state of its own, so no queue mixes two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pegel.eventlog.workflow import FlowItemKind, Friction, Phase, StateCategory, StateRule, Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedStream:
    """A value stream: its ``name``, the ``key`` of its items, and the ``type`` of its work."""

    name: str
    key: str
    type: str
    kind: FlowItemKind


CLAIMS: Final = PlantedStream(name="Claims", key="CL", type="Claim", kind=FlowItemKind.FEATURE)
PURCHASING: Final = PlantedStream(name="Purchasing", key="PU", type="Order", kind=FlowItemKind.FEATURE)
SOFTWARE: Final = PlantedStream(name="Software", key="SW", type="Bug", kind=FlowItemKind.DEFECT)
IT_SERVICE: Final = PlantedStream(name="IT service", key="IT", type="Ticket", kind=FlowItemKind.RISK)
#: Streams in which waits, defects and dependencies are planted.
STREAMS: Final = (CLAIMS, PURCHASING, SOFTWARE, IT_SERVICE)
#: The stationary stream, in which only the throughput is planted.
SERVICE_DESK: Final = PlantedStream(name="Service desk", key="SD", type="Request", kind=FlowItemKind.DEBT)
TASK: Final = "Task"

NEW: Final = "New"
IN_PROGRESS: Final = "In progress"
COMPLETION: Final = "Completion"
DONE: Final = "Done"
CANCELLED: Final = "Cancelled"
#: A state of new work to which items come back.
RETURNED: Final = "Returned"
#: A state that no workflow maps.
PARKED: Final = "Parked"

#: Waiting states whose mapping names the friction.
OF_FRICTION: Final = {
    Friction.APPROVAL: "Approval",
    Friction.PRIORITISATION: "Triage",
    Friction.HAND_OFF: "Hand-over desk",
    Friction.STATUS_QUERY: "Status enquiry",
}
#: Approval states that are flagged as well.
SIGN_OFF: Final = "Sign-off"
#: Where an item waits while it moves to another stream (friction hand-off).
TRANSFER: Final = "Transfer"

FLAGGED: Final = "Waiting for parts"
DEPENDENT: Final = "Waiting for others"
IN_VAIN: Final = "Waiting in vain"
BLOCKED_TWICE: Final = "Waiting for parts and others"
IN_CHAIN: Final = "Held by a chain"
IN_CIRCLE: Final = "Held in a circle"
COLLECTED: Final = "Collected"
COLLECTED_LOWERED: Final = "Collected by urgency"
OVERTAKEN: Final = "Sorted by urgency"
LOWERED: Final = "Downgraded"
HANDED: Final = "Between desks"
HANDED_DISCUSSED: Final = "Between desks, asked about"
HANDED_LOWERED: Final = "Between desks, downgraded"
DISCUSSED: Final = "In discussion"
DISCUSSED_BUSY: Final = "In discussion at a busy desk"
BUSY: Final = "Busy desk"
OFF_HOURS: Final = "Over night"
LYING: Final = "Lying about"
WITHDRAWN: Final = "Withdrawn from"
RESTING: Final = "Resting"

#: Waiting states whose cause only the events tell.
UNNAMED: Final = (
    FLAGGED, DEPENDENT, IN_VAIN, BLOCKED_TWICE, IN_CHAIN, IN_CIRCLE, COLLECTED, COLLECTED_LOWERED, OVERTAKEN, LOWERED,
    HANDED, HANDED_DISCUSSED, HANDED_LOWERED, DISCUSSED, DISCUSSED_BUSY, BUSY, OFF_HOURS, LYING, WITHDRAWN, RESTING,
)  # fmt: skip


def _waiting(state: str, phase: Phase, friction: Friction | None = None) -> StateRule:
    return StateRule(state=state, category=StateCategory.WAITING, phase=phase, friction=friction)


#: What the states mean, in the order of work.
RULES: Final = (
    *(StateRule(state=state, category=StateCategory.NEW, phase=Phase.INTAKE) for state in (NEW, RETURNED)),
    StateRule(state=IN_PROGRESS, category=StateCategory.ACTIVE, phase=Phase.EXECUTION),
    *(_waiting(state, Phase.PLANNING, friction) for friction, state in OF_FRICTION.items()),
    _waiting(SIGN_OFF, Phase.PLANNING, Friction.APPROVAL),
    _waiting(TRANSFER, Phase.INTAKE, Friction.HAND_OFF),
    *(_waiting(state, Phase.EXECUTION) for state in UNNAMED),
    StateRule(state=COMPLETION, category=StateCategory.ACTIVE, phase=Phase.EXECUTION),
    StateRule(state=DONE, category=StateCategory.DONE, phase=Phase.REPORTING),
    StateRule(state=CANCELLED, category=StateCategory.CANCELLED, phase=Phase.REPORTING),
)
CATEGORIES: Final = {rule.state: rule.category for rule in RULES}


def workflow_for(stream: str) -> Workflow:
    """Return what the states of a stream truly mean, confirmed; KeyError if there is no such stream."""
    kinds = {one.type: one.kind for one in (*STREAMS, SERVICE_DESK)}
    if stream not in {one.name for one in (*STREAMS, SERVICE_DESK)}:
        raise KeyError(stream)
    return Workflow(name=stream, status="confirmed", rules=RULES, items={**kinds, TASK: FlowItemKind.FEATURE})
