"""Many things of each kind around the one that a page is about: what its number of queries must not grow with."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import transaction

from pegel_web.core.actor import Actor, Through
from pegel_web.core.audit import record
from pegel_web.flow.models import (
    Baseline,
    LakeReading,
    StallReport,
    StallStep,
    StallVoice,
    StreamSnapshot,
    ValueStream,
)
from pegel_web.ingestion.contracts import Reading
from pegel_web.ingestion.models import BroughtFile
from pegel_web.jobs.models import Job
from pegel_web.organisation.models import (
    Decision,
    Delegation,
    FrameEntry,
    Guardrail,
    Membership,
    Person,
    Platform,
    PlatformPeriod,
    Product,
    Responsibility,
    RoleAssignment,
    Token,
    ToolUse,
    Unit,
    UnitPeriod,
)
from pegel_web.organisation.models.structure_import import StructureImport
from pegel_web.privacy.models import Access, RuleChange
from tests.pegel_web.company import AT, FROM, Company

#: Stands in every name, so that a search finds some of each kind.
NAME: Final = "Crowd"
_numbers = count(1)
_ENDED = date(2025, 1, 1)


def crowd(company: Company, reader: Person, stream: UUID, rounds: int) -> None:
    """Write so many more of everything, most of it in Claims › Motor (K1) or about ``reader``.

    ``stream``: one that was computed; every further one gets its results.
    """
    for number in (next(_numbers) for _ in range(rounds)):
        unit = _unit(company, number)
        person, boss = _people(company, unit, number)
        product = Product.objects.create(
            code=f"P{number}", name=f"{NAME} product {number}", owner_unit=company.units["K1"], valid_from=FROM
        )
        _rights(company, reader, person, boss, unit)
        _decisions(company, reader, person, unit)
        _frame(company, unit, person)
        _responsibilities(company, person, unit, product, number)
        _programs(company, reader, person)
        _streams(stream, company.units["K1"], product, number)
        _stalls(stream, reader, person, boss)
        _kept(reader, person, unit)


def _unit(company: Company, number: int) -> Unit:
    """Return a team below Motor; beside it a department is begun, and a team of Motor has ended."""
    at_top, gone, unit = (Unit.objects.create(code=f"{sign}{number}") for sign in ("D", "G", "U"))
    motor = company.units["K1"]
    for one, kind, parent, until in (
        (at_top, "department", company.units["C"], None),
        (gone, "team", motor, _ENDED),
        (unit, "team", motor, None),
    ):
        UnitPeriod.objects.create(
            unit=one, name=f"{NAME} {one.code}", kind=kind, parent=parent, valid_from=FROM, valid_until=until
        )
    company.units[f"gone {number}"] = gone
    return unit


def _people(company: Company, unit: Unit, number: int) -> tuple[Person, Person]:
    """Return an employee of Motor and a lead; beside them somebody without a name and an agent are there."""
    person = company.person(f"{NAME}person{number}", "employee", "K1")
    boss = company.person(f"{NAME}boss{number}", "team_lead", "K1")
    unnamed = Person.objects.create(created_at=AT)
    Person.objects.create(created_at=AT, kind="agent", answers_for=company.people["Thea"])
    for one in (person, boss, unnamed):
        Membership.objects.create(person=one, unit=company.units["K1"], valid_from=FROM)
        Membership.objects.create(person=one, unit=unit, valid_from=FROM)
    for kept in ("Thea", f"{NAME}person{number}"):
        Membership.objects.create(person=company.people[kept], unit=company.units["S1"], valid_from=FROM,
                                  valid_until=_ENDED + timedelta(days=number))  # fmt: skip
    RoleAssignment.objects.create(person=company.people["Thea"], role="employee", unit=unit, valid_from=FROM)
    return person, boss


def _rights(company: Company, reader: Person, person: Person, boss: Person, unit: Unit) -> None:
    soon = datetime.now(UTC).date() + timedelta(days=10)
    RoleAssignment.objects.create(person=reader, role="champion", unit=unit, valid_from=FROM, granted_by=boss)
    for giver, taker, place in (
        (reader, person, company.units["K1"]),
        (boss, reader, company.units["K1"]),
        (boss, person, unit),
    ):
        Delegation.objects.create(
            from_person=giver, to_person=taker, permission="organisation.decision.take", unit=place, valid_from=FROM,
            valid_until=soon, most_amount=Decimal(1000), most_risk=1,
        )  # fmt: skip
    Delegation.objects.create(
        from_person=reader, to_person=person, permission="organisation.decision.take", unit=unit, valid_from=FROM,
        revoked_at=AT, revoked_by=boss,
    )  # fmt: skip


def _decisions(company: Company, reader: Person, person: Person, unit: Unit) -> None:
    asked = AT - timedelta(days=9)
    gone = next(one for name, one in reversed(company.units.items()) if name.startswith("gone"))
    for place, raised_by, outcome in (
        (unit, person, ""),
        (company.units["K1"], reader, ""),
        (company.units["K1"], person, "approved"),
        (gone, person, "rejected"),
        (unit, reader, "withdrawn"),
    ):
        done: dict[str, Any] = {"decided_at": AT, "decided_by": reader, "review_date": FROM} if outcome else {}
        Decision.objects.create(
            title="A question", unit=place, asked_by_unit=place, raised_at=asked, raised_by=raised_by,
            routed_level="team", level="team", outcome=outcome, amount=Decimal(10), risk=1, **done,
        )  # fmt: skip


def _frame(company: Company, unit: Unit, person: Person) -> None:
    for place in (company.units["C"], company.units["K1"], unit):
        for kind, amount in (("direction", None), ("limit", 5000), ("budget", 100), ("offer", None)):
            FrameEntry.objects.create(
                unit=place, kind=kind, text=f"A {kind}", amount=amount, valid_from=FROM, set_by=person
            )


def _responsibilities(company: Company, person: Person, unit: Unit, product: Product, number: int) -> None:
    motor = company.units["K1"]
    for place, area, letter in ((motor, "ai_tools", "A"), (unit, "data", "A"), (unit, "budget", "R")):
        Responsibility.objects.create(unit=place, area=area, letter=letter, person=person, valid_from=FROM)
    Responsibility.objects.create(
        unit=motor, product=product, area="product", letter="A", person=person, valid_from=FROM
    )
    platform = Platform.objects.create(owner_unit=motor)
    for begins, ends in ((FROM, AT.date()), (AT.date(), None)):
        PlatformPeriod.objects.create(
            platform=platform, name=f"Platform {number}", kind="other", purpose="Models", owner_unit=unit,
            accountable=person, valid_from=begins, valid_until=ends,
        )  # fmt: skip
    for one in (platform, None):
        Guardrail.objects.create(
            platform=one, name="No names", rule="None", kind="data_class", enforcement="declared", owner_unit=motor,
            valid_from=FROM,
        )  # fmt: skip
    ToolUse.objects.create(tool="On it", unit=unit, owner_unit=motor, people=7, declared_on=FROM, platform=platform)
    ToolUse.objects.create(tool=f"Tool {number}", unit=unit, owner_unit=motor, people=7, declared_on=FROM)
    ToolUse.objects.create(tool="Assistant", unit=unit, people=7, declared_on=FROM, declared_by=person)


def _programs(company: Company, reader: Person, person: Person) -> None:
    ends = datetime.now(UTC) + timedelta(days=30)
    for one in (reader, person):
        Token.objects.create(
            person=one, name="script", digest=uuid4().hex * 2, shown="pegel_abc", scopes=["read"], created_at=AT,
            expires_at=ends, created_by=person,
        )  # fmt: skip
        Job.objects.create(
            kind="flow.refresh", label_code="flow.job.all", language="en", created_at=AT, person_id=one.id,
            unit_id=company.unit("K1"),
        )  # fmt: skip


def _streams(stream: UUID, unit: Unit, product: Product, number: int) -> None:
    """Write a stream with the results of the computed one, and let the lake hold one that nobody has adopted."""
    made = ValueStream.objects.create(
        name=f"{NAME} stream {number}", lake_name=f"stream-{number}", unit=unit, product=product, valid_from=FROM
    )
    for kept in StreamSnapshot.objects.everything(because="rows of a test").filter(stream=stream):
        kept.pk, kept.stream, kept.content_hash = None, made, uuid4().hex
        kept.save(force_insert=True)
    reading = LakeReading.objects.get()
    known = reading.streams[0]
    reading.streams += [{**known, "lake_name": f"stream-{number}"}, {**known, "lake_name": f"unclaimed-{number}"}]
    reading.save()


def _stalls(stream: UUID, reader: Person, person: Person, boss: Person) -> None:
    """Write reports about the computed stream, joined and answered, and a baseline of it."""
    for author, status in ((reader, "open"), (person, "answered")):
        made = StallReport.objects.create(
            stream_id=stream, state="Review", friction="approval", why="On Fridays only", author=author,
            reported_at=AT, status=status,
        )  # fmt: skip
        StallVoice.objects.create(report=made, person=boss, joined_at=AT)
        if status == "answered":
            StallStep.objects.create(report=made, kind="answered", text="Seen", by=boss, at=AT)
    around = {"value": 2.0, "low": None, "high": None}
    Baseline.objects.create(
        stream_id=stream, state="Review", phase="execution", as_of=AT, definition="start_small/1",
        definition_hash="0" * 64, fingerprint=uuid4().hex * 2, taken_by=boss, at=AT,
        content={
            "from_at": AT.isoformat(), "until_at": AT.isoformat(), "policy": "first_active_to_last_done",
            "unit": "days", "n": 40, "n_per_week": 3.3, "weeks_with_data": 12, "mean": around, "p50": around,
            "p85": around, "lost_hours_per_week": around, "sufficient": True, "reason": None, "by_week": [],
        },
    )  # fmt: skip


def _kept(reader: Person, person: Person, unit: Unit) -> None:
    """Write what was done and looked at, imports, and changes of rules."""
    now = datetime.now(UTC)
    actor = Actor(person_id=person.id, at=now, through=Through.WEB, request_id="test-request")
    with transaction.atomic():
        record(actor, "organisation.unit.created", subject=("unit", unit.id), unit=unit.id, after={"code": unit.code})
    for one in (reader, person):
        Access.objects.create(
            at=now, person_id=one.id, roles="employee", what="flow.items", unit_id=unit.id, through="web",
            request_id="test-request",
        )  # fmt: skip
    job = Job.objects.create(
        kind="flow.refresh", label_code="flow.job.all", language="en", created_at=AT, person_id=reader.id
    )
    BroughtFile.objects.create(
        unit=unit, file_name="claims.csv", size=1, digest="0" * 64, state="unreadable", options=asdict(Reading()),
        created_at=AT, changed_at=AT, job=job.id,
    )  # fmt: skip
    StructureImport.objects.create(
        made_by=person, made_at=AT, file_name="units.csv", effective_date=FROM, digest="0" * 64,
        result={"counts": [], "total": 0, "rejected": 0, "left_out": [], "number": 0}, job_id=job.id,
    )  # fmt: skip
    RuleChange.objects.create(
        rule="group_floor", value=7, reason="small teams", proposed_by=person, proposed_at=AT, outcome="confirmed",
        expires_at=AT + timedelta(days=14), decided_by=reader, decided_at=AT,
    )  # fmt: skip
