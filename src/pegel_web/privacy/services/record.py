"""Saying who answers for the processing."""

from __future__ import annotations

from dataclasses import fields

from django.db import transaction

from pegel_web.core.actor import Actor
from pegel_web.core.audit import record
from pegel_web.core.errors import ConflictError
from pegel_web.privacy.contracts import Contacts
from pegel_web.privacy.models import RecordContacts
from pegel_web.privacy.queries.record import contacts
from pegel_web.privacy.reasons import given_text

_LONGEST: int = 1000


def change_contacts(
    *, actor: Actor, controller: str, joint_controllers: str, representative: str, data_protection_officer: str
) -> Contacts:
    """Write down the contacts of Art. 30(1)(a). The audit says which of them changed, not what they say: they may name
    people, and the audit forgets nothing by itself.

    Raises
    ------
    NotAllowedError: ``not_allowed``. InputError: see ``given_text``. ConflictError: ``rule_unchanged``.
    """
    actor.require("privacy.record.change")
    said = {
        "controller": controller,
        "joint_controllers": joint_controllers,
        "representative": representative,
        "data_protection_officer": data_protection_officer,
    }
    kept = {name: given_text(text, field=name, most=_LONGEST, needed=False, lines=True) for name, text in said.items()}
    with transaction.atomic():
        before = contacts()
        changed = [
            one.name for one in fields(Contacts) if one.name in kept and getattr(before, one.name) != kept[one.name]
        ]
        if not changed:
            raise ConflictError("rule_unchanged")
        RecordContacts.objects.update_or_create(id=1, defaults={**kept, "changed_at": actor.at})
        record(actor, "privacy.record.changed", subject=("processing_record", 1), after={"changed": changed})
    return contacts()
