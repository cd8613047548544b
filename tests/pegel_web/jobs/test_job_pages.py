"""The pages and the REST interface of background work."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client

from pegel_web.core.actor import Actor
from pegel_web.jobs.models import Job
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.jobs.registry import RunningJob, forget_task, task
from pegel_web.jobs.services import cancel_job, enqueue
from pegel_web.jobs.taking import take
from tests.pegel_web.company import Company

LABEL = "job.jobs.tidy"


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    @task("test.page")
    def page(job: RunningJob, *, fails: bool = False) -> None:
        if fails:
            raise ValueError("Erika Mustermann")

    yield
    forget_task("test.page")


def ask(actor: Actor, **arguments: object) -> UUID:
    return enqueue(actor=actor, kind="test.page", arguments=arguments, label_code=LABEL).id


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def test_a_job_can_be_followed_and_cancelled_on_its_page(company: Company) -> None:
    actor, client = company.actor("team_lead", "K1"), company.client("team_lead", "K1")
    job = ask(actor)
    page = text(client, f"/jobs/{job}/")
    assert "Tidy up ended background work" in page
    assert f"/jobs/{job}/cancel/" in page
    assert "Waiting" in page
    response = client.post(f"/jobs/{job}/cancel/", follow=True)
    assert response.redirect_chain == [(f"/jobs/{job}/", 302)]
    assert "Cancelled" in response.content.decode()
    assert client.post(f"/jobs/{job}/cancel/", follow=True).status_code == 200
    assert client.get(f"/jobs/{job}/cancel/").status_code == 405


def test_progress_survives_a_reload_and_the_page_loads_anew_at_the_end(company: Company) -> None:
    actor, client = company.actor("team_lead", "K1"), company.client("team_lead", "K1")
    job = ask(actor)
    assert take(worker="w", seconds=-1) is not None
    Job.objects.everything(because="test").update(done=3, total=10, progress_code="jobs.state.running")
    assert 'value="3" max="10"' in text(client, f"/jobs/{job}/")
    waiting = client.get(f"/jobs/{job}/", headers={"HX-Request": "true"})
    assert "HX-Refresh" not in waiting.headers
    run_waiting_jobs()
    ended = client.get(f"/jobs/{job}/", headers={"HX-Request": "true"})
    assert ended.headers["HX-Refresh"] == "true"
    assert "This work is done." in ended.content.decode()


def test_a_failure_is_told_in_words_without_what_it_quotes(company: Company) -> None:
    actor, client = company.actor("team_lead", "K1"), company.client("team_lead", "K1")
    job = ask(actor, fails=True)
    run_waiting_jobs()
    page = text(client, f"/jobs/{job}/")
    assert "Something went wrong inside Pegel (ValueError)." in page
    assert "Mustermann" not in page
    client.cookies["pegel_language"] = "de"
    assert "Fehlgeschlagen" in text(client, "/jobs/")


def test_a_kind_and_an_error_of_another_version_are_shown_all_the_same(company: Company) -> None:
    actor, client = company.actor("team_lead", "K1"), company.client("team_lead", "K1")
    job = ask(actor)
    run_waiting_jobs()
    Job.objects.everything(because="test").update(
        state="failed", label_code="of.the.future", error_code="of_the_future", kind="future.kind"
    )
    assert "future.kind" in text(client, f"/jobs/{job}/")


def test_the_list_shows_ones_own_and_with_the_right_everybodys(company: Company) -> None:
    actor, client = company.actor("team_lead", "K1"), company.client("team_lead", "K1")
    assert "You have not asked for any background work" in text(client, "/jobs/")
    job = ask(actor)
    assert str(job) in text(client, "/jobs/")
    assert "/jobs/all/" not in text(client, "/jobs/")
    text(client, "/jobs/all/", 403)
    looker = company.client("security")
    assert str(job) not in text(looker, "/jobs/")
    shown = text(looker, "/jobs/all/")
    assert str(job) in shown
    assert "another person" in shown
    export = looker.get("/jobs/all/?jobs.export=csv")
    assert "Tidy up" in export.content.decode("utf-8-sig")
    text(company.client("team_lead", "K2"), f"/jobs/{job}/", 404)


def test_nobody_sees_it_without_signing_in(company: Company) -> None:
    job = ask(company.actor("team_lead", "K1"))
    for path in ("/jobs/", "/jobs/all/", f"/jobs/{job}/"):
        assert Client().get(path).status_code == 302
    assert Client().post(f"/jobs/{job}/cancel/").status_code == 302


def test_programs_read_and_cancel_jobs(company: Company) -> None:
    actor, client = company.actor("team_lead", "K1"), company.client("team_lead", "K1")
    job = ask(actor)
    listed = client.get("/api/v1/jobs").json()
    assert (listed["count"], listed["items"][0]["id"], listed["items"][0]["mine"]) == (1, str(job), True)
    assert client.get(f"/api/v1/jobs/{job}").json()["state"] == "waiting"
    assert client.get("/api/v1/jobs?state=done").json()["count"] == 0
    assert client.get("/api/v1/jobs?state=nonsense").status_code == 422
    assert client.post(f"/api/v1/jobs/{job}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/api/v1/jobs/{job}/cancel").json()["code"] == "job_ended"
    assert client.get(f"/api/v1/jobs/{UUID(int=0)}").status_code == 404


def test_pegels_own_routine_that_went_well_does_not_fill_the_list(company: Company) -> None:
    actor = company.actor("administrator")
    ask(actor)
    Job.objects.everything(because="test").update(person_id=None)
    client = company.client("administrator")
    assert "Tidy up" in text(client, "/jobs/all/")
    run_waiting_jobs()
    assert "There is no background work" in text(client, "/jobs/all/")
    assert client.get("/api/v1/jobs?everybody=true&state=done").json()["count"] == 1


def test_a_job_that_runs_says_that_it_is_being_cancelled(company: Company) -> None:
    actor, client = company.actor("team_lead", "K1"), company.client("team_lead", "K1")
    job = ask(actor)
    assert take(worker="w", seconds=60) is not None
    cancel_job(actor=actor, job_id=job)
    page = text(client, f"/jobs/{job}/")
    assert "Is being cancelled" in page
    assert f"/jobs/{job}/cancel/" not in page
