"""The access log: every look is noted, nobody can change it, and those who watch over it read it themselves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from pegel_web.core.append_only import missing
from pegel_web.core.audit import record
from pegel_web.core.errors import NotAllowedError
from pegel_web.core.events import EventType, declare_events
from pegel_web.organisation.models import Person
from pegel_web.privacy.access_guard import ACCESS_GUARDS
from pegel_web.privacy.models import Access
from pegel_web.privacy.queries import access_log, audit_report
from pegel_web.privacy.services import (
    confirm_rule_change,
    note_access,
    propose_rule_change,
    read_access_log,
    read_audit,
)
from tests.pegel_web.company import AT, Company

declare_events(EventType(code="test.thing.changed", personal=frozenset({"name"})))


def looks() -> list[tuple[str, object]]:
    return list(Access.objects.everything(because="test").order_by("id").values_list("what", "unit_id"))


def test_every_look_is_counted_by_what_unit_and_role(company: Company) -> None:
    lead, deputy = company.actor("team_lead", "K1"), company.actor("employee", "K1")
    for _ in range(3):
        note_access(lead, "flow.items", company.unit("K1"))
    note_access(deputy, "flow.items", company.unit("K1"))
    note_access(lead, "flow.streams")
    report = access_log(actor=company.actor("works_council"))
    assert (report.total, report.people) == (5, 2)
    assert [(one.key, one.looks, one.people) for one in report.by_what] == [
        ("flow.items", 4, 2),
        ("flow.streams", 1, 1),
    ]
    assert [(one.key, one.looks, one.people) for one in report.by_unit] == [("Motor", 4, 2), ("", 1, 1)]
    assert [(one.key, one.looks, one.people) for one in report.by_role] == [("team_lead", 4, 1), ("employee", 1, 1)]
    assert report.lines[0].who == Person.objects.get(pk=lead.person_id).pseudonym
    assert (report.lines[0].what, report.lines[0].unit_name, report.kept_days) == ("flow.streams", "", 183)


def test_reading_it_is_noted_too(company: Company) -> None:
    council = company.actor("works_council")
    assert read_access_log(actor=council).total == 1
    read_audit(actor=council, unit=company.unit("K"))
    assert looks() == [("privacy.access_log", None), ("core.audit", company.unit("K"))]


def test_it_is_narrowed(company: Company) -> None:
    lead, council = company.actor("team_lead", "K1"), company.actor("works_council")
    note_access(lead, "flow.items", company.unit("K1"))
    note_access(replace(lead, at=AT - timedelta(days=40)), "flow.items", company.unit("K1"))
    note_access(council, "flow.streams")
    assert access_log(actor=council).total == 2
    assert access_log(actor=council, since=AT - timedelta(days=60)).total == 3
    assert access_log(actor=council, what="flow.items").total == 1
    assert access_log(actor=council, unit=company.unit("K1")).total == 1
    assert [one.roles for one in access_log(actor=council, role="works_council").lines] == [("works_council",)]
    assert access_log(actor=council, role="team").total == 0


@pytest.mark.parametrize("role", ["administrator", "executive", "team_lead", "employee", "security", "compliance"])
def test_only_those_who_watch_over_it_read_it(company: Company, role: str) -> None:
    actor = company.actor(role)
    for read in (access_log, read_access_log):
        with pytest.raises(NotAllowedError):
            read(actor=actor)
    assert looks() == []


def test_pegel_itself_does_not_look(company: Company) -> None:
    note_access(replace(company.actor("employee"), person_id=None), "flow.items")
    assert looks() == []


@pytest.mark.parametrize("statement", ["UPDATE privacy_access SET what = 'x'", "DELETE FROM privacy_access"])
def test_the_database_refuses_to_change_it(company: Company, statement: str) -> None:
    note_access(replace(company.actor("employee"), at=timezone.now()), "flow.items")
    with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert missing(connection, ACCESS_GUARDS) == []


def test_old_looks_may_go(company: Company) -> None:
    note_access(replace(company.actor("employee"), at=datetime(2026, 1, 1, tzinfo=UTC)), "flow.items")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM privacy_access")
    assert looks() == []


def test_a_forgotten_person_is_nobody(company: Company) -> None:
    lead = company.actor("team_lead", "K1")
    note_access(lead, "flow.items", company.unit("K1"))
    Person.objects.filter(pk=lead.person_id).update(erased_at=AT)
    assert access_log(actor=company.actor("works_council")).lines[0].who == ""


def test_the_audit_is_read_within_ones_units(company: Company) -> None:

    writer = company.actor("team_lead", "K1")
    for code in ("K1", "S1"):
        record(writer, "test.thing.changed", subject=("unit", company.unit(code)), unit=company.unit(code))
    record(writer, "test.thing.changed", subject=("thing", 1))
    whole, part = company.actor("compliance"), company.actor("compliance", "K")
    assert audit_report(actor=whole).total == 3
    assert [one.subject for one in audit_report(actor=part).lines] == ["Motor"]
    assert audit_report(actor=part, unit=company.unit("S1")).total == 0
    with pytest.raises(NotAllowedError):
        audit_report(actor=company.actor("employee"))


def test_who_is_a_pseudonym_in_works_council_mode_and_a_name_where_it_may_be_seen(company: Company) -> None:

    anna = company.person("Anna", "employee", "K1")
    writer, reader = company.actor("team_lead", "K1"), company.actor("compliance", "K")
    record(
        writer, "test.thing.changed", subject=("person", anna.id), unit=company.unit("K1"), about=anna.id,
        before={"name": "Ana"}, after={"name": "Anna"},
    )  # fmt: skip
    (line,) = audit_report(actor=reader).lines
    assert (line.who_kind, line.subject, line.line.changes[0].legible) == ("pseudonym", anna.pseudonym, "withheld")
    own = replace(writer, grants=reader.grants)
    (line,) = audit_report(actor=own).lines
    assert (line.who, line.who_kind) == ("team_lead-K1", "named")
    proposal = propose_rule_change(
        actor=company.actor("administrator"), rule="works_council_mode", value=0, reason="agreed"
    )
    confirm_rule_change(actor=company.actor("works_council"), proposal_id=proposal.proposal_id)
    (line,) = audit_report(actor=reader, event="test.thing.changed").lines
    assert (line.who, line.who_kind, line.subject) == ("team_lead-K1", "named", "Anna")
    (change,) = line.line.changes
    assert (change.before, change.after, change.legible) == ("Ana", "Anna", "shown")
    outsider = company.actor("works_council", "S")
    assert audit_report(actor=outsider, event="test.thing.changed").total == 0
