"""The record of processing activities, filled in from what this installation does."""

from __future__ import annotations

from collections.abc import Mapping

from pegel_web.core import queries as core
from pegel_web.core.actor import Actor
from pegel_web.organisation.queries.known_people import numbers_of_people
from pegel_web.privacy.contracts import Activity, Contacts, Installation, ProcessingRecord
from pegel_web.privacy.models import Access, RecordContacts
from pegel_web.privacy.queries.retention import chosen_days
from pegel_web.privacy.queries.rules import rules
from pegel_web.privacy.statements import retention_kinds

#: Activity → kind of retention; empty: its words say how long.
_ACTIVITIES: Mapping[str, str] = {
    "people": "",
    "sign_in": "sessions",
    "responsibilities": "",
    "flow": "",
    "stalls": "stall_reports",
    "audit": "audit_values",
    "access_log": "access_log",
    "jobs": "finished_jobs",
    "digests": "digests",
    "erasure": "erased_people",
}


def processing_record(*, actor: Actor, installation: Installation) -> ProcessingRecord:
    """Return the record; what only the organisation knows is empty until somebody says it.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require("privacy.record.view")
    people = numbers_of_people()
    counts = {
        "people": people["people"],
        "sign_in": people["accounts"],
        "audit": core.number_of_entries(),
        "access_log": Access.objects.everything(because="the record counts").count(),
        "erasure": people["forgotten"],
    }
    kept = {kind: chosen_days().get(kind, row.default) for kind, row in retention_kinds().items()}
    held = rules()
    return ProcessingRecord(
        at=actor.at,
        contacts=contacts(),
        activities=tuple(
            Activity(id=one, count=counts.get(one), retention=kind, days=kept.get(kind))
            for one, kind in _ACTIVITIES.items()
        ),
        measures=(
            ("roles", True),
            ("audit", True),
            ("pseudonyms", held.pseudonyms),
            ("group_floor", True),
            ("access_log", True),
            ("person_keys", True),
            ("tls", installation.https),
            ("two_factor", installation.two_factor != "optional"),
            ("single_sign_on", installation.single_sign_on),
            ("password_hash", True),
            ("backups", False),
        ),
        may_change=actor.allows("privacy.record.change"),
    )


def contacts() -> Contacts:
    """Return who answers for the processing, as far as somebody said it."""
    row = RecordContacts.objects.first()
    return Contacts(
        controller="" if row is None else row.controller,
        joint_controllers="" if row is None else row.joint_controllers,
        representative="" if row is None else row.representative,
        data_protection_officer="" if row is None else row.data_protection_officer,
        changed_at=None if row is None else row.changed_at,
    )
