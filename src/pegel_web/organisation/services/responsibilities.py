"""Who answers for what, and which tools are used: said, changed, ended."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.areas import PRODUCT, areas
from pegel_web.organisation.contracts.responsibilities import DeclaredToolUse, ResponsibilityLine
from pegel_web.organisation.models import Person, Product, Responsibility, ToolUse, Unit
from pegel_web.organisation.models.people import PersonKind
from pegel_web.organisation.models.responsibilities import Letter
from pegel_web.organisation.naming import cleaned
from pegel_web.organisation.queries import responsibilities as queries
from pegel_web.organisation.queries.platform_names import offered_platforms
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.tool_use import declared
from pegel_web.organisation.validity import valid_on

LONGEST_TOOL: Final = 120
MOST_PEOPLE: Final = 10_000_000


def assign_responsibility(
    *,
    actor: Actor,
    person_id: UUID,
    letter: Letter,
    unit_id: UUID | None = None,
    area: str | None = None,
    product_id: UUID | None = None,
    instead_of: UUID | None = None,
) -> ResponsibilityLine:
    """Let a person answer for an area of a unit (``unit_id``, ``area``) or for a product (``product_id``), from today.

    ``instead_of``: an entry that ends with it, so that a hand-over leaves neither a gap nor a double.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``, ``product_unknown``, ``person_unknown``,
    ``responsibility_unknown``. InputError: ``area_unknown``, ``responsibility_of_program``,
    ``responsibility_of_what``. ConflictError: ``responsibility_exists``.
    """
    unit, area, product = _thing(actor, unit_id, area, product_id)
    actor.require(queries.CHANGE, unit=unit)
    today = actor.at.date()
    with transaction.atomic():
        # The unit's row is the queue: the same entry made twice at one moment becomes one and a conflict.
        Unit.objects.everything(because="locked, not read").select_for_update().get(id=unit)
        person = Person.objects.filter(id=person_id, erased_at=None).first()
        if person is None:
            raise NotFoundError("person_unknown", id=person_id)
        if person.kind != PersonKind.PERSON:
            raise InputError("responsibility_of_program")
        same = Responsibility.objects.everything(because="one entry per person, letter and thing")
        if same.filter(
            valid_on(today), unit_id=unit, area=area, product_id=product, letter=letter, person_id=person_id
        ).exists():
            raise ConflictError("responsibility_exists")
        if instead_of is not None:
            old = _running(instead_of, actor)
            if (old.unit_id, old.area, old.product_id) != (unit, area, product):
                raise NotFoundError("responsibility_unknown", id=instead_of)
            _end(old, actor, today)
        row = Responsibility.objects.create(
            unit_id=unit, area=area, product_id=product, letter=letter, person_id=person_id, valid_from=today
        )
        record(
            actor,
            "organisation.responsibility.assigned",
            subject=("responsibility", row.id),
            unit=unit,
            about=person_id,
            after={"person": person_id, "letter": str(letter), "area": area, "product": product},
        )
        return queries.responsibility_of(
            actor=actor, unit_id=None if product else unit, area=None if product else area, product_id=product
        )


def end_responsibility(*, actor: Actor, responsibility_id: UUID) -> None:
    """End an entry today.

    Raises
    ------
    NotFoundError: ``responsibility_unknown``. NotAllowedError: ``not_allowed``. ConflictError:
    ``responsibility_over``.
    """
    with transaction.atomic():
        row = _running(responsibility_id, actor)
        actor.require(queries.CHANGE, unit=row.unit_id)
        _end(row, actor, actor.at.date())


def declare_tool_use(
    *,
    actor: Actor,
    tool: str,
    unit_id: UUID,
    people: int,
    owner_unit_id: UUID | None = None,
    platform_id: UUID | None = None,
) -> DeclaredToolUse:
    """Say that a unit uses a tool with so many people, and which unit owns the tool; 0 people: it does not any more.

    ``platform_id``: the platform it runs on there, which has to be offered today.

    The latest declaration counts. A second one on the same day replaces the first.

    Raises
    ------
    NotAllowedError: ``not_allowed``. NotFoundError: ``unit_unknown``. InputError: ``people_out_of_range``,
    ``platform_not_offered`` and those of ``cleaned``.
    """
    structure = structure_on(actor.at.date())
    for unit in (unit_id, owner_unit_id):
        if unit is not None and unit not in structure.nodes:
            raise NotFoundError("unit_unknown", id=unit)
    actor.require(queries.CHANGE, unit=unit_id)
    if not 0 <= people <= MOST_PEOPLE:
        raise InputError("people_out_of_range", most=MOST_PEOPLE)
    if platform_id is not None and platform_id not in offered_platforms(actor.at.date()):
        raise InputError("platform_not_offered", field="platform_id")
    name = cleaned(tool, field="tool", most=LONGEST_TOOL)
    with transaction.atomic():
        Unit.objects.everything(because="locked, not read").select_for_update().get(id=unit_id)
        rows = ToolUse.objects.everything(because="the declarations of this unit")
        earlier = rows.filter(unit_id=unit_id, tool__iexact=name).order_by("-declared_on").first()
        before = None if earlier is None else _declared_values(earlier)
        if earlier is not None and earlier.declared_on == actor.at.date():
            row = earlier
        else:
            # The same tool keeps the way it was first written here.
            row = ToolUse(tool=name if earlier is None else earlier.tool, unit_id=unit_id, declared_on=actor.at.date())
        row.people, row.owner_unit_id, row.declared_by_id = people, owner_unit_id, actor.person()
        row.platform_id = platform_id
        row.save()
        record(
            actor,
            "organisation.tool_use.declared",
            subject=("tool_use", row.id),
            unit=unit_id,
            before=before,
            after={"tool": row.tool, **_declared_values(row)},
        )
        return declared(row, structure)


def _declared_values(row: ToolUse) -> dict[str, object]:
    return {"people": row.people, "owner_unit": row.owner_unit_id, "platform": row.platform_id}


def _thing(
    actor: Actor, unit_id: UUID | None, area: str | None, product_id: UUID | None
) -> tuple[UUID, str, UUID | None]:
    """Return unit, area and product of what is answered for."""
    if product_id is not None and unit_id is None and area is None:
        product = Product.objects.visible_to(actor).filter(id=product_id).first()
        if product is None:
            raise NotFoundError("product_unknown", id=product_id)
        return product.owner_unit_id, PRODUCT, product.id
    if product_id is not None or unit_id is None or area is None:
        raise InputError("responsibility_of_what")
    if unit_id not in structure_on(actor.at.date()).nodes:
        raise NotFoundError("unit_unknown", id=unit_id)
    if area not in areas():
        raise InputError("area_unknown", known=list(areas()))
    return unit_id, area, None


def _running(responsibility_id: UUID, actor: Actor) -> Responsibility:
    rows = Responsibility.objects.visible_to(actor).select_for_update()
    row: Responsibility | None = rows.filter(id=responsibility_id).first()
    if row is None:
        raise NotFoundError("responsibility_unknown", id=responsibility_id)
    if row.valid_until is not None and row.valid_until <= actor.at.date():
        raise ConflictError("responsibility_over")
    return row


def _end(row: Responsibility, actor: Actor, today: date) -> None:
    """End an entry; one that began today leaves no period behind."""
    entry = row.id
    if row.valid_from >= today:
        row.delete()
    else:
        row.valid_until = today
        row.save(update_fields=["valid_until"])
    record(
        actor,
        "organisation.responsibility.ended",
        subject=("responsibility", entry),
        unit=row.unit_id,
        about=row.person_id,
        before={"person": row.person_id, "letter": row.letter, "area": row.area, "product": row.product_id},
    )
