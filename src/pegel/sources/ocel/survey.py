"""First look at an object-centric log: which objects there are, and which type of them are the items."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pegel.errors import AmbiguousInputError, InputError, NotFoundError
from pegel.eventlog.batch import name_defect
from pegel.sources.ocel.model import LogObject, LogReader
from pegel.sources.reading import BROKEN
from pegel.sources.transitions.columns import plain

#: Types whose objects are the people who do the work: they are actors, never items.
PEOPLE: Final = frozenset(
    {
        "resource", "resources", "employee", "employees", "person", "persons", "people", "user", "users",
        "worker", "workers", "staff", "mitarbeiter", "mitarbeiterin", "mitarbeitende", "beschäftigte", "benutzer",
        "personen", "personal",
    }
)  # fmt: skip
_MOST_CHOICES: Final = 100


@dataclass(slots=True)
class Survey:
    """What is known after the first look.

    ``type_of``: object id → place of its type in ``types``; ``objects``: number of objects, rows of the source;
    ``repeated``: ids that occur more than once.
    """

    types: list[str] = field(default_factory=list)
    type_of: dict[str, int] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    objects: int = 0

    def people(self) -> frozenset[int]:
        """Places of the types whose objects are people."""
        return frozenset(place for place, name in enumerate(self.types) if is_of_people(name))


def survey(reader: LogReader) -> Survey:
    """Read all objects of a log.

    Raises
    ------
    InputError: as :meth:`pegel.sources.ocel.model.LogReader.records`.
    """
    found = Survey()
    places: dict[str, int] = {}
    for record in reader.records(None):
        found.objects += 1
        if not isinstance(record, LogObject) or record.id is None or type_defect(record.type) or record.type is None:
            continue
        if record.id in found.type_of:
            found.repeated.add(record.id)
            continue
        place = places.setdefault(record.type, len(places))
        found.type_of[record.id] = place
    found.types = list(places)
    return found


def choose_type(found: Survey, wanted: str | None, path: Path) -> str:
    """Return the type whose objects are the items: the wanted one, else the only one.

    Raises
    ------
    AmbiguousInputError: ``ambiguous_object_type`` with ``choices``, the type with most objects first.
    NotFoundError: ``unknown_object_type``. InputError: ``ocel_without_objects``, ``object_type_of_people``.
    """
    counts = Counter(found.type_of.values())
    names = [
        found.types[place] for place, _ in sorted(counts.items(), key=lambda pair: (-pair[1], found.types[pair[0]]))
    ]
    if not names:
        raise InputError("ocel_without_objects", path=str(path))
    choices = [name for name in names if not is_of_people(name)][:_MOST_CHOICES]
    if wanted is not None and wanted not in names:
        raise NotFoundError("unknown_object_type", name=wanted, known=choices)
    if wanted is None and len(choices) > 1:
        raise AmbiguousInputError("ambiguous_object_type", path=str(path), choices=choices)
    chosen = wanted if wanted is not None else (choices or names)[0]
    if is_of_people(chosen):
        raise InputError("object_type_of_people", name=chosen, known=choices)
    return chosen


def is_of_people(type_name: str) -> bool:
    """Tell whether objects of a type are people at work.

    >>> is_of_people("Employees"), is_of_people("org:resource"), is_of_people("orders")
    (True, True, False)
    """
    return plain(type_name).removeprefix("org ") in PEOPLE


def type_defect(name: str | None) -> str | None:
    """Reason code why an object's type cannot be used, or None."""
    if name is None:
        return "type_missing"
    return "broken_encoding" if BROKEN in name else name_defect(name)
