"""Importing use cases: exactly as shown, again without doubles, never past a gate, nothing dropped silently."""

import io
import json
import os
import time
import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from django.urls import reverse
from openpyxl import Workbook

from pegel.errors import InputError, UserError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, LimitedError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.portfolio.contracts.case_import import CaseImportReport
from pegel_web.portfolio.models import CaseRevision, CaseSource, CaseStep, GateRequest, UseCase
from pegel_web.portfolio.queries.case_import import case_import
from pegel_web.portfolio.queries.use_cases import use_case
from pegel_web.portfolio.services.case_import import (
    MOST_AT_ONCE,
    confirm_case_import,
    discard_case_import,
    map_case_import,
    preview_case_import,
)
from pegel_web.portfolio.services.use_cases import change_use_case
from tests.pegel_web.company import Company

_SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[4] / "shared" / "data"))
_HEAD = "id;title;problem;stage;unit;pii;topic area;secret colour\n"


def rows_of(**more: object) -> list[UseCase]:
    return list(UseCase.objects.everything(because="a test looks").filter(**more).order_by("number"))


def preview(
    company: Company, actor: Actor, content: bytes | str, name: str = "x.csv", unit: str = "K1"
) -> CaseImportReport:
    data = content.encode() if isinstance(content, str) else content
    return preview_case_import(actor=actor, content=data, file_name=name, unit_id=company.unit(unit), source="Register")


def imported(company: Company, actor: Actor, content: bytes | str, name: str = "x.csv") -> CaseImportReport:
    shown = preview(company, actor, content, name)
    return confirm_case_import(actor=actor, case_import_id=shown.case_import_id, seen=shown.digest)


def test_a_preview_says_all_and_changes_nothing(company: Company, lead: Actor) -> None:
    text = (
        _HEAD + "1;Sort mail;Mail waits; DEPLOYED ;K1;Yes;HR;red\n2;;;pilot;;;;\n3;Draft;;purple;Nowhere;;Quilting;\n"
    )
    found = preview(company, lead, text)
    assert (found.rows, found.added, found.rejected_total) == (3, 2, 1)
    assert [(one.row, one.reason) for one in found.rejected] == [(2, "title_missing")]
    became = {(one.field, one.said): one.became for one in found.normalised}
    assert became["source_state", "DEPLOYED"] == "production"
    assert became["source_state", "purple"] == ""
    assert became["function", "Quilting"] == "other"
    assert became["unit", "Nowhere"] == "K1"
    assert became["data_class", "Yes"] == "personal"
    assert found.left_out == ("secret colour",)
    assert not rows_of()


def test_an_imported_state_moves_nothing(company: Company, lead: Actor) -> None:
    imported(company, lead, _HEAD + "1;Sort mail;Mail waits;Deployed;K1;;;\n")
    (row,) = rows_of()
    assert (row.state, row.source_state, row.source, row.source_key) == ("idea", "production", "Register", "1")
    assert row.submitted_by_id is None
    assert [one.target for one in CaseStep.objects.filter(use_case=row)] == ["idea"]
    assert not GateRequest.objects.everything(because="a test looks").exists()
    report = use_case(actor=lead, use_case_id=row.id)
    assert report.source_details["stage"] == "Deployed"
    entries = AuditEntry.objects.everything(because="a test looks")
    assert entries.filter(event="portfolio.use_case.registered", subject_id=str(row.id)).count() == 1


def test_the_same_file_again_changes_nothing(company: Company, lead: Actor) -> None:
    text = _HEAD + "1;Sort mail;Mail waits;Deployed;K1;;;\n;Without a key;It hurts;;;;;\n"
    imported(company, lead, text)
    again = preview(company, lead, text)
    assert (again.added, again.changed, again.unchanged, again.total) == (0, 0, 2, 0)
    assert len(rows_of()) == 2


def test_what_changed_at_the_source_changes_here_and_what_changed_here_stays(company: Company, lead: Actor) -> None:
    imported(company, lead, _HEAD + "1;Sort mail;Mail waits;Pilot;K1;;;\n2;Draft;Slow;;K1;;;\n")
    first, second = rows_of()
    change_use_case(actor=lead, use_case_id=first.id, changes={"title": "Sort all mail"})
    change_use_case(actor=lead, use_case_id=second.id, changes={"title": "Draft letters"})
    found = imported(company, lead, _HEAD + "1;Sort mail;Mail waits long;Deployed;K1;;;\n2;Write;Slow;;K1;;;\n")
    assert (found.changed, found.added) == (1, 0)
    assert [(one.code, one.field, one.count) for one in found.notes] == [("changed_by_both", "title", 1)]
    first, second = rows_of()
    assert (first.title, first.pain, first.source_state) == ("Sort all mail", "Mail waits long", "production")
    assert (second.title, second.revision) == ("Draft letters", 2)
    revisions = CaseRevision.objects.filter(use_case=first).order_by("revision")
    assert [(one.revision, one.content["pain"]) for one in revisions][-1] == (3, "Mail waits long")


