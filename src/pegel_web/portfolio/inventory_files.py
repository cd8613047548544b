"""The inventory of use cases as a file: CSV, XLSX or JSON, with names of columns that an import reads again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from django.http import HttpResponse

from pegel_web.portfolio.contracts.case_inventory import InventoryCase
from pegel_web.ui.components.export import defused

InventoryForm = Literal["csv", "xlsx", "json"]
KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
_COLUMNS: Final = tuple(InventoryCase.__dataclass_fields__)


def inventory_file(form: InventoryForm, found: Sequence[InventoryCase]) -> HttpResponse:
    """Return use cases as a file. Cells are the same in every language: this is for programs, the list for people."""
    makers = {"csv": _csv, "xlsx": _xlsx, "json": _json}
    name = f'attachment; filename="pegel-use-cases.{form}"'
    return HttpResponse(makers[form](found), content_type=KINDS[form], headers={"Content-Disposition": name})


def _csv(found: Sequence[InventoryCase]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    writer.writerows([defused(str(cell)) for cell in _cells(one)] for one in found)
    return "\ufeff" + buffer.getvalue()


def _xlsx(found: Sequence[InventoryCase]) -> bytes:
    # Only who asks for a sheet waits for the library that writes one.
    from pegel_web.ui.components.sheet import sheet_of  # noqa: PLC0415  (see the line above)

    return sheet_of("use_cases", _COLUMNS, (_cells(one) for one in found))


def _json(found: Sequence[InventoryCase]) -> str:
    rows = [{name: _plain(getattr(one, name)) for name in _COLUMNS} for one in found]
    return json.dumps({"use_cases": rows}, ensure_ascii=False, indent=1)


def _cells(one: InventoryCase) -> list[object]:
    return [_cell(getattr(one, name)) for name in _COLUMNS]


def _cell(value: object) -> object:
    plain = _plain(value)
    if isinstance(plain, dict):
        return json.dumps(plain, ensure_ascii=False, sort_keys=True) if plain else ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return "" if plain is None else plain


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, UUID):
        return str(value)
    return f"{value:.2f}" if isinstance(value, Decimal) else value
