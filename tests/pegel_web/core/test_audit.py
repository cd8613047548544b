"""Recording: in the change's transaction or not at all, and readable by nobody once a person is forgotten."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from pegel.errors import InternalError
from pegel_web.core.actor import Actor
from pegel_web.core.append_only import AUDIT_GUARDS, missing
from pegel_web.core.audit import Deed, entry_digest, opened, record, record_many
from pegel_web.core.events import EventType, declare_events
from pegel_web.core.models import AuditEntry, AuditSeal
from pegel_web.core.person_keys import decipher, encipher, moved_on, new_key
from pegel_web.core.seals import seal_entries
from pegel_web.organisation.models import Identity, Unit
from tests.pegel_web.company import AT, Company

declare_events(EventType(code="test.thing.changed", personal=frozenset({"name"})))


def _create(actor: Actor, code: str, *, first: bool = False) -> None:
    """Record and create a unit, in one order or the other."""
    if first:
        record(actor, "test.thing.changed", subject=("thing", 1))
    Unit.objects.create(code=code)
    if not first:
        record(actor, "test.thing.changed", subject=("thing", 1))


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.everything(because="test").order_by("at", "id"))


def test_an_entry_says_who_did_what_where_and_how(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    record(
        actor, "test.thing.changed", subject=("thing", 7), unit=company.unit("K1"),
        before={"size": 1}, after={"size": 2, "price": Decimal("1.50"), "until": date(2026, 5, 1)},
    )  # fmt: skip
    (entry,) = entries()
    assert (entry.event, entry.actor_id, entry.at) == ("test.thing.changed", actor.person_id, AT)
    assert (entry.subject_type, entry.subject_id, entry.unit_id) == ("thing", "7", company.unit("K1"))
    assert (entry.before, entry.after) == ({"size": 1}, {"size": 2, "price": "1.50", "until": "2026-05-01"})
    assert (entry.through, entry.request_id, entry.seal_id) == ("web", "test-request", None)
    assert entry.digest == entry_digest(entry)


@pytest.mark.parametrize(
    "hostile",
    ["a\0b", "\ud800half", "\u202eright to left", "<script>alert(1)</script>", "=cmd()", "x" * 1_000_000, 10**30,
     float("nan"), float("inf"), {"a\0": ["\0", {"b": None}]}, -0.0, 1e5, "é", "e\u0301", True, "\x7f"],
    ids=range(16),
)  # fmt: skip
def test_what_is_kept_is_what_is_read_again_in_every_database(company: Company, hostile: object) -> None:
    record(company.actor("employee"), "test.thing.changed", subject=("thing", 1), after={"value": hostile})
    (entry,) = entries()
    assert entry.digest == entry_digest(entry)


def test_what_nobody_declared_is_not_recorded(company: Company) -> None:
    with pytest.raises(InternalError) as refused:
        record(company.actor("employee"), "test.thing.misspelt", subject=("thing", 1))
    assert refused.value.code == "event_unknown"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction(company: Company) -> None:
    with pytest.raises(InternalError) as refused:
        record(company.actor("employee"), "test.thing.changed", subject=("thing", 1))
    assert refused.value.code == "audit_outside_transaction"
    assert entries() == []


@pytest.mark.django_db(transaction=True)
def test_a_change_whose_record_fails_does_not_happen(company: Company) -> None:
    actor = replace(company.actor("employee"), request_id="x" * 65 if connection.vendor == "postgresql" else None)
    with pytest.raises(DatabaseError), transaction.atomic():
        _create(actor, "NEW")
    assert not Unit.objects.everything(because="test").filter(code="NEW").exists()
    assert entries() == []


@pytest.mark.django_db(transaction=True)
def test_a_change_that_fails_leaves_no_record(company: Company) -> None:
    actor = company.actor("employee")
    with pytest.raises(IntegrityError), transaction.atomic():
        _create(actor, "C", first=True)
    assert entries() == []


def test_no_setting_switches_it_off(db: None) -> None:
    assert [name for name in dir(settings) if "AUDIT" in name] == []
    assert missing(connection, AUDIT_GUARDS) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET event = 'test.other'",
        "UPDATE core_auditentry SET after = NULL",
        "UPDATE core_auditentry SET seal_id = NULL",
        "UPDATE core_auditentry SET seal_id = 2",
        "DELETE FROM core_auditentry",
        "UPDATE core_auditseal SET digest = 'x'",
        "UPDATE core_auditseal SET number = 9",
        "DELETE FROM core_auditseal",
    ],
)
def test_the_database_refuses_to_change_what_is_recorded(company: Company, statement: str) -> None:
    record(company.actor("employee"), "test.thing.changed", subject=("thing", 1), after={"a": 1})
    seal_entries(at=AT)
    with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_refuses_to_change_an_entry_while_it_is_sealed(company: Company) -> None:
    record(company.actor("employee"), "test.thing.changed", subject=("thing", 1))
    AuditSeal.objects.create(number=1, sealed_at=AT, entries=0, contents=[], previous_digest="", digest="")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE core_auditentry SET seal_id = 1, event = 'test.other'")


def test_the_database_refuses_to_replace_or_empty(company: Company) -> None:
    record(company.actor("employee"), "test.thing.changed", subject=("thing", 1))
    statement = (
        "TRUNCATE core_auditentry"
        if connection.vendor == "postgresql"
        else "INSERT OR REPLACE INTO core_auditentry SELECT * FROM core_auditentry"
    )
    connection.check_constraints()  # PostgreSQL empties no table on which a check still waits
    with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_personal_values_are_kept_under_the_key_of_the_person(company: Company) -> None:
    person = company.person("Anna Example")
    actor = company.actor("employee")
    record(actor, "test.thing.changed", subject=("person", person.id), about=person.id, after={"name": "Anna"})
    (entry,) = entries()
    assert "Anna" not in str(entry.after)
    kept = entry.after["name"]["sealed"]
    assert opened([(person.id, kept), (person.id, "")]) == ['"Anna"', None]
    Identity.objects.filter(person=person).delete()
    assert opened([(person.id, kept)]) == [None]
    record(actor, "test.thing.changed", subject=("person", person.id), about=person.id, after={"name": "Anna"})
    assert [one.after["name"]["sealed"] == "" for one in entries()].count(True) == 1


def test_a_personal_value_needs_its_person(company: Company) -> None:
    with pytest.raises(InternalError) as refused:
        record(company.actor("employee"), "test.thing.changed", subject=("person", 1), after={"name": "Anna"})
    assert refused.value.code == "personal_without_person"


def test_a_key_that_moved_on_reads_only_what_came_later() -> None:
    key = new_key()
    said = {
        at: encipher(key, at.isoformat(), at=at)
        for at in (
            datetime(2019, 5, 1, tzinfo=UTC),
            datetime(2026, 3, 31, 23, 59, tzinfo=UTC),
            datetime(2026, 4, 1, tzinfo=UTC),
        )
    }  # fmt: skip
    assert [decipher(key, one) for one in said.values()] == [at.isoformat() for at in said]
    later = moved_on(key, to=date(2026, 4, 1))
    assert [decipher(later, one) for one in said.values()] == [None, None, "2026-04-01T00:00:00+00:00"]
    assert moved_on(moved_on(key, to=date(2025, 1, 1)), to=date(2026, 4, 1)) == later
    assert moved_on(later, to=date(2020, 1, 1)) == later
    assert len(later) <= 64
    assert decipher(later, "nonsense") is decipher(later, "99:") is decipher(later, "-1:x") is None
    assert decipher(later, encipher(later, "back", at=datetime(2024, 1, 1, tzinfo=UTC))) == "back"


def test_many_entries_are_the_same_as_one_by_one(company: Company) -> None:
    actor, anna, bert = company.actor("team_lead", "K1"), company.person("Anna"), company.person("Bert")
    said = [
        {"subject": ("thing", n), "unit": company.unit("K1"), "about": one.id, "before": before,
         "after": {"name": "Now", "n": n}}
        for n, (one, before) in enumerate([(anna, None), (bert, {"name": None}), (anna, {"name": "Then", "size": 1})])
    ]  # fmt: skip
    for one in said:
        record(actor, "test.thing.changed", **one)  # type: ignore[arg-type]  # as given
    record_many(actor, [Deed(event="test.thing.changed", **one) for one in said])  # type: ignore[arg-type]  # the same
    kept: dict[str, list[object]] = {}
    for entry in entries():
        values = [
            {name: opened([(entry.about_person_id, one["sealed"])])[0] if isinstance(one, dict) else one
             for name, one in side.items()} if side is not None else None
            for side in (entry.before, entry.after)
        ]  # fmt: skip
        assert entry.digest == entry_digest(entry)
        row = (entry.event, entry.actor_id, entry.at, entry.through, entry.unit_id, entry.about_person_id, values)
        kept.setdefault(entry.subject_id, []).append(row)
    assert {subject: len(rows) for subject, rows in kept.items()} == {"0": 2, "1": 2, "2": 2}
    assert all(one == other for one, other in kept.values())
    assert kept["2"][0][-1] == [{"name": '"Then"', "size": 1}, {"name": '"Now"', "n": 2}]  # type: ignore[index]  # a row
    assert seal_entries(at=AT) == 6


def test_of_many_entries_all_are_recorded_or_none(company: Company) -> None:
    actor = company.actor("employee")
    good, unknown = (
        Deed(event=event, subject=("thing", 1)) for event in ("test.thing.changed", "test.thing.undeclared")
    )
    nameless = Deed(event="test.thing.changed", subject=("thing", 1), after={"name": "Anna"})
    for bad, code in ((unknown, "event_unknown"), (nameless, "personal_without_person")):
        with pytest.raises(InternalError) as refused:
            record_many(actor, [good, bad])
        assert refused.value.code == code
    assert entries() == []
    record_many(actor, [])
    assert entries() == []


def test_many_entries_are_few_questions(company: Company) -> None:
    actor, people = company.actor("employee"), [company.person(f"P{n}", user=False) for n in range(60)]
    deeds = [
        Deed(event="test.thing.changed", subject=("thing", 1), about=one.id, after={"name": "x"}) for one in people
    ]
    with CaptureQueriesContext(connection) as asked:
        record_many(actor, deeds)
    # Whose keys are missing, one key for each of them, the keys again, and one insertion.
    assert len(asked) <= 8, [one["sql"][:80] for one in asked]
    assert len({identity.key for identity in Identity.objects.filter(person__in=people)}) == 60
