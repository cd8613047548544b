"""What a unit answers for: areas as data, read once from ``areas.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pegel.errors import InternalError
from pegel.eventlog.setting_file import read_settings
from pegel_web.organisation.models.units import UnitKind

#: The area of everything that is a product.
PRODUCT: Final = "product"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An area; ``at``: the kinds of units in which somebody has to be accountable for it."""

    name: str
    at: frozenset[str]


@cache
def areas() -> Mapping[str, Area]:
    """Return all areas by name, in the order of the file.

    Raises
    ------
    InternalError: ``unit_kind_unknown`` for a slip in the file.
    """
    tree: Any = read_settings(
        files(__package__).joinpath("areas.yaml").read_text(encoding="utf-8"), unreadable="unexpected"
    )
    found = {name: Area(name=name, at=frozenset(entry["at"])) for name, entry in tree["areas"].items()}
    for area in found.values():
        if not area.at <= set(UnitKind.values):
            raise InternalError("unit_kind_unknown", kind=sorted(area.at - set(UnitKind.values)))
    return found
