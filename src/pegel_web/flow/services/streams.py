"""Adopting a stream of the lake, changing what is known about it, ending it."""

from __future__ import annotations

from datetime import date
from typing import cast
from uuid import UUID

from django.db import IntegrityError, transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import LakeReading, StreamProject, ValueStream
from pegel_web.flow.queries.streams import CHANGE, seen_stream, stream_of
from pegel_web.flow.services.refreshing import enqueue_refresh
from pegel_web.organisation.queries.products import product_report
from pegel_web.organisation.queries.structure import structure_on

LONGEST_NAME = 200


def adopt_stream(*, actor: Actor, lake_name: str, name: str, unit_id: UUID, product_id: UUID | None = None) -> Stream:
    """Let a unit answer for a stream of the lake from today on, and have it computed.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``, ``lake_stream_unknown``, ``product_unknown``.
    InputError: ``stream_name_missing``, ``stream_name_too_long``. ConflictError: ``stream_adopted_already``.
    """
    _require_unit(actor, unit_id)
    title = _name(name)
    known = LakeReading.objects.first()
    if known is None or all(one["lake_name"] != lake_name for one in known.streams):
        raise NotFoundError("lake_stream_unknown", name=lake_name)
    try:
        with transaction.atomic():
            row = ValueStream.objects.create(
                name=title,
                lake_name=lake_name,
                unit_id=unit_id,
                product_id=_product(actor, product_id),
                valid_from=actor.at.date(),
            )
            StreamProject.objects.create(stream=row, lake_name=lake_name, valid_from=row.valid_from)
            record(
                actor,
                "flow.stream.adopted",
                subject=("stream", row.id),
                unit=unit_id,
                after={"name": title, "lake_name": lake_name, "unit": unit_id, "product": product_id},
            )
            enqueue_refresh(actor=actor, stream=row)
    except IntegrityError:
        raise ConflictError("stream_adopted_already", name=lake_name) from None
    return stream_of(row, structure_on(actor.at.date()))


def change_stream(*, actor: Actor, stream_id: UUID, name: str, unit_id: UUID, product_id: UUID | None = None) -> Stream:
    """Give a stream another name, another unit that answers for it, or another product.

    Raises
    ------
    NotFoundError: ``stream_unknown``, ``unit_unknown``, ``product_unknown``. InputError: see ``adopt_stream``.
    NotAllowedError: ``not_allowed``, also where the actor may not change streams of the new unit.
    """
    title = _name(name)
    with transaction.atomic():
        row = locked_stream(actor, stream_id)
        if unit_id != row.unit_id:
            _require_unit(actor, unit_id)
        product = product_id if product_id == row.product_id else _product(actor, product_id)
        before = {"name": row.name, "unit": row.unit_id, "product": row.product_id}
        after = {"name": title, "unit": unit_id, "product": product}
        if before != after:
            row.name, row.unit_id, row.product_id = title, unit_id, product
            row.save(update_fields=["name", "unit", "product"])
            changed = [one for one in after if before[one] != after[one]]
            record(
                actor,
                "flow.stream.changed",
                subject=("stream", row.id),
                unit=unit_id,
                before={one: before[one] for one in changed},
                after={one: after[one] for one in changed},
            )
        return stream_of(row, structure_on(actor.at.date()))


def end_stream(*, actor: Actor, stream_id: UUID) -> date:
    """Let a stream end today: it leaves the pages, its record and audit stay. The lake's stream can be adopted anew.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``.
    """
    today = actor.at.date()
    with transaction.atomic():
        row = locked_stream(actor, stream_id)
        row.valid_until = max(today, row.valid_from)
        row.save(update_fields=["valid_until"])
        names = row.projects.everything(because="of a stream that the actor may change").filter(valid_until=None)
        names.update(valid_until=row.valid_until)
        row.snapshots.everything(because="what is not shown is not kept").delete()
        row.selections.everything(because="what is not shown is not kept").delete()
        record(
            actor,
            "flow.stream.ended",
            subject=("stream", row.id),
            unit=row.unit_id,
            before={"valid_until": None},
            after={"valid_until": row.valid_until},
        )
    return today


def locked_stream(actor: Actor, stream_id: UUID) -> ValueStream:
    """Return a stream that the actor may change, locked until the end of the transaction.

    Raises
    ------
    NotFoundError: ``stream_unknown``. NotAllowedError: ``not_allowed``.
    """
    seen = seen_stream(actor, stream_id)
    actor.require(CHANGE, unit=seen.unit_id)
    rows = ValueStream.objects.everything(because="seen in the lines above").select_for_update()
    row = cast("ValueStream", rows.get(pk=stream_id))
    # Somebody may have moved or ended it between the look and the lock.
    if row.valid_until is not None:
        raise NotFoundError("stream_unknown", id=stream_id)
    actor.require(CHANGE, unit=row.unit_id)
    return row


def _require_unit(actor: Actor, unit_id: UUID) -> None:
    if unit_id not in structure_on(actor.at.date()).nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    actor.require(CHANGE, unit=unit_id)


def _name(text: str) -> str:
    found = " ".join(text.replace("\0", "").split())
    if not found:
        raise InputError("stream_name_missing")
    if len(found) > LONGEST_NAME:
        raise InputError("stream_name_too_long", most=LONGEST_NAME)
    return found


def _product(actor: Actor, product_id: UUID | None) -> UUID | None:
    """Return a product that the actor may see."""
    if product_id is None:
        return None
    return product_report(actor=actor, product_id=product_id).product_id
