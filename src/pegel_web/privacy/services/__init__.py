"""Changing what privacy keeps: one call per step, the actor first, one transaction each."""

from pegel_web.privacy.services.access_log import note_access, read_access_log, read_audit
from pegel_web.privacy.services.erasure import (
    erase_person,
    people_to_forget,
    person_shown_for_erasure,
    reapply_erasures,
)
from pegel_web.privacy.services.own_data import export_own_data
from pegel_web.privacy.services.record import change_contacts
from pegel_web.privacy.services.retention import apply_retention, change_retention
from pegel_web.privacy.services.rules import confirm_rule_change, end_proposal, propose_rule_change

__all__ = [
    "apply_retention",
    "change_contacts",
    "change_retention",
    "confirm_rule_change",
    "end_proposal",
    "erase_person",
    "export_own_data",
    "note_access",
    "people_to_forget",
    "person_shown_for_erasure",
    "propose_rule_change",
    "read_access_log",
    "read_audit",
    "reapply_erasures",
]
