"""One thing of each kind, all of them in Claims › Motor (K1): what the addresses of test_access.py are about."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from pegel_web.flow.models import StallReport, StreamAlert, StreamEvent, ValueStream
from pegel_web.ingestion.contracts import Reading
from pegel_web.ingestion.models import BroughtFile
from pegel_web.jobs.models import Job
from pegel_web.notifications.models import WebhookDelivery, WebhookEndpoint
from pegel_web.organisation.models import (
    Decision,
    Delegation,
    FrameEntry,
    Guardrail,
    Membership,
    Platform,
    PlatformPeriod,
    Product,
    Responsibility,
    RoleAssignment,
    Token,
    ToolUse,
)
from pegel_web.organisation.models.structure_import import StructureImport
from pegel_web.pickup.models import PickupFolder
from pegel_web.portfolio.models import (
    CaseDuty,
    CaseImport,
    CaseNumbering,
    CaseStep,
    ExperimentPattern,
    GateRequest,
    UseCase,
)
from pegel_web.privacy.models import RuleChange
from tests.pegel_web.company import AT, FROM, Company


def things_of(company: Company) -> dict[str, Any]:
    """Write one thing of each kind; return them by the name that addresses use."""
    unit, person = company.units["K1"], company.person("Thea")
    other = company.person("Otto", "employee", "K1")
    lead = company.person("Lara", "team_lead", "K1")
    membership = Membership.objects.create(person=person, unit=unit, valid_from=FROM)
    role = RoleAssignment.objects.create(person=person, role="employee", unit=unit, valid_from=FROM)
    product = Product.objects.create(code="MOTOR", name="Motor insurance", owner_unit=unit, valid_from=FROM)
    delegation = Delegation.objects.create(
        from_person=lead, to_person=other, permission="organisation.decision.take", unit=unit, valid_from=FROM,
        most_amount=Decimal(1000), most_risk=1,
    )  # fmt: skip
    decision = Decision.objects.create(
        title="A tool",
        unit=unit,
        asked_by_unit=unit,
        raised_at=AT - timedelta(days=3),
        raised_by=person,
        routed_level="team",
        level="team",
    )
    frame = FrameEntry.objects.create(unit=unit, kind="direction", text="Faster answers", valid_from=FROM)
    responsibility = Responsibility.objects.create(
        unit=unit, area="ai_tools", letter="A", person=person, valid_from=FROM
    )
    use = ToolUse.objects.create(tool="Assistant", unit=unit, owner_unit=unit, people=7, declared_on=FROM)
    platform = Platform.objects.create(owner_unit=unit)
    PlatformPeriod.objects.create(
        platform=platform, name="Gateway", kind="model_gateway", purpose="Models", owner_unit=unit, valid_from=FROM
    )
    rail = Guardrail.objects.create(
        platform=platform, name="No names", rule="No personal data", kind="data_class", enforcement="declared",
        owner_unit=unit, valid_from=FROM,
    )  # fmt: skip
    token = Token.objects.create(
        person=person, name="script", digest=uuid4().hex * 2, shown="pegel_abc", scopes=["read"], created_at=AT,
        expires_at=AT + timedelta(days=30),
    )  # fmt: skip
    job = Job.objects.create(kind="flow.refresh", label_code="flow.job.all", language="en", created_at=AT)
    stream = ValueStream.objects.create(name="Motor claims", lake_name="motor", unit=unit, valid_from=FROM)
    stall = StallReport.objects.create(
        stream=stream, state="Review", friction="approval", why="On Fridays only", author=person, reported_at=AT
    )
    event = StreamEvent.objects.create(stream=stream, day=FROM, text="New rule", author=person, noted_at=AT)
    alert = StreamAlert.objects.create(
        stream=stream, kind="stalled", count=1, limit=5, version="", opened_at=AT, last_seen_at=AT
    )
    endpoint = WebhookEndpoint.objects.create(
        name="Chat", url="https://hooks.example/", kinds=["flow.alert.opened"], secret="", made_at=AT
    )
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint, kind="notifications.test", body="{}", state="given_up", made_at=AT, next_at=AT
    )
    brought = BroughtFile.objects.create(
        unit=unit, file_name="claims.csv", size=1, digest="0" * 64, state="unreadable", options=asdict(Reading()),
        created_at=AT, changed_at=AT,
    )  # fmt: skip
    folder = PickupFolder.objects.create(
        unit=unit, person=lead, name="claims/motor", example=brought, options=asdict(Reading()), created_at=AT,
        changed_at=AT,
    )  # fmt: skip
    structure_import = StructureImport.objects.create(
        made_by=person,
        made_at=AT,
        file_name="units.csv",
        effective_date=FROM,
        digest="0" * 64,
        result={"counts": [], "total": 0, "rejected": 0, "left_out": [], "number": 0},
    )
    case, waiting = (
        UseCase.objects.create(
            number=number, title=title, pain="Three signatures", unit=unit, stream=stream, step="Review",
            state="assessed", state_since=AT - timedelta(days=2), submitted_at=AT - timedelta(days=9), changed_at=AT,
        )
        for number, title in ((1, "Read invoices"), (2, "Sort mail"))
    )  # fmt: skip
    CaseNumbering.objects.create(last=2)
    for one in (case, waiting):
        CaseStep.objects.create(use_case=one, source="", target="idea", at=one.submitted_at)
    case_import = CaseImport.objects.create(
        made_by=person, made_at=AT, file_name="inventory.csv", source="Inventory", unit=unit, digest="0" * 64,
        result={
            "rows": 0, "added": 0, "changed": 0, "unchanged": 0, "rejected": 0, "normalised": 0, "columns": [],
            "notes": [], "left_out": [],
        },
    )  # fmt: skip
    duty = CaseDuty.objects.create(use_case=case, duty="model", letter="C", person=person, since=AT)
    gate_request = GateRequest.objects.create(
        use_case=waiting, gate="prioritised", asked_by_unit=unit, unit=unit, amount=Decimal(500), risk=1,
        raised_at=AT - timedelta(days=1),
    )  # fmt: skip
    pattern = ExperimentPattern.objects.create(
        name="Drafting texts", description="Public texts only", unit=unit, most_data_class="internal", most_people=10,
        most_days=30, most_amount=Decimal(500), valid_from=FROM, changed_at=AT,
    )  # fmt: skip
    change = RuleChange.objects.create(
        rule="group_floor", value=7, reason="small teams", proposed_by=person, proposed_at=AT,
        expires_at=AT + timedelta(days=10_000),
    )  # fmt: skip
    return {
        "unit_id": unit.id, "person_id": person.id, "membership_id": membership.pk, "assignment_id": role.id,
        "product_id": product.id, "delegation_id": delegation.id, "decision_id": decision.id, "entry_id": frame.id,
        "responsibility_id": responsibility.id, "tool_use_id": use.id, "platform_id": platform.id,
        "guardrail_id": rail.id, "token_id": token.id, "job_id": job.id,
        "stream_id": stream.id, "stall_id": stall.id, "event_id": event.id, "import_id": structure_import.id,
        "proposal_id": change.id, "token": "unknown", "alert_id": alert.id, "endpoint_id": endpoint.id,
        "delivery_id": delivery.id,
        "folder_id": folder.id, "file_id": brought.id,
        "use_case_id": case.id, "case_import_id": case_import.id,
        "duty_id": duty.pk, "request_id": gate_request.id, "pattern_id": pattern.id,
        "gate": "prioritised", "code": "invoice_reading", "target": "parked", "subject": "monitoring",
        "method": "rice",
        "rule": "group_floor", "metric": "flow_time", "name": "flow_time", "form": "json",
    }  # fmt: skip
