"""Background work, for agents and the command line."""

from __future__ import annotations

from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.jobs import queries, services
from pegel_web.jobs.contracts import JobReport, State


@tool(permission="jobs.own.view")
def job_report(actor: Actor, *, job_id: UUID) -> JobReport:
    """Where a piece of background work is: its state, how far it is, why it failed."""
    return queries.job_report(actor=actor, job_id=job_id)


@tool(permission="jobs.own.view")
def jobs(actor: Actor, *, everybody: bool = False, state: State | None = None) -> list[JobReport]:
    """Background work that was asked for, the newest first: one's own, or everybody's that the actor may see."""
    return queries.jobs(actor=actor, everybody=everybody, state=state)


@tool(permission="jobs.own.cancel", reads=False)
def cancel_job(actor: Actor, *, job_id: UUID) -> JobReport:
    """Cancel background work: what waits at once, what runs as soon as it looks."""
    return services.cancel_job(actor=actor, job_id=job_id)
