"""Which column of an exported list plays which role, by its technical name or its German or English title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pegel.sources.column_names import roles_by_header
from pegel.sources.formats import Head
from pegel.sources.tabular import unique_names

#: Role that names no column but the fields whose changes are states: ``--column status=EKKO-FRGZU``.
STATUS_ROLE: Final = "status"


def _titles(technical: str, *titles: str) -> tuple[str, ...]:
    """Headers of a field: a join of tables writes the table's name in front."""
    return (technical, *(f"{table} {technical}" for table in ("cdhdr", "cdpos", "jcds")), *titles)


#: Role → headers of a list of change documents, in lower case, signs read as blanks.
CHANGE_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "type": _titles(
        "objectclas", "object class", "change doc object", "change document object", "objektklasse",
        "änderungsbelegobjekt",
    ),
    "item": _titles("objectid", "object value", "object id", "objektwert"),
    "sequence": _titles(
        "changenr", "change number", "document number", "doc number", "change document number", "belegnummer",
        "änderungsnummer", "änderungsbelegnummer", "änderungsbeleg",
    ),
    "at": _titles("udate", "date", "change date", "changed on", "datum", "änderungsdatum", "geändert am"),
    "time": _titles("utime", "time", "change time", "uhrzeit", "zeit", "änderungszeit", "geändert um"),
    "actor": _titles("username", "user", "user name", "changed by", "benutzer", "benutzername", "geändert von"),
    "table": _titles("tabname", "table", "table name", "tabelle", "tabellenname"),
    "key": _titles("tabkey", "table key", "tabellenschlüssel", "schlüssel"),
    "field": _titles("fname", "field", "field name", "feld", "feldname"),
    "indicator": _titles(
        "chngind", "change indicator", "change ind", "type of change", "änderungskennzeichen", "änderungskennz",
        "änd kennz", "änderungsart",
    ),
    "state": _titles("value new", "new value", "neuer wert", "wert neu"),
    "from_state": _titles("value old", "old value", "alter wert", "wert alt"),
}  # fmt: skip
#: Role → headers of a list of status changes.
STATUS_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "item": _titles("objnr", "object number", "objektnummer"),
    "state": _titles("stat", "status", "object status", "objektstatus"),
    "inactive": _titles("inact", "inactive", "status inactive", "inaktiv", "status inaktiv"),
    "at": CHANGE_COLUMNS["at"],
    "time": CHANGE_COLUMNS["time"],
    "actor": (*_titles("usnam"), *CHANGE_COLUMNS["actor"]),
}
CHANGES_NEED: Final = ("type", "item", "at", "table", "field", "state")
STATUSES_NEED: Final = ("item", "state", "inactive", "at")


def recognise_changes(head: Head) -> float:
    """Confidence that a table lists change documents."""
    found = roles_by_header(unique_names(head.header), CHANGE_COLUMNS)
    if not {*CHANGES_NEED, "from_state"} <= found.keys():
        return 0.0
    return 0.98 if "sequence" in found or "indicator" in found else 0.7


def recognise_statuses(head: Head) -> float:
    """Confidence that a table lists changes of statuses."""
    found = roles_by_header(unique_names(head.header), STATUS_COLUMNS)
    return 0.97 if {*STATUSES_NEED, "time"} <= found.keys() else 0.0
