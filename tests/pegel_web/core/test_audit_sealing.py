"""The chain: nobody waits for it, everything committed gets into it, every kind of tampering is named."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from pegel_web.core.append_only import AUDIT_GUARDS, guard, unguard
from pegel_web.core.audit import record
from pegel_web.core.events import EventType, declare_events
from pegel_web.core.heads import HeadsFile
from pegel_web.core.models import AuditEntry, AuditSeal
from pegel_web.core.seals import GENESIS, seal_entries
from pegel_web.core.verification import verify_audit
from tests.pegel_web.company import AT, Company

declare_events(EventType(code="test.thing.changed", personal=frozenset({"name"})))


def write(company: Company, n: int = 1, *, minutes: int = 0) -> None:
    actor = replace(company.actor("employee"), at=AT + timedelta(minutes=minutes))
    for number in range(n):
        record(actor, "test.thing.changed", subject=("thing", number), after={"n": number})


def ids(seal: int | None) -> list[str]:
    found = AuditEntry.objects.everything(because="test").filter(seal=seal).order_by("at", "id")
    return [str(one.id) for one in found]


@pytest.fixture
def heads(tmp_path: Path) -> HeadsFile:
    return HeadsFile(tmp_path / "data")


@pytest.fixture
def chain(company: Company, heads: HeadsFile) -> HeadsFile:
    """Three seals with 2, 3 and 1 entries, and one entry that is not sealed yet."""
    for minutes, n in enumerate((2, 3, 1)):
        write(company, n, minutes=minutes)
        assert seal_entries(at=AT + timedelta(minutes=minutes), heads=heads) == n
    write(company, minutes=9)
    return heads


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            values = tuple(
                value.replace("-", "") if isinstance(value, str) and len(value) == 36 else value for value in values
            )
        cursor.execute(statement, values)


def tampered(heads: HeadsFile, statement: str, *values: object) -> list[tuple[str, object]]:
    """Change the database as somebody with its password would, put the triggers back, and check."""
    unguard(connection, AUDIT_GUARDS)
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("ALTER TABLE core_auditentry DISABLE TRIGGER ALL")
        sql("ALTER TABLE core_auditseal DISABLE TRIGGER ALL")
    sql(statement, *values)
    guard(connection, AUDIT_GUARDS)
    found = verify_audit(heads=heads).findings
    return [(one.code, one.values.get("id", one.values.get("number"))) for one in found]


def test_each_seal_binds_what_was_there_to_what_came_before(chain: HeadsFile) -> None:
    seals = list(AuditSeal.objects.order_by("number"))
    assert [(one.number, one.entries, len(one.contents)) for one in seals] == [(1, 2, 2), (2, 3, 3), (3, 1, 1)]
    assert [one.previous_digest for one in seals] == [GENESIS, seals[0].digest, seals[1].digest]
    assert [one.split(":")[0] for one in seals[1].contents] == ids(2)
    found = verify_audit(heads=chain)
    assert (found.entries, found.unsealed, found.seals, found.whole) == (7, 1, 3, True)
    assert (found.head_number, found.head_digest) == (3, seals[2].digest)


def test_an_empty_audit_is_whole(db: None, heads: HeadsFile) -> None:
    assert seal_entries(at=AT, heads=heads) == 0
    found = verify_audit(heads=heads)
    assert (found.entries, found.seals, found.head_digest, found.findings) == (0, 0, GENESIS, ())


def test_every_seal_is_noted_outside_once(chain: HeadsFile) -> None:
    seal_entries(at=AT, heads=chain)
    seal_entries(at=AT, heads=chain)
    noted = [json.loads(line) for line in chain.path.read_text().splitlines()]
    assert [one["number"] for one in noted] == [1, 2, 3, 4]
    assert noted[-1]["digest"] == AuditSeal.objects.get(number=4).digest
    assert chain.path.stat().st_mode & 0o777 == 0o600


def test_what_was_not_noted_because_of_a_crash_is_noted_later(company: Company, heads: HeadsFile) -> None:
    write(company)
    seal_entries(at=AT, heads=heads)
    write(company)
    seal_entries(at=AT)
    with heads.path.open("a") as file:
        file.write('{"number": 2, "dig')
    seal_entries(at=AT, heads=heads)
    assert [one.code for one in verify_audit(heads=heads).findings] == ["head_unreadable"]
    assert [one.number for one in heads.read() or ()] == [1, 0, 2]


def test_an_altered_entry_is_named(chain: HeadsFile) -> None:
    victim = ids(2)[1]
    assert tampered(chain, "UPDATE core_auditentry SET subject_id = '99' WHERE id = %s", victim) == [
        ("entry_altered", victim)
    ]


def test_an_altered_entry_with_another_digest_is_named(chain: HeadsFile) -> None:
    victim = ids(2)[1]
    assert tampered(chain, "UPDATE core_auditentry SET digest = %s WHERE id = %s", "0" * 64, victim) == [
        ("entry_altered", victim)
    ]


def test_an_altered_entry_that_is_not_sealed_yet_is_named(chain: HeadsFile) -> None:
    (victim,) = ids(None)
    assert tampered(chain, "UPDATE core_auditentry SET event = 'test.nothing' WHERE id = %s", victim) == [
        ("entry_altered", victim)
    ]


def test_a_deleted_entry_is_named(chain: HeadsFile) -> None:
    victim = ids(2)[0]
    assert tampered(chain, "DELETE FROM core_auditentry WHERE id = %s", victim) == [("entry_deleted", victim)]


def test_an_entry_moved_to_another_seal_is_named(chain: HeadsFile) -> None:
    victim = ids(2)[0]
    found = tampered(chain, "UPDATE core_auditentry SET seal_id = 1 WHERE id = %s", victim)
    assert found == [("entry_foreign", victim), ("entry_moved", victim)]


def test_an_entry_taken_out_of_its_seal_is_named(chain: HeadsFile) -> None:
    victim = ids(2)[0]
    assert tampered(chain, "UPDATE core_auditentry SET seal_id = NULL WHERE id = %s", victim) == [
        ("entry_moved", victim)
    ]


def test_an_altered_seal_is_named(chain: HeadsFile) -> None:
    assert tampered(chain, "UPDATE core_auditseal SET entries = 2 WHERE number = 2") == [("seal_altered", 2)]


def test_a_seal_with_another_digest_breaks_the_chain(chain: HeadsFile) -> None:
    found = tampered(chain, "UPDATE core_auditseal SET digest = %s WHERE number = 2", "f" * 64)
    assert found == [("seal_altered", 2), ("chain_broken", 3), ("head_differs", 2)]


def test_a_deleted_seal_is_named_with_its_entries(chain: HeadsFile) -> None:
    inside = ids(2)
    # Undone before the end of the test, which asks whether all foreign keys lead somewhere.
    with transaction.atomic():
        found = tampered(chain, "DELETE FROM core_auditseal WHERE number = 2")
        transaction.set_rollback(True)
    assert found == [("seal_missing", 2), ("chain_broken", 3), *(("entry_foreign", one) for one in inside)]


def test_reordered_seals_are_named(chain: HeadsFile) -> None:
    found = tampered(
        chain, "UPDATE core_auditseal SET contents = (SELECT s.contents FROM core_auditseal s WHERE s.number = 1)"
    )
    assert {code for code, _ in found} >= {"seal_altered", "entry_foreign", "entry_moved"}
    assert [number for code, number in found if code == "seal_altered"] == [2, 3]


def test_a_cut_off_end_is_named(chain: HeadsFile) -> None:
    unguard(connection, AUDIT_GUARDS)
    sql("DELETE FROM core_auditentry WHERE seal_id = 3")
    found = tampered(chain, "DELETE FROM core_auditseal WHERE number = 3")
    assert found == [("tail_cut", 3)]


def test_a_cut_off_end_is_found_by_a_digest_noted_elsewhere(chain: HeadsFile) -> None:
    head = AuditSeal.objects.get(number=3).digest
    assert verify_audit(expect=head.upper()).whole
    unguard(connection, AUDIT_GUARDS)
    sql("DELETE FROM core_auditentry WHERE seal_id = 3")
    sql("DELETE FROM core_auditseal WHERE number = 3")
    guard(connection, AUDIT_GUARDS)
    chain.path.write_text("".join(chain.path.read_text().splitlines(keepends=True)[:2]))
    assert verify_audit(heads=chain).whole
    assert [one.code for one in verify_audit(heads=chain, expect=head).findings] == ["expected_unknown"]


def test_a_removed_file_and_removed_triggers_are_named(chain: HeadsFile) -> None:
    chain.path.unlink()
    assert [one.code for one in verify_audit(heads=chain).findings] == ["heads_missing"]
    unguard(connection, AUDIT_GUARDS[1:])
    assert [one.values.get("name") for one in verify_audit().findings] == [
        "core_auditseal_no_update",
        "core_auditseal_no_delete",
        f"core_auditseal_no_{'truncate' if connection.vendor == 'postgresql' else 'replace'}",
    ]


def test_another_secret_recognises_nothing(chain: HeadsFile, settings: object) -> None:
    settings.SECRET_KEY = "somebody else's"  # type: ignore[attr-defined]  # pytest-django's own fixture
    codes = [one.code for one in verify_audit(heads=chain).findings]
    assert (codes.count("entry_altered"), codes.count("seal_altered")) == (7, 3)


@pytest.mark.django_db(transaction=True)
def test_many_write_and_seal_at_once_and_everything_is_sealed_once(company: Company, heads: HeadsFile) -> None:
    actor = company.actor("employee")
    errors: list[BaseException] = []

    def in_thread(work: Callable[[], object]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                errors.append(error)
            finally:
                connection.close()

        return threading.Thread(target=run)

    def writes() -> None:
        for number in range(25):
            with transaction.atomic():
                record(actor, "test.thing.changed", subject=("thing", number))

    def seals() -> None:
        for _ in range(10):
            seal_entries(at=AT, heads=heads)

    threads = [in_thread(work) for work in (writes, writes, writes, writes, seals, seals, seals)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    seal_entries(at=AT, heads=heads)
    found = verify_audit(heads=heads)
    assert (found.entries, found.unsealed, found.findings) == (100, 0, ())
    noted = [one.number for one in heads.read() or ()]
    assert noted == list(range(1, found.seals + 1))


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_goes_into_the_next_seal(company: Company, heads: HeadsFile) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: nothing can be sealed while a change is open")
    actor = company.actor("employee")
    ready, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                record(replace(actor, at=AT - timedelta(hours=1)), "test.thing.changed", subject=("thing", "late"))
                ready.set()
                go_on.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert ready.wait(20)
    with transaction.atomic():
        record(actor, "test.thing.changed", subject=("thing", "quick"))
    assert seal_entries(at=AT, heads=heads) == 1
    go_on.set()
    thread.join()
    assert seal_entries(at=AT, heads=heads) == 1
    assert verify_audit(heads=heads).findings == ()
    assert [one.entries for one in AuditSeal.objects.order_by("number")] == [1, 1]
