"""What is left to do with a stream that is new, and whether its figures are on their way."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from pegel.errors import NotFoundError
from pegel.lake.store import open_lake
from pegel.lake.workflows import is_confirmed
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.next_steps import NextStep
from pegel_web.flow.contracts.reports import StreamReport
from pegel_web.flow.models import Baseline
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.declared import declared_of
from pegel_web.flow.queries.streams import seen_stream
from pegel_web.jobs.contracts import JobReport
from pegel_web.jobs.models import OPEN, Job
from pegel_web.jobs.queries import report_of


def next_steps(*, actor: Actor, found: StreamReport) -> tuple[NextStep, ...]:
    """Return the first steps with a stream; empty: all are taken, there are no figures yet, or others take them."""
    if not found.may_change or found.content is None:
        return ()
    stream = found.stream.id
    declared = declared_of([stream])[stream]
    measured = declared.target_days is not None or declared.cost_of_delay is not None
    started = Baseline.objects.visible_to(actor).filter(stream=stream).exists()
    meant = found.content.workflow_status == "confirmed" or _confirmed(seen_stream(actor, stream).lake_name)
    if meant and measured and started:
        return ()
    return (
        NextStep(name="meaning", state="done" if meant else "open"),
        NextStep(name="targets", state="done" if measured else "open"),
        NextStep(name="look", state="ready"),
        NextStep(name="start", state="done" if started else "open"),
    )


def keys_of(stream_id: UUID) -> tuple[str, str]:
    """Return the keys of the computations of a stream: the first, and one that waits behind it."""
    return f"flow.refresh:{stream_id}", f"flow.refresh:{stream_id}:behind"


def computation_of(*, actor: Actor, stream_id: UUID) -> JobReport | None:
    """Return the computation of a stream that waits or runs, whoever asked for it; None: there is none.

    Raises
    ------
    NotFoundError: ``stream_unknown``.
    """
    row = seen_stream(actor, stream_id)
    jobs = Job.objects.everything(because="whether a stream that the actor may see is being computed")
    job = cast("Job | None", jobs.filter(key__in=keys_of(row.id), state__in=OPEN).order_by("-key").first())
    return None if job is None else report_of(job, actor)


def _confirmed(lake_name: str) -> bool:
    """Tell whether the meaning of states is confirmed by now; figures may be older.

    Only the confirmed mappings are looked for: what else the lake holds is known from the figures, and reading its
    register and its intervals took a quarter of the whole page.
    """
    try:
        return is_confirmed(open_lake(lake_folder()), lake_name)
    except NotFoundError:
        return False
