"""What SAP's fields and statuses mean: which of them are states, which other changes are kept.

System statuses have codes (table TJ02) with texts of four letters (TJ02T), here English/German; user statuses (E0001 …)
are defined by each company and stay codes. Values of status fields are those of SAP's domains; release indicators are
customised in every system, so that no category is known for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pegel.eventlog.batch import Category

#: System statuses that are steps of a life; the many others (printed, materials checked …) are marks beside them.
SYSTEM_STATUSES: Final[Mapping[str, tuple[str, Category]]] = {
    "I0001": ("CRTD/EROF", "new"),
    "I0042": ("PREL/TFRE", "active"),
    "I0002": ("REL/FREI", "active"),
    "I0043": ("LKD/GSPR", "waiting"),
    "I0010": ("PCNF/TRÜC", "active"),
    "I0009": ("CNF/RÜCK", "done"),
    "I0012": ("DLV/GLFT", "done"),
    "I0045": ("TECO/TABG", "done"),
    "I0046": ("CLSD/ABGS", "done"),
    "I0076": ("DLFL/LÖVM", "cancelled"),
    "I0068": ("OSNO/MOFN", "new"),
    "I0070": ("NOPR/MIAR", "active"),
    "I0072": ("NOCO/MMAB", "done"),
}
#: Tables of statuses: the statuses of an object, and their changes.
STATUS_TABLES: Final = frozenset({"JEST", "JCDS"})

#: Table of an object class that has one row per object. A requisition's rows are its lines, each an item of its own.
HEADER_TABLES: Final[Mapping[str, str]] = {
    "EINKBELEG": "EKKO",
    "BANF": "EBAN",
    "VERKBELEG": "VBAK",
    "LIEFERUNG": "LIKP",
    "FAKTBELEG": "VBRK",
    "BELEG": "BKPF",
    "ORDER": "AUFK",
}
LINE_TABLE: Final = "EBAN"

#: Status fields by table. Fields in one group tell the same story: of those that occur at an object the first counts.
STATUS_FIELDS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "EKKO": (("PROCSTAT", "FRGKE", "FRGZU"),),
    "EBAN": (("BANPR", "FRGKZ", "FRGZU"), ("STATU",)),
    "VBUK": (("GBSTK",),),
    "VBAK": (("GBSTK",),),
    "LIKP": (("GBSTK",),),
    "BKPF": (("BSTAT",),),
}
_RELEASE: Final[Mapping[str, Category]] = {
    "01": "active",  # version in process
    "02": "active",  # active
    "03": "waiting",  # in release
    "04": "waiting",  # partially released
    "05": "done",  # release completed
    "08": "cancelled",  # rejected
}
CATEGORIES: Final[Mapping[str, Mapping[str, Category]]] = {
    "PROCSTAT": _RELEASE,
    "BANPR": _RELEASE,
    # Not edited; request for quotation made; order, contract or scheduling agreement made.
    "STATU": {"N": "waiting", "A": "active", "B": "done", "K": "done", "L": "done"},
    "GBSTK": {"A": "new", "B": "active", "C": "done"},
    "BSTAT": {"V": "waiting", "W": "waiting", "-": "done", "Z": "cancelled"},  # parked; posted; parked and deleted
}
#: Other fields that are kept → field of the event log. Groups stand for teams.
FIELDS: Final[Mapping[str, str]] = {
    "PRIOK": "priority",
    "EKGRP": "team",
    "INGPR": "team",
    "INGRP": "team",
    "VKGRP": "team",
    "GEWRK": "team",
    "PARNR": "assignee",
    "VERNR": "assignee",
    "USER2": "assignee",
}
DELETION_FIELD: Final = "LOEKZ"
#: A purchasing document whose indicator is S is blocked, not deleted.
BLOCKED: Final = "S"
KEY_FIELD: Final = "KEY"
INSERTED: Final = frozenset({"I", "J"})
DELETED: Final = frozenset({"D", "E"})


def state_of_field(field: str, value: str) -> str:
    """Name of the state that a status field's value stands for.

    >>> state_of_field("GBSTK", "B"), state_of_field("BSTAT", "")
    ('GBSTK B', 'BSTAT -')
    """
    return f"{field} {value or '-'}"


def state_of_status(code: str) -> str:
    """Name of the state that a system or user status stands for.

    >>> state_of_status("I0002"), state_of_status("E0003")
    ('I0002 REL/FREI', 'E0003')
    """
    known = SYSTEM_STATUSES.get(code)
    return f"{code} {known[0]}" if known else code


def category_of(state: str) -> Category | None:
    """Category of a state by its name, where SAP itself defines it.

    >>> category_of("I0045 TECO/TABG"), category_of("GBSTK B"), category_of("FRGZU XX")
    ('done', 'active', None)
    """
    name, _, value = state.partition(" ")
    known = SYSTEM_STATUSES.get(name)
    return known[1] if known else CATEGORIES.get(name, {}).get(value)
