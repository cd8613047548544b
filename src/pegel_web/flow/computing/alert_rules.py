"""The rules of alerts: pure, the same facts at the same moment always give the same alerts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pegel_web.flow.computing.alert_facts import AlertFacts
from pegel_web.flow.contracts.alerts import AlertKind, AlertThresholds, RuleLine, RuleStatus
from pegel_web.flow.contracts.declared import Declared

#: In the order of the pages.
KINDS: Final[tuple[AlertKind, ...]] = ("ageing", "load", "state_load", "stalled", "stale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is so now and calls for a look. ``limit``: what it is beyond; ``items``: numbers, if counted."""

    kind: AlertKind
    state: str
    count: int
    limit: int
    items: tuple[int, ...] = ()


def rules_of(
    facts: AlertFacts | None, declared: Declared, thresholds: AlertThresholds, *, as_of: datetime | None, at: datetime
) -> Iterator[tuple[RuleLine, Condition | None]]:
    """Yield every rule with what it finds; a condition where it calls for a look.

    Without facts nothing is known of a stream yet. A rule for which nobody has declared a limit is not configured.
    """
    if facts is None or as_of is None:
        for kind in KINDS:
            yield RuleLine(kind=kind, state="", status="no_data", value=None, limit=None), None
        return
    load = sum(facts.load.values())
    late, idle = len(facts.late), _idle(facts, thresholds.stalled_after_days)
    yield _judged("ageing", "", late, thresholds.late_from, late >= thresholds.late_from, facts.late)
    if declared.load_limit is None:
        yield RuleLine(kind="load", state="", status="not_configured", value=load, limit=None), None
    else:
        yield _judged("load", "", load, declared.load_limit, load > declared.load_limit)
    if not declared.state_limits:
        yield RuleLine(kind="state_load", state="", status="not_configured", value=None, limit=None), None
    for one in declared.state_limits:
        there = facts.load.get(one.state, 0)
        yield _judged("state_load", one.state, there, one.limit, there > one.limit)
    yield _judged("stalled", "", idle, thresholds.stalled_after_days, idle > 0)
    days = max(0, (at - as_of).days)
    yield _judged("stale", "", days, thresholds.stale_after_days, days > thresholds.stale_after_days)


def _judged(
    kind: AlertKind, state: str, value: int, limit: int, alarming: bool, items: tuple[int, ...] = ()
) -> tuple[RuleLine, Condition | None]:
    status: RuleStatus = "alert" if alarming else "fine"
    line = RuleLine(kind=kind, state=state, status=status, value=value, limit=limit)
    found = Condition(kind=kind, state=state, count=value, limit=limit, items=items) if alarming else None
    return line, found


def _idle(facts: AlertFacts, days: int) -> int:
    return sum(one.items for one in facts.idle if one.days >= days)
