"""Looking at single items: every look is noted in the access log, whichever way it comes in."""

from __future__ import annotations

from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.flow.computing.periods import DEFAULT
from pegel_web.flow.contracts.items import ItemList
from pegel_web.flow.contracts.reports import StreamReport
from pegel_web.flow.queries.items import MOST, stream_items
from pegel_web.flow.queries.reports import stream_report
from pegel_web.privacy.services import note_access


def look_at_report(*, actor: Actor, stream_id: UUID, period: str = DEFAULT, policy: str | None = None) -> StreamReport:
    """Return the report of a stream, and note the look where single items are in it; see ``stream_report``."""
    found = stream_report(actor=actor, stream_id=stream_id, period=period, policy=policy)
    if found.content is not None and found.content.ageing.items:
        note_access(actor, "flow.report", found.stream.unit_id)
    return found


def look_at_items(
    *,
    actor: Actor,
    stream_id: UUID,
    metric: str = "flow_time",
    period: str = DEFAULT,
    policy: str | None = None,
    state: str | None = None,
    offset: int = 0,
    limit: int | None = MOST,
) -> ItemList:
    """Return the items that a figure counts, and note the look; see ``stream_items``."""
    found = stream_items(
        actor=actor,
        stream_id=stream_id,
        metric=metric,
        period=period,
        policy=policy,
        state=state,
        offset=offset,
        limit=limit,
    )
    note_access(actor, "flow.items", found.stream.unit_id)
    return found
