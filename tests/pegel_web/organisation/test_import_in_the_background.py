"""Large imports: done by a job, exactly as shown or not at all, with progress, and with as many queries as it takes."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pegel_web.core.actor import Actor, Through
from pegel_web.core.errors import ConflictError
from pegel_web.core.models import AuditEntry
from pegel_web.core.seals import seal_entries
from pegel_web.core.tools import tools
from pegel_web.core.verification import verify_audit
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.models import Job
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.jobs.running import CancelledJob
from pegel_web.jobs.services import cancel_job
from pegel_web.organisation.contracts.structure_import import ImportReport
from pegel_web.organisation.models import Identity, Membership, Person, Unit, UnitPeriod
from pegel_web.organisation.queries.structure import structure_on
from pegel_web.organisation.queries.structure_import import import_report
from pegel_web.organisation.services.import_confirmation import MOST_AT_ONCE, carry_out_import, confirm_import
from pegel_web.organisation.services.structure_import import discard_import, preview_import, refresh_import
from pegel_web.organisation.services.turn import state_number
from pegel_web.organisation.services.units import rename_unit
from tests.pegel_web.company import Company

ON = date(2027, 7, 1)
V1 = "/api/v1"


def boss(company: Company) -> Actor:
    """Return an administrator of now: jobs run by the clock."""
    return company.actor("administrator", at=shared_now())


def teams(number: int) -> str:
    return "code;name;parent\nK1;Vehicles;K\n" + "".join(f"T{n};Team {n};K1\n" for n in range(number - 1))


def preview(company: Company, text: str, kind: str = "teams", *, on: date = ON, names: bool = False) -> ImportReport:
    return preview_import(
        actor=boss(company), content=text.encode(), file_name="x.csv", effective_date=on, kind=kind, with_names=names
    )


def queued(company: Company, text: str | None = None) -> ImportReport:
    shown = preview(company, text or teams(MOST_AT_ONCE + 1))
    found = confirm_import(actor=boss(company), import_id=shown.import_id, seen=shown.digest)
    assert found.state == "queued"
    return found


def what_is() -> tuple[int, ...]:
    """Return how much there is of everything that an import may write."""
    everything = {"because": "test"}
    return (
        Unit.objects.everything(**everything).count(), UnitPeriod.objects.count(), Person.objects.count(),
        Membership.objects.everything(**everything).count(), state_number(),
        AuditEntry.objects.everything(**everything).exclude(event__startswith="jobs.").count(),
    )  # fmt: skip


@pytest.mark.parametrize(("rows", "state"), [(MOST_AT_ONCE, "confirmed"), (MOST_AT_ONCE + 1, "queued")])
def test_how_much_is_done_at_once(company: Company, rows: int, state: str) -> None:
    shown = preview(company, teams(rows))
    assert shown.total == rows
    found = confirm_import(actor=boss(company), import_id=shown.import_id, seen=shown.digest)
    assert found.state == state
    assert UnitPeriod.objects.count() == (7 if state == "queued" else 7 + rows)


def test_a_job_does_what_was_shown(company: Company) -> None:
    found = queued(company, teams(1_200) + "X;Nowhere;Y\n")
    assert found.job is not None
    assert (found.job.state, found.job.kind) == ("waiting", "organisation.import.confirm")
    assert run_waiting_jobs() == 1
    done = import_report(actor=boss(company), import_id=found.import_id)
    assert (done.state, done.job, done.rejected_total) == ("confirmed", None, 1)
    assert [(one.row, one.reason) for one in done.rejected] == [(1_201, "parent_unknown")]
    # Seven units before, 1,199 new ones; Motor is called Vehicles.
    names = {node.code: node.name for node in structure_on(ON).nodes.values()}
    assert (len(names), names["K1"], names["T1198"]) == (7 + 1_199, "Vehicles", "Team 1198")
    entries = AuditEntry.objects.everything(because="test").filter(through=Through.JOB)
    events = entries.values_list("event", flat=True)
    assert {event: list(events).count(event) for event in set(events)} == {
        "organisation.unit.created": 1_199, "organisation.unit.changed": 1, "organisation.import.confirmed": 1,
    }  # fmt: skip
    assert set(entries.values_list("actor_id", flat=True)) == {boss(company).person_id}
    assert seal_entries(at=shared_now()) == AuditEntry.objects.everything(because="test").count()
    assert not verify_audit().findings


def test_what_would_be_something_else_by_now_is_not_done(company: Company) -> None:
    found = queued(company)
    rename_unit(actor=boss(company), unit_id=company.unit("K1"), name="Fleet", kind="team", on=date(2027, 1, 1))
    before = what_is()
    run_waiting_jobs()
    said = import_report(actor=boss(company), import_id=found.import_id)
    assert said.job is not None
    assert (said.state, said.job.state, said.job.error_code) == ("previewed", "failed", "import_differs_now")
    assert what_is() == before
    client = company.client("administrator")
    page = client.get(reverse("import_report", args=[found.import_id])).content.decode()
    assert "would do something else now" in page
    assert "Nothing has changed" in page
    again = refresh_import(actor=boss(company), import_id=found.import_id)
    confirm_import(actor=boss(company), import_id=found.import_id, seen=again.digest)
    run_waiting_jobs()
    assert import_report(actor=boss(company), import_id=found.import_id).state == "confirmed"


def test_what_changed_elsewhere_makes_no_difference(company: Company) -> None:
    found = queued(company)
    rename_unit(actor=boss(company), unit_id=company.unit("S1"), name="Field", kind="team", on=date(2027, 1, 1))
    run_waiting_jobs()
    assert import_report(actor=boss(company), import_id=found.import_id).state == "confirmed"


def test_what_changes_after_it_was_planned_is_seen(company: Company) -> None:
    """The plan is made before the transaction; what somebody does in between is found in it."""
    found = queued(company)
    wanted = company.unit("K1")

    def step(name: str) -> None:
        if name == "turn":
            rename_unit(actor=boss(company), unit_id=wanted, name="Fleet", kind="team", on=date(2027, 1, 1))
        assert name in ("plan", "turn")

    with pytest.raises(ConflictError) as refused:
        carry_out(company, found, step=step)
    assert refused.value.code == "import_differs_now"


def carry_out(
    company: Company,
    found: ImportReport,
    *,
    step: Callable[[str], None] = lambda name: None,
    hold: Callable[[], None] = lambda: None,
) -> None:
    carry_out_import(actor=boss(company), import_id=found.import_id, seen=found.digest, step=step, hold=hold)


@pytest.mark.parametrize("where", ["plan", "turn", "units", "people", "products", "memberships", "roles", "end"])
def test_who_cancels_finds_everything_as_it_was(company: Company, where: str) -> None:
    found = queued(company)
    before = what_is()

    def step(name: str) -> None:
        if name == where:
            raise CancelledJob

    def hold() -> None:
        raise CancelledJob

    with pytest.raises(CancelledJob):
        carry_out(company, found, step=step, hold=hold)
    assert what_is() == before
    # Begun again it does all of it, and begun once more nothing.
    carry_out(company, found)
    after = what_is()
    assert after[0] == before[0] + MOST_AT_ONCE
    carry_out(company, found)
    assert what_is() == after


def test_cancelling_what_waits(company: Company) -> None:
    found = queued(company)
    assert found.job is not None
    for change in (refresh_import, discard_import):
        with pytest.raises(ConflictError) as refused:
            change(actor=boss(company), import_id=found.import_id)
        assert refused.value.code == "import_under_way"
    again = confirm_import(actor=boss(company), import_id=found.import_id, seen=found.digest)
    assert again.job is not None
    assert again.job.id == found.job.id
    cancel_job(actor=boss(company), job_id=found.job.id)
    assert run_waiting_jobs() == 0
    said = import_report(actor=boss(company), import_id=found.import_id)
    assert said.job is not None
    assert (said.state, said.job.state, UnitPeriod.objects.count()) == ("previewed", "cancelled", 7)
    page = company.client("administrator").get(reverse("import_report", args=[found.import_id])).content.decode()
    assert "The import was cancelled. Nothing has changed." in page
    assert confirm_import(actor=boss(company), import_id=found.import_id, seen=found.digest).state == "queued"
    assert Job.objects.everything(because="test").count() == 2


def test_what_is_outdated_already_is_refused_while_the_person_is_there(company: Company) -> None:
    shown = preview(company, teams(MOST_AT_ONCE + 1))
    rename_unit(actor=boss(company), unit_id=company.unit("S1"), name="Field", kind="team", on=date(2027, 1, 1))
    with pytest.raises(ConflictError) as refused:
        confirm_import(actor=boss(company), import_id=shown.import_id, seen=shown.digest)
    assert refused.value.code == "organisation_changed"
    assert not Job.objects.everything(because="test").exists()


def test_the_page_shows_progress_and_then_the_report(company: Company) -> None:
    client = company.client("administrator")
    shown = preview(company, teams(MOST_AT_ONCE + 1))
    address = reverse("import_report", args=[shown.import_id])
    assert client.post(address + "confirm/", {"seen": shown.digest}).headers["Location"] == address
    page = client.get(address).content.decode()
    job = Job.objects.everything(because="test").get()
    assert "<progress" in page
    assert reverse("cancel_job", args=[job.id]) in page
    assert "confirm/" not in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "under way" in client.get(reverse("structure_imports")).content.decode()
    assert "HX-Refresh" not in client.get(address, headers={"HX-Request": "true"}).headers
    run_waiting_jobs()
    assert client.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    page = client.get(address).content.decode()
    assert "What happened" in page
    assert "<progress" not in page


def test_whoever_may_see_the_import_sees_that_it_runs(company: Company) -> None:
    found = queued(company)
    lead = company.actor("programme_lead", at=shared_now())
    seen = import_report(actor=lead, import_id=found.import_id)
    assert seen.job is not None
    assert (seen.state, seen.job.mine) == ("queued", False)


def confirmed(client: Client, import_id: UUID, digest: str, status: int) -> dict[str, object]:
    address = f"{V1}/imports/organisation/{import_id}/confirm"
    response = client.post(address, {"digest": digest}, content_type="application/json")
    assert response.status_code == status, response.content
    found: dict[str, object] = response.json()
    return found


def test_rest_says_that_it_is_queued_and_where_to_look(company: Company) -> None:
    client = company.client("administrator")
    small = preview(company, teams(2))
    assert confirmed(client, small.import_id, small.digest, 200)["state"] == "confirmed"
    large = preview(company, teams(MOST_AT_ONCE + 3) + "X;Nowhere;Y\n" * 300)
    said = confirmed(client, large.import_id, large.digest, 202)
    assert said["state"] == "queued"
    job = said["job"]["id"]  # type: ignore[index]  # a report
    assert client.get(f"{V1}/jobs/{job}").json()["state"] == "waiting"
    run_waiting_jobs()
    assert client.get(f"{V1}/jobs/{job}").json()["state"] == "done"
    address = f"{V1}/imports/organisation/{large.import_id}"
    assert client.get(address).json()["state"] == "confirmed"
    # One row without its unit above; the others stand in the file twice as well. All of them can be had.
    refused = client.get(f"{address}/refused?limit=500").json()
    assert refused["count"] == 300
    assert {one["reason"] for one in refused["items"]} == {"parent_unknown", "duplicate_in_file"}
    file = client.get(reverse("import_report", args=[large.import_id]) + "?refused.export=csv").content.decode()
    assert file.count("X;Nowhere") + file.count("Nowhere") >= 300


def test_agents_confirm_as_well(company: Company) -> None:
    shown = preview(company, teams(MOST_AT_ONCE + 1))
    (confirm,) = (one for one in tools() if one.name == "confirm_import")
    assert not confirm.reads
    said = confirm.function(boss(company), import_id=shown.import_id, digest=shown.digest)
    assert (said.state, said.job.state) == ("queued", "waiting")


def people(number: int, mark: str = "", shift: int = 0) -> str:
    units = ("K1", "K2", "S1", "S2")
    rows = (f"{n};Person {n}{mark};p{n}@example.org;{units[(n + shift) % 4]}\n" for n in range(number))
    return "person;name;email;unit\n" + "".join(rows)


def test_many_people_take_few_queries(company: Company) -> None:
    """5,000 people with their memberships came row by row once: 10,400 queries, and 46,000 to change them."""
    counts = []
    for number, (mark, shift) in enumerate([("", 0), (" X", 1)]):
        on = date(2027, 7, 1 + number)
        shown = preview(company, people(1_000, mark, shift), "people", on=on, names=True)
        confirm_import(actor=boss(company), import_id=shown.import_id, seen=shown.digest)
        with CaptureQueriesContext(connection) as asked:
            assert run_waiting_jobs() == 1
        assert import_report(actor=boss(company), import_id=shown.import_id).state == "confirmed"
        counts.append(len(asked))
    # 1,000 people, 1,000 memberships, 2,000 entries; then 1,000 names, 2,000 memberships, 3,000 entries. SQLite takes
    # some 70 entries at once.
    assert max(counts) < 150, counts
    assert Identity.objects.filter(name__endswith=" X").count() == 1_000
    rows = Membership.objects.everything(because="test").filter(valid_from__gte=ON)
    assert (rows.filter(valid_until=None).count(), rows.filter(valid_until=date(2027, 7, 2)).count()) == (1_000, 1_000)
