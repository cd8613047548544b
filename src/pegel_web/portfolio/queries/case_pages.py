"""Many use cases, read only as far as they are looked at; and all of them as an inventory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload
from uuid import UUID

from django.db.models import QuerySet

from pegel_web.core.actor import Actor
from pegel_web.flow.queries.streams import streams_seen
from pegel_web.organisation.models import Unit
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.portfolio.contracts.case_inventory import InventoryCase
from pegel_web.portfolio.contracts.use_cases import CaseLine
from pegel_web.portfolio.lifecycle import CaseState
from pegel_web.portfolio.models import CaseSource, UseCase
from pegel_web.portfolio.queries.use_cases import case_lines, chosen_cases, counted, visible


class CaseLines(Sequence[CaseLine]):
    """Lines of use cases in the order of a queryset; a part of them costs what that part costs."""

    def __init__(self, rows: QuerySet[UseCase], *, actor: Actor, structure: Structure) -> None:
        self._rows, self._actor, self._structure = rows, actor, structure
        self._count: int | None = None

    def __len__(self) -> int:
        if self._count is None:
            self._count = self._rows.count()
        return self._count

    @overload
    def __getitem__(self, at: int) -> CaseLine: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[CaseLine, ...]: ...

    def __getitem__(self, at: int | slice) -> CaseLine | tuple[CaseLine, ...]:
        part = at if isinstance(at, slice) else slice(at, at + 1)
        start, stop, _ = part.indices(len(self))
        found = case_lines(list(self._rows[start:stop]), actor=self._actor, structure=self._structure)
        return found if isinstance(at, slice) else found[0]

    def __iter__(self) -> Iterator[CaseLine]:
        return iter(self[:])


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePages:
    """As ``CaseList``, with lines that are read when they are looked at."""

    lines: Sequence[CaseLine]
    by_state: dict[str, int]
    total: int


def case_pages(
    *,
    actor: Actor,
    state: CaseState | None = None,
    unit_id: UUID | None = None,
    stream_id: UUID | None = None,
    horizon: int | None = None,
    text: str = "",
) -> CasePages:
    """Return the use cases that an actor may see, the newest first; the arguments are those of ``use_case_list``.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``.
    """
    rows = chosen_cases(actor, state=state, unit_id=unit_id, stream_id=stream_id, horizon=horizon, text=text)
    by_state = counted(visible(actor))
    structure = structure_on(actor.at.date())
    return CasePages(
        lines=CaseLines(rows.order_by("-number"), actor=actor, structure=structure),
        by_state=by_state,
        total=sum(by_state.values()),
    )


def case_inventory(
    *, actor: Actor, state: CaseState | None = None, unit_id: UUID | None = None, text: str = ""
) -> tuple[InventoryCase, ...]:
    """Return everything that is written about the use cases that an actor may see, by number.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``.
    """
    rows = list(chosen_cases(actor, state=state, unit_id=unit_id, text=text).order_by("number"))
    ids = {row.id for row in rows}
    details: dict[UUID, Any] = {
        case: said for case, said in CaseSource.objects.values_list("use_case_id", "details") if case in ids
    }
    names = unit_names((row.unit_id for row in rows), structure_on(actor.at.date()))
    units = Unit.objects.everything(because="of use cases that the actor sees")
    codes = dict(units.filter(id__in={row.unit_id for row in rows}).values_list("id", "code"))
    streams = {one.id: one.name for one in streams_seen(actor)}
    return tuple(
        InventoryCase(
            use_case_id=row.id,
            unit_code=codes.get(row.unit_id, ""),
            unit_name=names.get(row.unit_id, ""),
            stream_name="" if row.stream_id is None else streams.get(row.stream_id, ""),
            source_details={str(name): str(value) for name, value in details.get(row.id, {}).items()},
            **{name: getattr(row, name) for name in _SAME},
        )
        for row in rows
    )


_SAME = tuple(
    name
    for name in InventoryCase.__dataclass_fields__
    if name not in {"use_case_id", "unit_code", "unit_name", "stream_name", "source_details"}
)
