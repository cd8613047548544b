"""Declaring how a stream is counted and what it is measured against."""

from __future__ import annotations

import math
import re
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.workflow import FlowItemKind
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.computing.filters import fields_in
from pegel_web.flow.computing.levels import types_in
from pegel_web.flow.contracts.declared import Declared, DeclaredStream
from pegel_web.flow.models import StreamDeclaration, ValueStream
from pegel_web.flow.queries.declared import (
    DECLARED,
    calendar_names,
    check_filters,
    declared_stream,
    policy_names,
    states_in,
)
from pegel_web.flow.queries.mapping import mapping_of
from pegel_web.flow.services.refreshing import enqueue_refresh
from pegel_web.flow.services.streams import locked_stream

#: What is more is a slip of the pen.
MOST_ITEMS: Final = 1_000_000
MOST_DAYS: Final = 3_650
MOST_MONEY: Final = 1e9
MOST_MINUTES: Final = 10_000


def declare_stream(*, actor: Actor, stream_id: UUID, declared: Declared, revision: int) -> DeclaredStream:
    """Declare everything about a stream anew, and have its figures computed with it. What is left out is undeclared.

    ``revision``: of the declaration that the person has seen.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``unknown_policy``, ``unknown_calendar``. NotAllowedError: ``not_allowed``.
    ConflictError: ``declaration_changed_meanwhile``. InputError: ``stream_type_unknown``, ``stream_state_unknown``,
    and see ``check_filters``,
    ``declared_out_of_range``, ``target_incomplete``, ``shares_impossible``, ``currency_missing``,
    ``currency_unknown``.
    """
    with transaction.atomic():
        row = locked_stream(actor, stream_id)
        kept, _ = StreamDeclaration.objects.everything(because="of a stream that the actor may change").get_or_create(
            pk=row.id, defaults={"changed_at": actor.at}
        )
        if kept.revision != revision:
            raise ConflictError("declaration_changed_meanwhile", name=row.name)
        old = DECLARED.validate_python(kept.content)
        _check(row, declared, old)
        before, after = (_plain(one) for one in (old, declared))
        if before != after:
            kept.content, kept.revision, kept.changed_at = after, kept.revision + 1, actor.at
            kept.save(update_fields=["content", "revision", "changed_at"])
            changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
            record(
                actor,
                "flow.stream.declared",
                subject=("stream", row.id),
                unit=row.unit_id,
                before={name: before.get(name) for name in changed},
                after={name: after.get(name) for name in changed},
            )
            enqueue_refresh(actor=actor, stream=row)
    return declared_stream(actor=actor, stream_id=stream_id)


def _plain(declared: Declared) -> dict[str, Any]:
    """Return what has been declared as plain values, without what has not."""
    found: dict[str, Any] = DECLARED.dump_python(declared, mode="json", exclude_defaults=True)
    return found


def _check(row: ValueStream, declared: Declared, old: Declared) -> None:
    found = mapping_of(row)
    if found is not None:
        # What was declared before may stay, also when no item is like that any more.
        types = {one.type for one in types_in(found.lake, found.names)} | set(old.types)
        states = set(states_in(found.lake, found.names)) | {one.state for one in old.state_limits}
        _known("stream_type_unknown", declared.types, types)
        check_filters(declared.filters, fields_in(found.lake, found.names), old.filters)
        _known("stream_state_unknown", [one.state for one in declared.state_limits], states)
    lake = None if found is None else found.lake
    # By name only: the library would also read a file of the server where it is given a path.
    _named("unknown_policy", declared.policy, policy_names(lake))
    _named("unknown_calendar", declared.calendar, calendar_names(lake))
    for limit in (declared.load_limit, *(one.limit for one in declared.state_limits)):
        _within("limit", limit, 1, MOST_ITEMS)
    _check_target(declared)
    _check_shares(declared)
    _check_costs(declared)


def _known(code: str, wanted: Any, known: set[str]) -> None:
    if len(set(wanted)) < len(wanted):
        raise InputError("declared_twice", name=next(one for one in wanted if list(wanted).count(one) > 1)[:200])
    for one in wanted:
        if one not in known:
            raise InputError(code, name=one[:200], known=sorted(known)[:20])


def _named(code: str, name: str | None, known: list[str]) -> None:
    if name is not None and name not in known:
        raise NotFoundError(code, name=name[:200], known=known)


def _within(field: str, value: float | None, least: float, most: float) -> None:
    if value is not None and not (math.isfinite(value) and least <= value <= most):
        raise InputError("declared_out_of_range", field=field, least=least, most=most)


def _check_target(declared: Declared) -> None:
    _within("target_days", declared.target_days, 0.01, MOST_DAYS)
    _within("target_share", declared.target_share, 0.01, 1)
    if (declared.target_days is None) != (declared.target_share is None):
        raise InputError("target_incomplete")


def _check_shares(declared: Declared) -> None:
    kinds = [one.kind for one in declared.shares]
    _known("kind_unknown", kinds, {one.value for one in FlowItemKind})
    for one in declared.shares:
        _within("share", one.least, 0, 1)
        _within("share", one.most, 0, 1)
        if one.least is not None and one.most is not None and one.least > one.most:
            raise InputError("shares_impossible")
    if math.fsum(one.least or 0.0 for one in declared.shares) > 1 + 1e-9:
        raise InputError("shares_impossible")


def _check_costs(declared: Declared) -> None:
    _within("cost_of_delay", declared.cost_of_delay, 0, MOST_MONEY)
    _within("labour_rate", declared.labour_rate, 0, MOST_MONEY)
    _within("minutes_per_status_query", declared.minutes_per_status_query, 0, MOST_MINUTES)
    if declared.currency is None:
        if declared.cost_of_delay is not None or declared.labour_rate is not None:
            raise InputError("currency_missing")
    elif not re.fullmatch("[A-Z]{3}", declared.currency):
        raise InputError("currency_unknown", name=declared.currency[:20])
