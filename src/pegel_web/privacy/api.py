"""Privacy and the audit, for programs. What a person has to do in person (rules, forgetting) is not here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ninja import Field, Query, Router, Schema

from pegel_web.core.rest import ApiRequest
from pegel_web.privacy import queries, services
from pegel_web.privacy.contracts import (
    AccessReport,
    AuditReport,
    OwnData,
    PrivacyNotice,
    PrivacyRules,
    ProcessingRecord,
    RetentionLine,
    RulesReport,
)
from pegel_web.privacy.installation import erased_people, installation

router = Router(tags=["privacy"])


class AuditFilter(Schema):
    """Which part of the audit."""

    event: str = Field("", max_length=80, description="A code, or the beginning of codes that ends with a full stop.")
    subject_type: str = Field("", max_length=60)
    subject_id: str = Field("", max_length=64)
    unit: UUID | None = None
    since: datetime | None = None
    until: datetime | None = Field(None, description="Not included.")
    offset: int = Field(0, ge=0, le=1_000_000)
    limit: int = Field(50, ge=1, le=500)


class AccessFilter(Schema):
    """Which part of the access log."""

    what: str = Field("", max_length=80)
    unit: UUID | None = None
    role: str = Field("", max_length=40)
    since: datetime | None = Field(None, description="Left out: 30 days before `until`.")
    until: datetime | None = Field(None, description="Not included; left out: now.")


class Days(Schema):
    """How long something is kept."""

    days: int


@router.get("/audit", response=AuditReport)
def audit_report(request: ApiRequest, wanted: Query[AuditFilter]) -> AuditReport:
    """What was done, the newest first, in the units you answer for. Reading it is noted in the access log."""
    return services.read_audit(actor=request.actor, **wanted.dict())


@router.get("/privacy/rules", response=PrivacyRules)
def rules(request: ApiRequest) -> PrivacyRules:
    """Works-council mode, the group floor and whether people are pseudonyms."""
    return queries.rules()


@router.get("/privacy/rules/report", response=RulesReport)
def rules_report(request: ApiRequest) -> RulesReport:
    """The rules with every change proposed so far. Changing them takes two people on the page."""
    return queries.rules_report(actor=request.actor)


@router.get("/privacy/access-log", response=AccessReport)
def access_log(request: ApiRequest, wanted: Query[AccessFilter]) -> AccessReport:
    """Who looked at data about items or people, with pseudonyms. Reading it is noted in it."""
    return services.read_access_log(actor=request.actor, **wanted.dict())


@router.get("/privacy/retention", response=list[RetentionLine])
def retention_preview(request: ApiRequest) -> tuple[RetentionLine, ...]:
    """How long each kind of data is kept, and how much would go now."""
    return queries.retention_preview(actor=request.actor, erased=erased_people())


@router.put("/privacy/retention/{kind}", response=Days)
def change_retention(request: ApiRequest, kind: str, sent: Days) -> Days:
    """Choose how many days a kind is kept."""
    return Days(days=services.change_retention(actor=request.actor, kind=kind, days=sent.days))


@router.get("/privacy/record", response=ProcessingRecord)
def processing_record(request: ApiRequest) -> ProcessingRecord:
    """The record of processing activities (GDPR Art. 30(1))."""
    return queries.processing_record(actor=request.actor, installation=installation())


@router.get("/privacy/notice", response=PrivacyNotice)
def privacy_notice(request: ApiRequest) -> PrivacyNotice:
    """What is kept about you, in numbers, and who looked at your units, by role."""
    return queries.privacy_notice(actor=request.actor)


@router.post("/privacy/own-data", response=OwnData)
def export_own_data(request: ApiRequest) -> OwnData:
    """Everything kept about you (GDPR Art. 15); that it was handed out is recorded."""
    return services.export_own_data(actor=request.actor)