def test_columns_can_be_corrected(company: Company, lead: Actor) -> None:
    shown = preview(company, lead, "A;B\nRead invoices;Three signatures\n")
    assert shown.rejected_total == 1
    found = map_case_import(actor=lead, case_import_id=shown.case_import_id, mapping={"A": "title", "B": "pain"})
    assert (found.added, found.rejected_total) == (1, 0)
    with pytest.raises(InputError, match="field_mapped_twice"):
        map_case_import(actor=lead, case_import_id=shown.case_import_id, mapping={"B": "title"})


def test_what_was_not_shown_is_not_done(company: Company, lead: Actor) -> None:
    imported(company, lead, _HEAD + "1;Sort mail;Mail waits;Pilot;K1;;;\n")
    shown = preview(company, lead, _HEAD + "1;Sort mail;Mail waits long;Pilot;K1;;;\n")
    change_use_case(actor=lead, use_case_id=rows_of()[0].id, changes={"goal": "Two days"})
    with pytest.raises(ConflictError, match="use_cases_changed"):
        confirm_case_import(actor=lead, case_import_id=shown.case_import_id, seen=shown.digest)
    discard_case_import(actor=lead, case_import_id=shown.case_import_id)
    with pytest.raises(ConflictError, match="import_expired"):
        confirm_case_import(actor=lead, case_import_id=shown.case_import_id, seen=shown.digest)


def test_rows_of_others_are_refused(company: Company, lead: Actor) -> None:
    found = preview(company, lead, _HEAD + "1;Sort mail;Mail waits;Pilot;K2;;;\n")
    assert [(one.row, one.reason) for one in found.rejected] == [(1, "not_yours")]
    with pytest.raises(NotAllowedError):
        preview(company, lead, _HEAD, unit="K2")
    with pytest.raises(NotAllowedError):
        preview(company, company.actor("employee", "K1"), _HEAD)


def test_many_are_done_in_the_background(company: Company) -> None:
    actor = company.actor("department_lead", "K", at=shared_now())
    text = "id;title\n" + "".join(f"{n};Use case {n}\n" for n in range(MOST_AT_ONCE + 1))
    shown = preview(company, actor, text, unit="K")
    found = confirm_case_import(actor=actor, case_import_id=shown.case_import_id, seen=shown.digest)
    assert found.state == "queued"
    assert not rows_of()
    run_waiting_jobs()
    assert case_import(actor=actor, case_import_id=shown.case_import_id).state == "confirmed"
    numbers = [row.number for row in rows_of()]
    assert numbers == list(range(1, MOST_AT_ONCE + 2))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"%PDF-1.7 nothing here", "file_kind_unsupported"),
        (b"PK\x03\x04broken", "archive_broken"),
        (b'{"a": 1}', "inventory_without_list"),
        (b'[{"title": "x"}', "json_invalid"),
        (b"[" * 100_000, "json_too_deep"),
        (b"[]", "import_without_rows"),
        (b"only one column\nx\n", "no_table"),
    ],
)
def test_a_file_that_is_something_else_is_told(company: Company, lead: Actor, content: bytes, code: str) -> None:
    with pytest.raises(UserError, match=code):
        preview(company, lead, content)


def test_too_much_is_told(company: Company, lead: Actor) -> None:
    with pytest.raises(LimitedError, match="import_too_large"):
        preview(company, lead, b"x" * 20_000_001)
    found = preview(company, lead, b"title;problem\nBig;" + b"x" * 10_000_000 + b"\nSmall;y\n")
    assert [(one.row, one.reason) for one in found.rejected] == [(1, "cell_too_large")]
    assert found.added == 1


def test_encodings_formulas_and_unseen_signs(company: Company, lead: Actor) -> None:
    imported(
        company, lead, "id;Titel;Problem\n1;Gr\u00f6\u00dfe;=1+1\n2;A\u200bB;'=SUM(A1)\n".encode("cp1252", "replace")
    )
    imported(company, lead, "id;Titel;Problem\n3;Straße\u200b;x\n".encode("utf-16"))
    assert [(row.title, row.pain) for row in rows_of()] == [("Größe", "=1+1"), ("A?B", "=SUM(A1)"), ("Straße", "x")]


