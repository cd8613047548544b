"""Taking one's turn: changes of the organisation happen one after another, on every database."""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from pegel.errors import InternalError
from pegel_web.core.errors import ConflictError
from pegel_web.organisation.models import OrganisationState


def state_number() -> int:
    """Return how many changes of the organisation there have been, without taking a turn."""
    return OrganisationState.objects.values_list("number", flat=True).first() or 0


def take_turn(*, seen: int | None = None) -> int:
    """Wait for other changes of the organisation to end, and return the number of this one.

    The row stays locked until the open transaction ends, so that what is read from here on cannot change meanwhile.
    ``seen``: the number of the state that a person was shown.

    Raises
    ------
    ConflictError: ``organisation_changed``, where something else has changed since. InternalError: outside of a
    transaction.
    """
    if not connection.in_atomic_block:
        raise InternalError("turn_outside_transaction")
    if not OrganisationState.objects.update(number=F("number") + 1):
        try:
            with transaction.atomic():
                OrganisationState.objects.create(number=1)
        except IntegrityError:
            OrganisationState.objects.update(number=F("number") + 1)
    number = OrganisationState.objects.values_list("number", flat=True).get()
    if seen is not None and number != seen + 1:
        raise ConflictError("organisation_changed")
    return number
