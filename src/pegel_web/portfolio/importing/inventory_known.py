"""What an inventory is compared with: use cases that are there, units, streams, people it may name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.flow.queries.streams import streams_seen
from pegel_web.organisation.models import Person
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.importing.inventory_columns import is_own
from pegel_web.portfolio.importing.inventory_plan import KnownCase
from pegel_web.portfolio.importing.inventory_reading import Inventory
from pegel_web.portfolio.importing.inventory_rows import Surroundings, WantedCase
from pegel_web.portfolio.models import CaseRevision, CaseSource, UseCase

_AT_ONCE: Final = 500
_BECAUSE: Final = "a row is compared with its use case; who may not change it gets the row back"


def surroundings(actor: Actor, inventory: Inventory, *, source: str, unit_id: UUID) -> Surroundings:
    """Return what the rows of a file may point to, as far as the actor sees it."""
    nodes = structure_on(actor.at.date()).nodes.values()
    names = Counter(one.name.casefold() for one in nodes)
    units = {one.name.casefold(): one.unit_id for one in nodes if names[one.name.casefold()] == 1}
    units |= {one.code.casefold(): one.unit_id for one in nodes}
    streams = list(streams_seen(actor))
    by_name = Counter(one.name.casefold() for one in streams)
    found = {one.name.casefold(): one.id for one in streams if by_name[one.name.casefold()] == 1}
    return Surroundings(
        source=source,
        unit_id=unit_id,
        units=units,
        codes={one.unit_id: one.code for one in nodes},
        streams=found | {str(one.id): one.id for one in streams},
        champions=_champions(inventory),
    )


def _champions(inventory: Inventory) -> frozenset[UUID]:
    if not is_own(inventory.columns):
        return frozenset()
    asked = {row.cells.get("champion_id", "") for row in inventory.rows} - {""}
    people: set[UUID] = set()
    for part in _parts(list(filter(None, map(_uuid, asked)))):
        rows = Person.objects.filter(id__in=part, erased_at=None, kind=PersonKind.PERSON)
        people |= set(rows.values_list("id", flat=True))
    return frozenset(people)


def finder(wanted: Sequence[WantedCase], *, lock: bool = False) -> Callable[[WantedCase], KnownCase | None]:
    """Return what finds the use case of a row. ``lock``: nobody changes them until the open transaction ends."""
    rows = UseCase.objects.everything(because=_BECAUSE).order_by("id")
    if lock:
        rows = rows.select_for_update(of=("self",))
    by_id: dict[UUID, UseCase] = {}
    for part in _parts([one.case_id for one in wanted if one.case_id is not None]):
        by_id |= {row.id: row for row in rows.filter(id__in=part)}
    by_key: dict[tuple[str, str], UseCase] = {}
    for source in {one.source for one in wanted}:
        for part in _parts([one.source_key for one in wanted if one.source == source]):
            found = rows.filter(source=source, source_key__in=part)
            by_key |= {(source, row.source_key): row for row in found}
    said: dict[UUID, CaseSource] = {}
    for part in _parts([*by_id, *(row.id for row in by_key.values())]):
        said |= {one.use_case_id: one for one in CaseSource.objects.filter(use_case__in=part)}
    bases = _bases([one for one in wanted if one.case_id in by_id])

    def find(one: WantedCase) -> KnownCase | None:
        native = by_id.get(one.case_id) if one.case_id is not None else None
        row = native or by_key.get((one.source, one.source_key))
        if row is None:
            return None
        source = said.get(row.id)
        return KnownCase(
            row=row,
            base=bases.get(row.id) if native is not None else {} if source is None else source.said,
            said={} if source is None else source.said,
            details={} if source is None else source.details,
            native=native is not None,
        )

    return find


def _bases(wanted: Sequence[WantedCase]) -> dict[UUID, Any]:
    """Return what the exported revision of each use case said; steps count as revisions and say nothing new."""
    exported = {one.case_id: one.based_on for one in wanted if one.case_id is not None and one.based_on is not None}
    found: dict[UUID, Any] = {}
    for part in _parts(list(exported)):
        rows = CaseRevision.objects.filter(use_case__in=part).order_by("revision")
        said = rows.values_list("use_case_id", "revision", "content")
        found |= {case: content for case, revision, content in said if revision <= exported[case]}
    return found


def _parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    listed = list(dict.fromkeys(values))
    return (listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
