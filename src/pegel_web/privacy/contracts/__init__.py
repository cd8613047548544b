"""What queries and services of privacy answer with, by subject."""

from pegel_web.privacy.contracts.access import AccessCount, AccessLine, AccessReport
from pegel_web.privacy.contracts.audit import AuditReport, NamedLine
from pegel_web.privacy.contracts.erasure import Erasure, ForgettablePerson
from pegel_web.privacy.contracts.own_data import OwnAccess, OwnData, PrivacyNotice
from pegel_web.privacy.contracts.record import Activity, Contacts, Installation, ProcessingRecord
from pegel_web.privacy.contracts.retention import RetentionLine, RetentionRun
from pegel_web.privacy.contracts.rules import PrivacyRules, RuleProposal, RulesReport

__all__ = [
    "AccessCount",
    "AccessLine",
    "AccessReport",
    "Activity",
    "AuditReport",
    "Contacts",
    "Erasure",
    "ForgettablePerson",
    "Installation",
    "NamedLine",
    "OwnAccess",
    "OwnData",
    "PrivacyNotice",
    "PrivacyRules",
    "ProcessingRecord",
    "RetentionLine",
    "RetentionRun",
    "RuleProposal",
    "RulesReport",
]
