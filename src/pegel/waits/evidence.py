"""What the log can hold evidence of: a cause without any reads "not configured", never 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import narwhals as nw

from pegel.eventlog.workflow import Friction, StateCategory
from pegel.flow.answer import Status
from pegel.flow.log import FlowLog
from pegel.waits.cause import CAUSES, OF_FRICTION, Cause
from pegel.waits.signals import HANDING, RANKING

Verdict = tuple[Status, str | None]
_VALUE: Final[Verdict] = (Status.VALUE, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What there is to look at. ``fields``: those with changes; ``frictions``: those that some state is mapped with."""

    fields: frozenset[str]
    links: bool
    actors: bool
    works: bool
    frictions: frozenset[Friction]
    calendar: bool
    working: bool

    @property
    def hands(self) -> bool:
        """Whether changes of assignee or team are known."""
        return not self.fields.isdisjoint(HANDING)

    @property
    def ranks(self) -> bool:
        """Whether changes of priority or rank are known."""
        return not self.fields.isdisjoint(RANKING)


def evidence_of(log: FlowLog, *, calendar: bool) -> Evidence:
    """Look once what kinds of records a log has."""
    collect = log.engine.collect
    seen = nw.col("at_us") <= log.as_of_us
    fields = collect(log.changes.filter(seen).select("field").unique())["field"].drop_nulls().to_list()
    acted = log.rows().filter(~nw.col("actor").is_null()).select("actor")
    frictions = {
        meaning.friction
        for period in range(len(log.meanings.boundaries_us) + 1)
        for meaning in log.meanings.in_period(period)
        if meaning.friction
    }
    return Evidence(
        fields=frozenset(fields),
        links=collect(log.links_of("blocks").select("item").head(1)).height > 0,
        actors=collect(acted.head(1)).height > 0,
        works=log.in_category(StateCategory.ACTIVE) is not None,
        frictions=frozenset(frictions),
        calendar=calendar,
        working=log.working is not None,
    )


def verdicts(found: Evidence, *, fine: bool) -> Mapping[Cause, Verdict]:
    """Say per cause whether the log can hold evidence of it, and if not, why; ``fine``: times are finer than hours."""
    missing: dict[Cause, Verdict] = {}
    if not (found.links or "flag" in found.fields):
        missing[Cause.BLOCKED] = (Status.NOT_CONFIGURED, "no_block_evidence")
    mapped = {OF_FRICTION[friction] for friction in found.frictions}
    if Cause.APPROVAL not in mapped:
        missing[Cause.APPROVAL] = (Status.NOT_CONFIGURED, "no_approval_states")
    if not fine:
        missing[Cause.BATCHING] = (Status.UNDEFINED, "times_too_coarse")
    if Cause.HAND_OFF not in mapped and not (found.actors or found.hands):
        missing[Cause.HAND_OFF] = (Status.NOT_CONFIGURED, "no_handover_evidence")
    if Cause.STATUS_QUERY not in mapped and "comment_count" not in found.fields:
        missing[Cause.STATUS_QUERY] = (Status.NOT_CONFIGURED, "no_comment_evidence")
    if not (found.actors and found.works):
        missing[Cause.CONTENTION] = (Status.NOT_CONFIGURED, "no_actor_evidence")
    if found.working:
        missing[Cause.CALENDAR] = (Status.UNDEFINED, "log_measures_working_time")
    elif not found.calendar:
        missing[Cause.CALENDAR] = (Status.NOT_CONFIGURED, "no_waiting_calendar")
    return {cause: missing.get(cause, _VALUE) for cause in CAUSES}
