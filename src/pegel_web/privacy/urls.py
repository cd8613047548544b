"""Addresses of this app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from pegel_web.privacy.views import access_log, audit, erasure, notice, record, retention, rules

urlpatterns: list[URLPattern | URLResolver] = [
    path("audit/", audit.audit_report, name="audit"),
    path("privacy/", rules.rules_report, name="privacy_rules"),
    path("privacy/propose/<slug:rule>/", rules.propose_rule_change, name="propose_rule_change"),
    path("privacy/proposals/<uuid:proposal_id>/confirm/", rules.confirm_rule_change, name="confirm_rule_change"),
    path("privacy/proposals/<uuid:proposal_id>/end/", rules.end_proposal, name="end_proposal"),
    path("privacy/access-log/", access_log.access_log, name="access_log"),
    path("privacy/retention/", retention.retention_preview, name="retention_preview"),
    path("privacy/retention/<slug:kind>/", retention.change_retention, name="change_retention"),
    path("privacy/erasure/", erasure.people_to_forget, name="erasure"),
    path("privacy/erasure/<uuid:person_id>/", erasure.erase_person, name="erase_person"),
    path("privacy/record/", record.processing_record, name="processing_record"),
    path("privacy/record/contacts/", record.change_contacts, name="change_contacts"),
    path("privacy/notice/", notice.privacy_notice, name="privacy_notice"),
    path("privacy/notice/data/", notice.export_own_data, name="export_own_data"),
]
