"""What an inventory would change: each row compared with the use case that is there and with what its source said last.

A field follows its source as long as nobody has changed it here; where both have changed it, ours stays and the report
says so. No state ever follows: where the source says a use case stands is kept beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pegel_web.portfolio.importing.inventory_rows import ReadCases, WantedCase
from pegel_web.portfolio.models import UseCase


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCase:
    """A use case that is there. ``base``: what was agreed between it and its source last; None: nothing ever was.

    ``native``: it was registered here, and the file is an export of it.
    """

    row: UseCase
    base: Mapping[str, Any] | None
    said: Mapping[str, Any]
    details: Mapping[str, str]
    native: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCase:
    """What becomes of a row. ``after``: fields that get another value, as Python has them; ``said``: to be kept."""

    wanted: WantedCase
    known: KnownCase | None
    verb: Literal["added", "changed", "unchanged"]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    kept: tuple[str, ...]
    said: Mapping[str, Any]


def planned(
    read: ReadCases,
    *,
    find: Callable[[WantedCase], KnownCase | None],
    may: Callable[[UUID], bool],
) -> list[PlannedCase]:
    """Return what would happen to each row; rows that the actor may not write are added to the rejected ones."""
    found = []
    taken: dict[UUID, int] = {}
    for one in read.wanted:
        known = find(one)
        if not may(one.content["unit_id"]) or (known is not None and not may(known.row.unit_id)):
            read.reject(one.number, one.cells, "not_yours")
            continue
        if known is not None and known.row.id in taken:
            read.reject(one.number, one.cells, "key_twice", str(taken[known.row.id]))
            continue
        if known is not None:
            taken[known.row.id] = one.number
        found.append(_added(one) if known is None else _compared(one, known))
    return found


def digest(plan: Sequence[PlannedCase]) -> str:
    """Return a digest of everything that would change."""
    said = [
        [
            one.wanted.number, one.verb, one.wanted.source, one.wanted.source_key,
            None if one.known is None else [str(one.known.row.id), one.known.row.revision],
            {name: plain(value) for name, value in one.after.items()}, list(one.kept), dict(one.wanted.details),
        ]
        for one in plan
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def plain(value: Any) -> Any:
    """Return a value as JSON keeps it and as revisions have it."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value) if isinstance(value, UUID) else value


def _added(one: WantedCase) -> PlannedCase:
    after = {**one.content, "source_state": one.source_state or one.first_state}
    said = {name: plain(value) for name, value in one.content.items()}
    return PlannedCase(wanted=one, known=None, verb="added", before={}, after=after, kept=(), said=said)


def _compared(one: WantedCase, known: KnownCase) -> PlannedCase:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    kept = []
    said = dict(known.said)
    for name, value in one.content.items():
        now, wants = plain(getattr(known.row, name)), plain(value)
        base = now if known.base is None else known.base.get(name, None if now in ("", None) else _SILENT)
        if now == wants:
            said[name] = wants
        elif wants == base:
            continue
        elif base == now or (base is None and now in ("", None)):
            before[name], after[name], said[name] = getattr(known.row, name), value, wants
        else:
            kept.append(name)
    stands = one.source_state if known.native else one.source_state or one.first_state or one.source_state
    if stands is not None and stands != known.row.source_state:
        before["source_state"], after["source_state"] = known.row.source_state, stands
    changed = bool(after) or dict(one.details) != dict(known.details)
    return PlannedCase(
        wanted=one, known=known, verb="changed" if changed else "unchanged", before=before, after=after,
        kept=tuple(kept), said=known.said if known.native else said,
    )  # fmt: skip


#: The source has not spoken of a field before, and somebody here has: what is here stays.
_SILENT = object()
