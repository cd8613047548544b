"""What a table of products would do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pegel.errors import InputError, UserError
from pegel_web.organisation.importing.current import KnownProduct
from pegel_web.organisation.importing.draft import Draft, date_in
from pegel_web.organisation.importing.reading import Row
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.timeline import period_on


def plan_products(draft: Draft, rows: tuple[Row, ...]) -> None:
    """Plan a table of products; what a complete one does not mention ends on the day of the import."""
    seen: set[str] = set()
    for row in rows:
        try:
            code = cleaned("" if row.broken else row.cells.get("code", ""), field="code", most=60)
            if code in seen:
                raise InputError("duplicate_in_file")
            seen.add(code)
            _plan(draft, row, code)
        except UserError as refused:
            draft.reject("products", row, row.broken or refused.code, str(refused.values.get("field", "")))
    if draft.ends_the_rest("products", rows, "code"):
        for code, product in list(draft.current.products.items()):
            open_then = product.valid_until is None or product.valid_until > draft.effective
            if code not in seen and open_then and product.valid_from < draft.effective:
                _settle(draft, None, replace(product, valid_until=draft.effective))


def _plan(draft: Draft, row: Row, code: str) -> None:
    name = cleaned(row.cells.get("name", ""), field="name", most=200)
    owner = draft.codes.get(row.cells.get("owner_unit_code", ""))
    until = date_in(row, "valid_until")
    if owner is None:
        raise InputError("unit_unknown_in_file", field=row.cells.get("owner_unit_code", ""))
    old = draft.current.products.get(code)
    begins = draft.effective if old is None else old.valid_from
    if until is not None and until <= begins:
        raise InputError("date_order", valid_from=begins, valid_until=until, field="valid_until")
    day = max(begins, draft.effective)
    if (until is None or until > day) and period_on(draft.timeline.get(owner, ()), day) is None:
        raise InputError("unit_not_there", on=day)
    at = draft.new_id("product", code) if old is None else old.id
    _settle(draft, row, KnownProduct(id=at, code=code, name=name, owner=owner, valid_from=begins, valid_until=until))


def _settle(draft: Draft, row: Row | None, new: KnownProduct) -> None:
    old = draft.current.products.get(new.code)
    draft.products[new.code] = new
    if old == new:
        draft.unchanged["products"] += 1
        return
    verb = "added" if old is None else "ended" if new.valid_until != old.valid_until else "changed"
    before = {} if old is None else _said(draft, old)
    draft.note("products", verb, row, f"{new.code} · {new.name}", before=before, after=_said(draft, new))


def _said(draft: Draft, product: KnownProduct) -> dict[str, object]:
    until: date | None = product.valid_until
    return {"name": product.name, "owner_unit_code": draft.unit_called(product.owner), "valid_until": until}
