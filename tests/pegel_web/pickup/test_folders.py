"""Who may declare which folder, and the ways to it."""

import json
from pathlib import Path

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from pydantic import ValidationError

from pegel.errors import InputError, NotFoundError, UserError
from pegel_web.config.env import Environment
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.ingestion import services as ingestion
from pegel_web.ingestion.contracts import FileReport
from pegel_web.pickup import queries, services
from pegel_web.pickup.contracts import PickupReport
from pegel_web.pickup.models import PickupFolder
from tests.pegel_web.company import Company
from tests.pegel_web.pickup.conftest import Drop, look, more

pytestmark = pytest.mark.django_db


def test_a_folder_takes_over_what_somebody_confirmed_and_what_was_found_out(declared: PickupReport) -> None:
    reading = declared.reading
    assert (reading.format, reading.date_order, reading.stream) == ("csv.transitions", "dmy", "Motor")
    assert reading.columns == {"item": "Vorgang", "at": "Wann", "state": "Wohin"}
    assert (declared.line.state, declared.line.unit_name, declared.line.last_look_at) == ("active", "Motor", None)


@pytest.mark.parametrize(
    "name",
    ["", " ", ".", "..", "../x", "claims/../..", "/etc", "claims//motor", "claims/./motor", ".hidden", "claims\\motor",
     "claims/motor/done", "refused", "a\0b", "a\nb", "x" * 201, "C:\\data", "//host/share", "claims/motor//"],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(name: str, example: FileReport, lead: Actor) -> None:
    with pytest.raises(InputError, match="pickup_name_unusable"):
        services.declare_folder(actor=lead, name=name, file_id=example.line.id)


def test_only_real_folders_can_be_declared(example: FileReport, lead: Actor, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (root / "out").symlink_to(outside)
    (root / "file").write_text("x")
    (root / "loop").symlink_to(root / "loop")
    for name, code in (
        ("missing", "pickup_folder_missing"),
        ("out", "pickup_no_plain_folder"),
        ("out/inner", "pickup_no_plain_folder"),
        ("file", "pickup_no_plain_folder"),
        ("loop", "pickup_no_plain_folder"),
    ):
        with pytest.raises(UserError, match=code):
            services.declare_folder(actor=lead, name=name, file_id=example.line.id)
    assert not PickupFolder.objects.everything(because="a test").exists()


def test_a_folder_is_declared_once_and_only_like_an_import_of_one_s_own(
    declared: PickupReport, example: FileReport, lead: Actor, company: Company, root: Path
) -> None:
    with pytest.raises(ConflictError, match="pickup_folder_taken"):
        services.declare_folder(actor=lead, name="claims/motor/", file_id=example.line.id)
    with pytest.raises(NotFoundError, match="brought_unknown"):
        services.declare_folder(actor=company.actor("team_lead", "K2"), name="claims", file_id=example.line.id)
    fresh = ingestion.bring_file(actor=lead, unit_id=company.unit("K1"), file_name="x.csv", parts=[b"x"])
    with pytest.raises(ConflictError, match="pickup_example_not_imported"):
        services.declare_folder(actor=lead, name="claims", file_id=fresh.line.id)
    assert len(queries.examples(actor=lead)) == 1


def test_nobody_sees_or_touches_folders_of_other_units(declared: PickupReport, company: Company) -> None:
    other, reader = company.actor("team_lead", "K2"), company.actor("employee", "K1")
    folder_id = declared.line.id
    assert queries.pickup_overview(actor=other).folders == ()
    with pytest.raises(NotAllowedError):
        queries.pickup_overview(actor=reader)
    for act in (queries.pickup_folder, services.pause_folder, services.resume_folder, services.remove_folder):
        for actor in (other, reader):
            with pytest.raises(NotFoundError, match="pickup_unknown"):
                act(actor=actor, folder_id=folder_id)


def test_every_change_is_on_record(declared: PickupReport, lead: Actor, drop: Drop, motor: Path) -> None:
    folder_id = declared.line.id
    services.pause_folder(actor=lead, folder_id=folder_id)
    with pytest.raises(ConflictError, match="pickup_not_now"):
        services.pause_folder(actor=lead, folder_id=folder_id)
    services.resume_folder(actor=lead, folder_id=folder_id)
    drop("a.csv", more("B-1"))
    look()
    services.remove_folder(actor=lead, folder_id=folder_id)
    look(3)
    assert queries.pickup_overview(actor=lead).folders == ()
    assert [one.name for one in motor.iterdir()] == ["a.csv"]
    entries = AuditEntry.objects.everything(because="a test").filter(event__startswith="pickup.")
    assert sorted(one.event.rsplit(".", 1)[-1] for one in entries) == ["declared", "paused", "removed", "resumed"]


def test_without_a_folder_of_the_installation_the_page_says_what_to_do(
    example: FileReport, lead: Actor, company: Company
) -> None:
    with override_settings(PEGEL_PICKUP_DIR=None):
        page = company.client("team_lead", "K1").get(reverse("pickup_folders"))
        assert b"PEGEL_PICKUP_DIR" in page.content
        assert b'<form method="post"' not in page.content.split(b"<main")[1]
        with pytest.raises(InputError, match="pickup_not_configured"):
            services.declare_folder(actor=lead, name="claims", file_id=example.line.id)
        look()


@pytest.mark.parametrize("folder", ["relative", "/srv/pegel/data/drop", "/srv/pegel", "/srv/pegel/data"])
def test_the_folder_of_the_installation_lies_apart_from_its_data(folder: str) -> None:
    with pytest.raises(ValidationError):
        Environment(data_dir="/srv/pegel/data", pickup_dir=folder)
    assert Environment(data_dir="/srv/pegel/data", pickup_dir="").pickup_dir is None
    assert Environment(data_dir="/srv/pegel/data", pickup_dir="/srv/drop").pickup_dir == Path("/srv/drop")


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_whole_way_through_the_pages(
    language: str, example: FileReport, company: Company, drop: Drop, motor: Path
) -> None:
    pages = company.client("team_lead", "K1")
    head = {"accept-language": language}
    sent = pages.post(reverse("pickup_folders"), {"folder": "../x", "like": str(example.line.id)}, headers=head)
    assert (sent.status_code, b"../x" in sent.content) == (422, True)
    sent = pages.post(reverse("pickup_folders"), {"folder": "claims/motor", "like": str(example.line.id)})
    assert sent.status_code == 302
    drop("<b>.csv", "x")
    drop("good.csv", more("B-1"))
    look(5)
    text = pages.get(sent["Location"], headers=head).content.decode()
    assert {"de": "abgelehnt", "en": "refused"}[language] in text
    assert "&lt;b&gt;.csv" in text
    assert "<b>.csv" not in text
    for turn in ("pause", "resume", "remove"):
        folder = PickupFolder.objects.everything(because="a test").get()
        assert pages.post(reverse(f"{turn}_pickup", args=[folder.id])).status_code == 302
    assert not PickupFolder.objects.everything(because="a test").exists()


def test_programs_have_the_same(example: FileReport, company: Company, motor: Path) -> None:
    pages: Client = company.client("team_lead", "K1")
    body = json.dumps({"name": "claims/motor", "file_id": str(example.line.id)})
    made = pages.post("/api/v1/imports/pickup", body, content_type="application/json")
    assert made.status_code == 201, made.content
    address = f"/api/v1/imports/pickup/{made.json()['line']['id']}"
    assert pages.post(f"{address}/pause").json()["line"]["state"] == "paused"
    assert pages.post(f"{address}/resume").json()["line"]["state"] == "active"
    assert pages.get("/api/v1/imports/pickup").json()["configured"] is True
    assert pages.delete(address).status_code == 204
    assert pages.get(address).status_code == 404
