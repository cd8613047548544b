"""Reports that work stalls, and where to start, for agents."""

from __future__ import annotations

from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.flow.contracts.stalls import Stall, StallDesk, StreamStalls
from pegel_web.flow.contracts.start_small import StartSmall, TakenBaseline
from pegel_web.flow.queries import baselines as baseline_queries
from pegel_web.flow.queries import stalls as queries
from pegel_web.flow.queries import start_small as start_queries
from pegel_web.flow.services import baselines as baseline_services
from pegel_web.flow.services import stalls as services


@tool(permission="flow.stream.view")
def stream_stalls(actor: Actor, *, stream_id: UUID) -> StreamStalls:
    """Compare what people report about the steps of a value stream with the wait that the log measures there, one
    sentence per step; and list the reports, never who wrote them.

    Ids come from stream_overview. Words of a report are null for everybody but its author and those who answer for the
    stream; a number of people is null below the group floor.
    """
    return queries.stream_stalls(actor=actor, stream_id=stream_id)


@tool(permission="flow.stall.report")
def stall_desk(actor: Actor) -> StallDesk:
    """List where you can report that work stalls (streams and steps, no figures), your own reports with the answers,
    and the reports that wait for your answer.
    """
    return queries.stall_desk(actor=actor)


@tool(permission="flow.stream.view")
def stall(actor: Actor, *, stall_id: UUID) -> Stall:
    """Show one report that work stalls, and what became of it. stall_id: from stream_stalls or stall_desk."""
    return queries.stall(actor=actor, stall_id=stall_id)


@tool(permission="flow.stall.report", reads=False)
def report_stall(
    actor: Actor,
    *,
    stream_id: UUID,
    state: str,
    friction: str,
    why: str,
    often: str = "",
    hours_per_week: float | None = None,
) -> Stall:
    """Report that work stalls in a step of a value stream. It goes to those who answer for it, without a name.

    state: one of the steps of stall_desk, or empty for a step that is not in the data. friction: approval,
    prioritisation, hand_off, status_query or other. why: at most 1,000 characters, without names of people.
    often: daily, weekly, monthly, rarely or empty. hours_per_week: the person's own estimate; never make one up.
    """
    return services.report_stall(
        actor=actor,
        stream_id=stream_id,
        state=state,
        friction=friction,
        why=why,
        often=often,
        hours_per_week=hours_per_week,
    )


@tool(permission="flow.stall.report", reads=False)
def join_stall(actor: Actor, *, stall_id: UUID) -> Stall:
    """Say "me too" to a report of somebody else, once."""
    return services.join_stall(actor=actor, stall_id=stall_id)


@tool(permission="flow.stream.change", reads=False)
def answer_stall(actor: Actor, *, stall_id: UUID, text: str, plan: str = "") -> Stall:
    """Answer a report about a stream that you answer for. plan: what will be done. Show it to a person before."""
    return services.answer_stall(actor=actor, stall_id=stall_id, text=text, plan=plan)


@tool(permission="flow.stream.change", reads=False)
def close_stall(actor: Actor, *, stall_id: UUID, outcome: str, text: str = "") -> Stall:
    """Close an answered report. outcome: done, or no_change, which needs the reason as text."""
    return services.close_stall(actor=actor, stall_id=stall_id, outcome=outcome, text=text)


@tool(permission="flow.stall.report", reads=False)
def reopen_stall(actor: Actor, *, stall_id: UUID, text: str = "") -> Stall:
    """Open your own report again. text: what is still not right."""
    return services.reopen_stall(actor=actor, stall_id=stall_id, text=text)


@tool(permission="flow.stream.view")
def start_small(actor: Actor, *, stream_id: UUID | None = None) -> StartSmall:
    """Tell where to start: the steps of your value streams (or of one) by hours lost per week, which one is provably
    too slow and why this one first, with waits by cause, reports of people, price and baseline.

    Only what is proven may be called too slow; price null: nobody has declared a cost of delay.
    """
    return start_queries.start_small(actor=actor, stream_id=stream_id)


@tool(permission="flow.stream.view")
def baselines(actor: Actor, *, stream_id: UUID | None = None) -> list[TakenBaseline]:
    """List the baselines that were taken, the newest first: figures of a step that nothing changes any more."""
    return list(baseline_queries.baselines(actor=actor, stream_id=stream_id))


@tool(permission="flow.stream.change", reads=False)
def take_baseline(actor: Actor, *, stream_id: UUID, state: str, phase: str) -> TakenBaseline:
    """Keep the figures of a step as they are now, for a later measurement to compare with; it cannot be taken back.

    state, phase: of a step of start_small.
    """
    return baseline_services.take_baseline(actor=actor, stream_id=stream_id, state=state, phase=phase)
