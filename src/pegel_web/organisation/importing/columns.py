"""The columns of each kind of table: what they are called, and which of them name a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportColumn:
    """A column. ``other_names``: further headers that mean it. ``personal``: read only where names are wanted."""

    name: str
    other_names: tuple[str, ...]
    required: bool = False
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableKind:
    """A kind of table. ``sheets``: names of sheets that mean it, in small letters."""

    name: str
    sheets: tuple[str, ...]
    columns: tuple[ImportColumn, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the names of its columns, in order."""
        return tuple(column.name for column in self.columns)


_CODE: Final = ImportColumn(
    name="code", other_names=("kürzel", "kuerzel", "kostenstelle", "cost_center", "id"), required=True
)
_NAME: Final = ImportColumn(name="name", other_names=("bezeichnung", "title"), required=True)
_UNTIL: Final = ImportColumn(name="valid_until", other_names=("gültig_bis", "gueltig_bis", "bis", "until", "end"))
_FROM: Final = ImportColumn(name="valid_from", other_names=("gültig_ab", "gueltig_ab", "ab", "von", "from", "start"))
_PERSON: Final = ImportColumn(
    name="person",
    other_names=("personalnummer", "personnel_number", "employee_id", "person_id", "mitarbeiternummer"),
    required=True,
)
_UNIT_NAMES: Final = ("einheit", "unit", "team", "abteilung", "department")
_UNIT: Final = ImportColumn(name="unit_code", other_names=_UNIT_NAMES, required=True)
_PARENT: Final = ImportColumn(name="parent_code", other_names=("übergeordnet", "uebergeordnet", "parent", "gehört_zu"))

UNITS: Final = TableKind(
    name="units",
    sheets=("units", "einheiten", "organisation", "abteilungen"),
    columns=(
        _CODE,
        _NAME,
        ImportColumn(name="kind", other_names=("art", "typ", "type"), required=True),
        _PARENT,
        _UNTIL,
    ),
)
TEAMS: Final = TableKind(name="teams", sheets=("teams",), columns=(_CODE, _NAME, _PARENT, _UNTIL))
PEOPLE: Final = TableKind(
    name="people",
    sheets=("people", "personen", "mitarbeitende", "employees"),
    columns=(
        _PERSON,
        ImportColumn(name="name", other_names=("vollständiger_name", "full_name"), personal=True),
        ImportColumn(name="email", other_names=("e-mail", "mail", "e_mail"), personal=True),
        ImportColumn(name="unit_code", other_names=_UNIT_NAMES),
        ImportColumn(name="kind", other_names=("art", "typ", "type")),
        ImportColumn(name="answers_for", other_names=("verantwortlich", "owner")),
    ),
)
MEMBERSHIPS: Final = TableKind(
    name="memberships",
    sheets=("memberships", "zugehörigkeiten", "zugehoerigkeiten"),
    columns=(_PERSON, _UNIT, _FROM, _UNTIL),
)
PRODUCTS: Final = TableKind(
    name="products",
    sheets=("products", "produkte"),
    columns=(
        _CODE,
        _NAME,
        ImportColumn(
            name="owner_unit_code", other_names=("verantwortliche_einheit", "owner", *_UNIT_NAMES), required=True
        ),
        _UNTIL,
    ),
)
ROLES: Final = TableKind(
    name="roles",
    sheets=("roles", "rollen"),
    columns=(_PERSON, ImportColumn(name="role", other_names=("rolle",), required=True), _UNIT, _FROM, _UNTIL),
)
KINDS: Final[Mapping[str, TableKind]] = {
    kind.name: kind for kind in (UNITS, TEAMS, PEOPLE, MEMBERSHIPS, PRODUCTS, ROLES)
}
#: Columns that a list of rejected rows has in addition; read again, they mean nothing.
NOTES: Final = ("row", "problem")
#: Columns that hold the sign of a person.
SIGNS: Final = ("person", "answers_for")


def kind_of_sheet(name: str) -> TableKind | None:
    """Return what a sheet of that name holds."""
    return next((kind for kind in KINDS.values() if name.strip().casefold() in kind.sheets), None)


def matched(kind: TableKind, header: Sequence[str]) -> dict[str, str]:
    """Return which column of a file is which column of a kind: its name → the header; the first that fits wins.

    >>> matched(TEAMS, ("Kürzel", "Name", "Farbe"))
    {'code': 'Kürzel', 'name': 'Name'}
    """
    folded = {one.strip().casefold().replace(" ", "_"): one for one in reversed(header)}
    found: dict[str, str] = {}
    for column in kind.columns:
        names = (column.name, *column.other_names)
        at = next((folded[name] for name in names if name in folded and folded[name] not in found.values()), None)
        if at is not None:
            found[column.name] = at
    return found
