"""Handing a person what Pegel knows about them."""

from __future__ import annotations

from django.db import transaction

from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.privacy.contracts import OwnData
from pegel_web.privacy.queries.own_data import own_data


def export_own_data(*, actor: Actor) -> OwnData:
    """Return everything kept about the person who asks (``queries.own_data``), and record that it was handed out."""
    with transaction.atomic():
        found = own_data(actor=actor)
        record(actor, "privacy.own_data.exported", subject=("person", actor.person()))
    return found
