"""The pages of brought files: every state can be looked at, in both languages, and nothing on them is hostile."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from pegel_web.core.actor import Actor
from pegel_web.ingestion import place, queries, services
from pegel_web.ingestion.models import BroughtFile, FileState
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.jobs.schedule import enqueue_due
from tests.pegel_web.company import Company
from tests.pegel_web.ingestion.conftest import Bring, imported
from tests.pegel_web.ingestion.test_bringing import LINES

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(company: Company) -> Client:
    """Return the browser of a team lead of Motor."""
    return company.client("team_lead", "K1")


def said(pages: Client, path: str, language: str = "en") -> str:
    response = pages.get(path, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("state", FileState.values)
def test_a_file_in_every_state_is_shown(bring: Bring, lead: Actor, pages: Client, state: str, language: str) -> None:
    found = imported(bring(LINES), lead)
    rows = BroughtFile.objects.everything(because="a test")
    rows.filter(pk=found.line.id).update(state=state, job=None)
    text = said(pages, reverse("brought_file", args=[found.line.id]), language)
    assert "Claims.csv" in text


def test_the_whole_way_through_the_pages(pages: Client, company: Company) -> None:
    content = SimpleUploadedFile("Motor.csv", "\n".join(LINES).encode())
    sent = pages.post(reverse("brought_files"), {"file": content, "unit": str(company.unit("K1")), "stream": ""})
    assert sent.status_code == 302
    run_waiting_jobs()
    page = pages.get(sent["Location"])
    assert page.status_code == 200
    seen = page.context["report"].seen
    confirmed = pages.post(sent["Location"] + "confirm/", {"seen": seen})
    assert confirmed.status_code == 302
    run_waiting_jobs()
    assert "Take the import back" in said(pages, sent["Location"])
    assert "Motor.csv" in said(pages, reverse("brought_files"))


def test_a_question_is_answered_in_the_form(pages: Client, bring: Bring) -> None:
    found = bring(["item,at,state", "A-1,03/04/2026 09:00,Doing", "A-1,05/04/2026 09:00,Done"])
    path = reverse("brought_file", args=[found.line.id])
    assert "Choose the order of day and month below." in said(pages, path)
    answered = pages.post(path, {"date_order": "dmy", "zone": "Europe/Berlin", "format": "", "stream": ""})
    assert answered.status_code == 302
    run_waiting_jobs()
    assert "3 Apr 2026" in said(pages, path)


def test_columns_are_offered_where_no_format_is_known(pages: Client, bring: Bring) -> None:
    found = bring(["Vorgang;Wann;Wohin", "A-1;2026-01-05 09:00;Los", "A-1;2026-01-07 09:00;Fertig"])
    path = reverse("brought_file", args=[found.line.id])
    assert '<option value="Vorgang"' in said(pages, path)
    sent = pages.post(
        path,
        {
            "zone": "UTC",
            "column_item": "Vorgang",
            "column_at": "Wann",
            "column_state": "Wohin",
            "format": "",
            "stream": "",
        },
    )
    assert sent.status_code == 302
    run_waiting_jobs()
    assert "Fertig" in said(pages, path)


def test_a_wrong_zone_stands_beside_its_field(pages: Client, bring: Bring) -> None:
    path = reverse("brought_file", args=[bring(LINES).line.id])
    response = pages.post(path, {"zone": "Atlantis/Nowhere"})
    assert response.status_code == 422
    assert "Atlantis/Nowhere" in response.content.decode()


def test_hostile_names_are_shown_as_text(pages: Client, bring: Bring) -> None:
    evil = "<script>alert(1)</script>"
    lines = ["item,at,state", f"A-1,2026-01-05T09:00:00Z,{evil}", f"A-1,,{evil}", "=1+1,,x"]
    found = bring(lines, name=f"{evil}.csv")
    text = said(pages, reverse("brought_file", args=[found.line.id]))
    assert evil not in text
    rejected = pages.get(reverse("brought_rejects", args=[found.line.id])).content.decode("utf-8-sig")
    assert [line.split(",")[0] for line in rejected.splitlines()] == ["Row", "2", "3"]


def test_an_empty_file_is_refused_beside_its_field(pages: Client, company: Company) -> None:
    empty = SimpleUploadedFile("x.csv", b"")
    response = pages.post(reverse("brought_files"), {"file": empty, "unit": str(company.unit("K1"))})
    assert response.status_code == 422
    assert "is empty" in response.content.decode()
    assert not BroughtFile.objects.everything(because="a test").exists()


def test_files_that_nobody_decided_about_go_after_two_weeks(bring: Bring, lead: Actor) -> None:
    old, fresh = bring(LINES, name="Old.csv"), bring(LINES, name="Fresh.csv")
    rows = BroughtFile.objects.everything(because="a test")
    now = datetime.now(UTC)
    rows.filter(pk=old.line.id).update(changed_at=now - services.FORGOTTEN_AFTER - timedelta(hours=1))
    rows.filter(pk=fresh.line.id).update(changed_at=now - services.FORGOTTEN_AFTER + timedelta(hours=1))
    enqueue_due()
    run_waiting_jobs()
    assert [one.file_name for one in queries.brought_files(actor=lead)] == ["Fresh.csv"]
    assert not place.folder_of(old.line.id).exists()
    assert place.folder_of(fresh.line.id).exists()