def test_a_workbook_json_and_pages_are_read(company: Company, lead: Actor) -> None:
    book, buffer = Workbook(), io.BytesIO()
    assert book.active is not None
    for line in (["ID", "Titel", "Status"], [7, "Aus Excel", "Im Einsatz"]):
        book.active.append(line)
    book.save(buffer)
    imported(company, lead, buffer.getvalue(), "x.xlsx")
    imported(company, lead, json.dumps({"n": 1, "list": [{"id": "8", "title": "Aus JSON", "status": "in_gebruik"}, 3]}))
    pages = io.BytesIO()
    with zipfile.ZipFile(pages, "w") as archive:
        archive.writestr("a/chat.md", "---\ntitle: Chat\ndescription: Fragen\n---\n# Chat\n## Datengrundlage\nSeiten\n")
        archive.writestr("index.md", "# Nothing\n")
        archive.writestr("bomb.md", "---\na: &a [x, x]\nb: [*a, *a]\ntitle: &t\n---\n")
    found = imported(company, lead, pages.getvalue(), "x.zip")
    assert [one.reason for one in found.rejected] == ["page_without_head"] * 2
    said = [(row.title, row.source_key, row.source_state, row.data_needs) for row in rows_of()]
    assert said == [
        ("Aus Excel", "7", "production", ""),
        ("Aus JSON", "8", "production", ""),
        ("Chat", "chat", "", "Seiten"),
    ]


def test_the_pages_lead_from_the_file_to_the_report(company: Company) -> None:
    browser = company.client("team_lead", "K1")
    assert reverse("case_imports") in browser.get(reverse("use_case_list")).content.decode()
    file = io.BytesIO((_HEAD + "1;Sort mail;Mail waits;Deployed;K1;;;red\n2;;;;;;=1;\n").encode())
    file.name = "list.csv"
    sent = browser.post(
        reverse("case_imports"), {"file": file, "source": "Register", "unit_id": str(company.unit("K1"))}
    )
    assert sent.status_code == 302
    page = browser.get(sent["Location"]).content.decode()
    assert "Confirm: one use case" in page
    assert "secret colour" in page
    files = browser.get(sent["Location"] + "refused.csv").content.decode("utf-8-sig")
    assert "Neither a title nor a problem" in files
    assert "'=1" in files
    mapped = browser.post(sent["Location"] + "columns/", {"column-7": "keep"})
    assert mapped.status_code == 302
    found = case_import(actor=company.actor("team_lead", "K1"), case_import_id=UUID(sent["Location"].split("/")[-2]))
    browser.post(sent["Location"] + "confirm/", {"seen": found.digest})
    (row,) = rows_of()
    assert "Pegel has not evaluated that" in browser.get(reverse("use_case", args=[row.id])).content.decode()
    assert CaseSource.objects.get(use_case=row).details["secret colour"] == "red"
    assert "What happened" in browser.get(sent["Location"]).content.decode()


@pytest.mark.parametrize(
    ("path", "least", "refused"),
    [
        ("ai-inventory-us-2025/2025_individually_reported_AI_use_cases.csv.gz", 3600, 10),
        ("ai-register-netherlands/algoritmes.json.gz", 1530, 0),
    ],
)
def test_real_inventories(company: Company, path: str, least: int, refused: int) -> None:
    file = _SAMPLES / path
    if not file.exists():
        pytest.skip(f"needs the sample data (PEGEL_SAMPLE_DATA): {file.name} is missing")
    actor = company.actor("programme_lead", at=shared_now())
    begun = time.process_time()
    shown = preview(company, actor, file.read_bytes(), file.name, unit="C")
    confirm_case_import(actor=actor, case_import_id=shown.case_import_id, seen=shown.digest)
    run_waiting_jobs()
    assert time.process_time() - begun < 20
    assert shown.added >= least
    assert shown.rejected_total <= refused
    assert len(rows_of()) == shown.added
    assert {row.state for row in rows_of()} == {"idea"}
    again = preview(company, actor, file.read_bytes(), file.name, unit="C")
    assert (again.total, again.unchanged) == (0, shown.added)


def test_real_system_cards(company: Company, lead: Actor) -> None:
    folder = _SAMPLES / "ai-systems-munich"
    if not folder.exists():
        pytest.skip("needs the sample data (PEGEL_SAMPLE_DATA): ai-systems-munich is missing")
    pages = io.BytesIO()
    with zipfile.ZipFile(pages, "w") as archive:
        for file in sorted(folder.glob("*.md")):
            archive.write(file, file.name)
    found = imported(company, lead, pages.getvalue(), "cards.zip")
    assert (found.added, found.rejected_total) == (8, 2)
    assert any(row.title == "KI-Stack" for row in rows_of())
