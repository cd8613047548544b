"""The inventory as a file: everything that is written, harmless in a spreadsheet, read again without loss."""

import csv
import io
import json
from decimal import Decimal

import pytest
from django.urls import reverse

from pegel_web.core.actor import Actor
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.inventory_files import InventoryForm, inventory_file
from pegel_web.portfolio.models import CaseRevision, CaseSource, UseCase
from pegel_web.portfolio.queries.case_pages import case_inventory, case_pages
from pegel_web.portfolio.queries.use_cases import content_of, use_case_list
from pegel_web.portfolio.services.case_import import confirm_case_import, preview_case_import
from pegel_web.portfolio.services.use_cases import change_use_case, register_idea
from tests.pegel_web.company import Company

_FORMS: tuple[InventoryForm, ...] = ("csv", "xlsx", "json")


def rows_of() -> list[UseCase]:
    return list(UseCase.objects.everything(because="a test looks").order_by("number"))


def file_of(actor: Actor, form: InventoryForm) -> bytes:
    return inventory_file(form, case_inventory(actor=actor)).content


def full(company: Company, lead: Actor) -> CaseReport:
    return register_idea(
        actor=lead, pain="=1+1\nand ; \"more\"", unit_id=company.unit("K1"), title="-Read, invoices", origin="pain",
        goal="Zehn Tage", function="finance", shadow=True, place_note="Auf Papier", horizon=2, usage="team",
        ai_acts="Liest", person_decides="Gibt frei", data_needs="Rechnungen", data_class="confidential",
        amount=Decimal("1234.50"), phase="intake", friction="approval", champion_id=company.person("Carla").id,
    )  # fmt: skip


@pytest.mark.parametrize("form", _FORMS)
def test_a_file_read_again_changes_nothing(company: Company, lead: Actor, form: InventoryForm) -> None:
    full(company, lead)
    shown = preview_case_import(
        actor=lead, content=file_of(lead, form), file_name="x", unit_id=company.unit("K1"), source="Pegel"
    )
    assert (shown.added, shown.changed, shown.unchanged, shown.rejected_total) == (0, 0, 1, 0)
    assert shown.left_out == ()


@pytest.mark.parametrize("form", _FORMS)
def test_another_pegel_gets_the_same(company: Company, lead: Actor, form: InventoryForm) -> None:
    made = full(company, lead)
    text = "id;title;status;vendor name\n7;Sort mail;Deployed;Acme\n"
    first = preview_case_import(
        actor=lead, content=text.encode(), file_name="x", unit_id=company.unit("K1"), source="Register"
    )
    confirm_case_import(actor=lead, case_import_id=first.case_import_id, seen=first.digest)
    before = [(content_of(row), row.source_state, row.source_key) for row in rows_of()]
    said = file_of(lead, form)
    CaseRevision.objects.all().delete()
    UseCase.objects.everything(because="a test empties it").delete()
    shown = preview_case_import(actor=lead, content=said, file_name="x", unit_id=company.unit("K1"), source="Pegel")
    confirm_case_import(actor=lead, case_import_id=shown.case_import_id, seen=shown.digest)
    after = [(content_of(row), row.source_state, row.source_key) for row in rows_of()]
    assert [one[0] for one in after] == [one[0] for one in before]
    assert after[1] == before[1]
    assert after[0][1:] == ("idea", str(made.line.use_case_id))
    assert CaseSource.objects.get(use_case=rows_of()[1]).details == {"status": "Deployed", "vendor name": "Acme"}


def test_a_corrected_export_changes_only_what_was_corrected(company: Company, lead: Actor) -> None:
    made = full(company, lead)
    said = json.loads(file_of(lead, "json"))
    said["use_cases"][0]["goal"] = "Fünf Tage"
    change_use_case(actor=lead, use_case_id=made.line.use_case_id, changes={"title": "Read invoices"})
    shown = preview_case_import(
        actor=lead, content=json.dumps(said).encode(), file_name="x", unit_id=company.unit("K1"), source="Pegel"
    )
    confirm_case_import(actor=lead, case_import_id=shown.case_import_id, seen=shown.digest)
    (row,) = rows_of()
    assert (row.goal, row.title, row.source_state) == ("Fünf Tage", "Read invoices", "")


def test_formulas_are_harmless_and_forms_reach_who_asks(company: Company, lead: Actor) -> None:
    full(company, lead)
    browser = company.client("employee", "K2")
    page = browser.get(reverse("use_case_list")).content.decode()
    assert f"{reverse('case_inventory')}?form=xlsx" in page
    answer = browser.get(reverse("case_inventory"), {"form": "csv"})
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["title"] == "'-Read, invoices"
    assert row["pain"].startswith("'=1+1")
    api = browser.get("/api/v1/inventory/use-cases").json()
    assert (api["count"], api["items"][0]["amount"]) == (1, "1234.50")
    assert browser.get("/api/v1/inventory/use-cases/file?form=xlsx").content[:2] == b"PK"


def test_pages_of_the_list_say_what_the_list_says(company: Company, lead: Actor) -> None:
    for number in range(3):
        register_idea(actor=lead, pain=f"Pain {number}", unit_id=company.unit("K1"))
    pages, whole = case_pages(actor=lead), use_case_list(actor=lead)
    assert tuple(pages.lines) == whole.lines
    assert tuple(pages.lines[1:2]) == whole.lines[1:2]
    assert pages.lines[0] == whole.lines[0]
    assert (pages.total, pages.by_state) == (whole.total, whole.by_state)
