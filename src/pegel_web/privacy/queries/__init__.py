"""Reading what privacy keeps: one call per question, the actor first."""

from pegel_web.privacy.queries.access_log import access_log
from pegel_web.privacy.queries.audit import audit_report
from pegel_web.privacy.queries.own_data import own_data, privacy_notice
from pegel_web.privacy.queries.record import processing_record
from pegel_web.privacy.queries.retention import retention_preview
from pegel_web.privacy.queries.rules import rules, rules_report

__all__ = [
    "access_log",
    "audit_report",
    "own_data",
    "privacy_notice",
    "processing_record",
    "retention_preview",
    "rules",
    "rules_report",
]
