"""Importing use cases: a preview, another meaning of its columns, confirming exactly what was shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.jobs.services import enqueue
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.portfolio.contracts.case_import import CaseImportLine, CaseImportReport, NormalisedValue
from pegel_web.portfolio.importing.inventory_apply import STEPS as WRITING
from pegel_web.portfolio.importing.inventory_apply import apply
from pegel_web.portfolio.importing.inventory_columns import FIELDS, KEEP, LEAVE, MANY, suggested
from pegel_web.portfolio.importing.inventory_keeping import KeptInventory, pack, unpack
from pegel_web.portfolio.importing.inventory_known import finder, surroundings
from pegel_web.portfolio.importing.inventory_plan import PlannedCase, digest, plain, planned
from pegel_web.portfolio.importing.inventory_reading import Inventory, read_inventory
from pegel_web.portfolio.importing.inventory_rows import LONGEST_SOURCE, ReadCases, left_out, read_cases
from pegel_web.portfolio.models import CaseImport, CaseImportState, CaseNumbering
from pegel_web.portfolio.queries.case_import import case_import, jobs_of, visible_case_import
from pegel_web.portfolio.queries.use_cases import CHANGE

KIND: Final = "portfolio.import.confirm"
#: What is done in the background, in order.
STEPS: Final = ("plan", *WRITING)
#: So many changes are made while somebody waits; more of them in the background.
MOST_AT_ONCE: Final = 1_000
#: So long the rows of an import are kept; then only its counts are.
KEPT_FOR: Final = timedelta(days=1)
_MOST_SHOWN: Final = 5_000


@transaction.atomic
def preview_case_import(
    *, actor: Actor, content: bytes, file_name: str, unit_id: UUID, source: str
) -> CaseImportReport:
    """Read an inventory and say what would be created, changed, left alone and refused; nothing is changed.

    ``unit_id``: where use cases belong whose unit is not known here. ``source``: what the inventory is called; with
    the key of a row it says which use case is meant, this time and the next.

    Raises
    ------
    NotAllowedError. NotFoundError: ``unit_unknown``. InputError, LimitedError: see ``read_inventory``.
    """
    actor.require(CHANGE, unit=unit_id)
    if unit_id not in structure_on(actor.at.date()).nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    source = cleaned(source, field="source", most=LONGEST_SOURCE)
    forget_case_rows(at=actor.at)
    file_name = file_name.replace("\0", "")[-200:] or "…"
    inventory = read_inventory(content, file_name=file_name)
    columns = suggested(inventory.columns)
    mapping = {one.header: one.target for one in columns}
    made = CaseImport(
        made_by_id=actor.person_id, made_at=actor.at, file_name=file_name, source=source, unit_id=unit_id,
        mapping=mapping,
    )  # fmt: skip
    _show(made, inventory, actor, {one.header: one.confidence for one in columns})
    made.save(force_insert=True)
    after = {"rows": len(inventory.rows), "source": source}
    record(actor, "portfolio.import.previewed", subject=("import", made.id), unit=unit_id, after=after)
    return case_import(actor=actor, case_import_id=made.id)


@transaction.atomic
def map_case_import(
    *, actor: Actor, case_import_id: UUID, mapping: Mapping[str, str] | None = None
) -> CaseImportReport:
    """Say what columns mean, and plan the import anew against the use cases as they are now.

    ``mapping``: header → field, ``keep`` or empty; what is left out stays.

    Raises
    ------
    InputError: ``field_unknown``, ``import_column_unknown``, ``field_mapped_twice``. ConflictError:
    ``import_done_already``, ``import_expired``, ``import_under_way``. NotFoundError: ``import_unknown``.
    NotAllowedError.
    """
    found = _locked(actor, case_import_id)
    _require_idle(actor, found)
    inventory = _file_of(found, actor)
    sure = {one["header"]: one["confidence"] for one in found.result["columns"]}
    for header, target in (mapping or {}).items():
        if header not in found.mapping:
            raise InputError("import_column_unknown", name=header[:100])
        if target not in {*FIELDS, KEEP, LEAVE}:
            raise InputError("field_unknown", name=target[:100])
        if found.mapping[header] != target:
            found.mapping[header], sure[header] = target, 1.0
    several = Counter(target for target in found.mapping.values() if target not in MANY)
    if twice := next((target for target, count in several.items() if count > 1), None):
        raise InputError("field_mapped_twice", field=twice, name=twice)
    _show(found, inventory, actor, sure)
    found.save(update_fields=["mapping", "rows", "digest", "result"])
    return case_import(actor=actor, case_import_id=case_import_id)


@transaction.atomic
def discard_case_import(*, actor: Actor, case_import_id: UUID) -> CaseImportReport:
    """Forget a preview and its rows.

    Raises
    ------
    ConflictError: ``import_done_already``, ``import_under_way``. NotFoundError: ``import_unknown``. NotAllowedError.
    """
    found = _locked(actor, case_import_id)
    _require_idle(actor, found)
    if found.state != CaseImportState.PREVIEWED:
        raise ConflictError("import_done_already")
    found.state, found.rows = CaseImportState.DISCARDED, None
    found.save(update_fields=["state", "rows"])
    record(actor, "portfolio.import.discarded", subject=("import", found.id), unit=found.unit_id)
    return case_import(actor=actor, case_import_id=case_import_id)


@transaction.atomic
def confirm_case_import(*, actor: Actor, case_import_id: UUID, seen: str) -> CaseImportReport:
    """Do what the preview showed, all of it or nothing. ``seen``: the digest of what was shown.

    More than ``MOST_AT_ONCE`` changes are made in the background: then ``state`` is ``queued``. Asking again meanwhile
    gives the same job.

    Raises
    ------
    ConflictError: ``use_cases_changed`` since the preview, ``import_done_already``, ``import_expired``. NotFoundError:
    ``import_unknown``. NotAllowedError.
    """
    found = _locked(actor, case_import_id)
    inventory = _file_of(found, actor)
    if found.digest != seen:
        raise ConflictError("use_cases_changed")
    if found.result["added"] + found.result["changed"] > MOST_AT_ONCE:
        if not any(job.open for job in jobs_of(actor, [found]).values()):
            job = enqueue(
                actor=actor, kind=KIND, arguments={"case_import_id": str(found.id), "seen": seen},
                label_code="job.portfolio.import.confirm", key=f"{KIND}:{found.id}",
            )  # fmt: skip
            found.job_id = job.id
            found.save(update_fields=["job_id"])
            record(
                actor, "portfolio.import.queued", subject=("import", found.id), unit=found.unit_id,
                after={"job": job.id},
            )  # fmt: skip
    else:
        _carry_out(found, inventory, actor, seen, step=lambda _: None)
    return case_import(actor=actor, case_import_id=case_import_id)


def carry_out_case_import(
    *, actor: Actor, case_import_id: UUID, seen: str, step: Callable[[str], None], hold: Callable[[], None]
) -> None:
    """Do in the background what was confirmed, unless it would by now be something else.

    ``step``: called before each of the ``STEPS`` with its name; ``hold``: called last, before the transaction ends.

    Raises
    ------
    ConflictError: ``use_cases_changed``, ``import_expired``. NotFoundError, NotAllowedError.
    """
    step("plan")
    if visible_case_import(actor, case_import_id).state == CaseImportState.CONFIRMED:
        # A worker that died between its last change and its last word has done it.
        return
    with transaction.atomic():
        found = _locked(actor, case_import_id)
        _carry_out(found, _file_of(found, actor), actor, seen, step=step)
        hold()


def forget_case_rows(*, at: datetime) -> int:
    """Forget the rows of imports that are older than a day; returns of how many."""
    rows = CaseImport.objects.everything(because="what is read from a file is kept for a day")
    old = rows.filter(made_at__lt=at - KEPT_FOR, rows__isnull=False)
    old.filter(state=CaseImportState.PREVIEWED).update(state=CaseImportState.DISCARDED)
    return int(old.update(rows=None))


def _carry_out(
    found: CaseImport, inventory: Inventory, actor: Actor, seen: str, *, step: Callable[[str], None]
) -> None:
    # Two imports at once would each create what the other creates: the second waits here and then plans anew.
    CaseNumbering.objects.get_or_create(id=1)
    CaseNumbering.objects.select_for_update().get(id=1)
    read, plan = _plan(found, inventory, actor, lock=True)
    if not digest(plan) == found.digest == seen:
        raise ConflictError("use_cases_changed")
    apply(plan, actor=actor, import_id=found.id, step=step)
    found.state, found.confirmed_at = CaseImportState.CONFIRMED, actor.at
    # Whoever corrects the refused rows needs them; everything else stands in the use cases now.
    kept = unpack(found.rows)
    found.rows = pack(
        KeptInventory(inventory=None, lines=(), rejected=tuple(read.rejected), normalised=kept.normalised)
    )
    found.save(update_fields=["state", "confirmed_at", "rows"])
    after = {name: found.result[name] for name in ("added", "changed", "unchanged", "rejected")}
    record(actor, "portfolio.import.confirmed", subject=("import", found.id), unit=found.unit_id, after=after)


def _plan(
    found: CaseImport, inventory: Inventory, actor: Actor, *, lock: bool = False
) -> tuple[ReadCases, list[PlannedCase]]:
    around = surroundings(actor, inventory, source=found.source, unit_id=found.unit_id)
    read = read_cases(inventory, found.mapping, around)
    plan = planned(read, find=finder(read.wanted, lock=lock), may=lambda unit: actor.allows(CHANGE, unit=unit))
    read.rejected.sort(key=lambda one: one.row)
    return read, plan


def _show(found: CaseImport, inventory: Inventory, actor: Actor, sure: Mapping[str, float]) -> None:
    """Plan an import and keep what is shown of it, on the record that the caller saves."""
    read, plan = _plan(found, inventory, actor)
    for one in plan:
        for name in one.kept:
            read.notes["changed_by_both", name] += 1
    normalised = [
        NormalisedValue(field=field, said=said, became=became, count=count)
        for (field, said, became), count in sorted(read.normalised.items(), key=lambda one: (one[0][0], -one[1]))
    ]
    verbs = Counter(one.verb for one in plan)
    filled = Counter(header for row in inventory.rows for header in row.cells)
    found.digest = digest(plan)
    found.result = {
        "rows": len(inventory.rows),
        **{verb: verbs.get(verb, 0) for verb in ("added", "changed", "unchanged")},
        "rejected": len(read.rejected),
        "normalised": len(normalised),
        "columns": [
            {"header": one, "target": found.mapping[one], "confidence": sure.get(one, 0.0), "filled": filled[one]}
            for one in inventory.columns
        ],
        "notes": [
            {"code": code, "field": field, "count": count} for (code, field), count in sorted(read.notes.items())
        ],
        "left_out": left_out(inventory, found.mapping),
    }
    found.rows = pack(
        KeptInventory(
            inventory=inventory, lines=_lines(plan), rejected=tuple(read.rejected), normalised=tuple(normalised)
        )
    )


def _lines(plan: Sequence[PlannedCase]) -> tuple[CaseImportLine, ...]:
    shown = [one for one in plan if one.verb != "unchanged" or one.kept][:_MOST_SHOWN]
    return tuple(
        CaseImportLine(
            row=one.wanted.number,
            verb=one.verb,
            key=one.wanted.source_key,
            title=str(one.wanted.content["title"]),
            number=None if one.known is None else one.known.row.number,
            before=_values(one.before),
            after=_values({} if one.known is None else one.after),
            kept=one.kept,
        )
        for one in shown
    )


def _values(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, "" if value is None else str(plain(value))[:300]) for name, value in values.items())


def _locked(actor: Actor, case_import_id: UUID) -> CaseImport:
    visible_case_import(actor, case_import_id)
    rows = CaseImport.objects.visible_to(actor).select_for_update(of=("self",))
    found: CaseImport = rows.get(id=case_import_id)
    return found


def _file_of(found: CaseImport, actor: Actor) -> Inventory:
    if found.state == CaseImportState.CONFIRMED:
        raise ConflictError("import_done_already")
    inventory = unpack(found.rows).inventory
    if inventory is None or found.made_at < actor.at - KEPT_FOR:
        raise ConflictError("import_expired")
    return inventory


def _require_idle(actor: Actor, found: CaseImport) -> None:
    if any(job.open for job in jobs_of(actor, [found]).values()):
        raise ConflictError("import_under_way")
