"""Tables as files: CSV and XLSX, with every cell that a spreadsheet would run as a formula made harmless."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final, cast

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import is_aware, localtime

from pegel.words import Language, say
from pegel_web.ui.components.table import Table
from pegel_web.ui.values import Missing, is_finite
from pegel_web.ui.worded import language_now

_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def exported(request: HttpRequest, *tables: Table) -> HttpResponse | None:
    """Return the file that a request asks for by ``IDENTITY.export`` (``csv``, ``xlsx``), None when it asks for none.

    The file holds every row that matches the filter, in the order shown, on all pages.
    """
    makers: dict[str, Callable[[Table, Language], HttpResponse]] = {"csv": _csv, "xlsx": _xlsx}
    for table in tables:
        maker = makers.get(request.GET.get(f"{table.identity}.export", ""))
        if maker is not None:
            return maker(table, language_now())
    return None


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; what would be one gets an apostrophe in front.

    >>> defused("=1+1"), defused("  @SUM(A1)"), defused("plain")
    ("'=1+1", "'  @SUM(A1)", 'plain')
    """
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def _csv(table: Table, language: Language) -> HttpResponse:
    """Return the rows with ``;`` and decimal comma for German, with ``,`` and point for English; dates are ISO 8601."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if language == "de" else ",", lineterminator="\r\n")
    writer.writerow([defused(str(column.label)) for column in table.columns])
    writer.writerows([_csv_value(value, language) for value in row] for row in _values(table))
    return _file("\ufeff" + buffer.getvalue(), "text/csv; charset=utf-8", table, "csv")


def _csv_value(value: object, language: Language) -> str:
    if isinstance(value, Decimal | float | int) and not isinstance(value, bool):
        digits = str(Decimal(value) if isinstance(value, int) else value)
        return digits.replace(".", ",") if language == "de" else digits
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return defused(_words(value, language))


def _xlsx(table: Table, language: Language) -> HttpResponse:
    # Only who asks for a sheet waits for the library that writes one.
    from pegel_web.ui.components.sheet import sheet_of  # noqa: PLC0415  (see the line above)

    labels = [str(column.label) for column in table.columns]
    rows = ([_sheet_value(value, language) for value in row] for row in _values(table))
    return _file(sheet_of(say("ui.table.sheet", language), labels, rows), _XLSX, table, "xlsx")


def _sheet_value(value: object, language: Language) -> object:
    """Return numbers and dates as such, everything else in words."""
    plain = value is None or (isinstance(value, Decimal | float | int | date) and not isinstance(value, bool))
    return value if plain else _words(value, language)


def _values(table: Table) -> Iterable[list[object]]:
    return ([_plain(row.get(column.key)) for column in table.columns] for row in table.found)


def _plain(value: object) -> object:
    """Return a value as a file takes it: moments in local time without zone, nothing infinite."""
    if isinstance(value, datetime):
        return (localtime(value) if is_aware(value) else value).replace(tzinfo=None, microsecond=0)
    if isinstance(value, float | Decimal) and not is_finite(value):
        return Missing.UNDEFINED
    return value


def _words(value: object, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, Missing):
        return say(f"ui.missing.{value}", language)
    if isinstance(value, bool):
        return say("yes" if value else "no", language)
    several = isinstance(value, list | tuple | set | frozenset)
    text = ", ".join(map(str, cast(Iterable[object], value))) if several else str(value)
    # Halves of characters have no UTF-8 form.
    return text.encode("utf-8", "replace").decode("utf-8")


def _file(content: str | bytes, kind: str, table: Table, ending: str) -> HttpResponse:
    name = re.sub(r"[^a-z0-9_-]", "-", table.identity.lower())
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="pegel-{name}.{ending}"'}
    )
