"""Jobs in one process: asked for once, done once, tried again, cancelled, seen by whom it concerns."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from pegel.errors import BusyError, InternalError, NotFoundError, UserError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.jobs.actors import pegel_itself
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.models import Job, Schedule
from pegel_web.jobs.performing import perform, run_waiting_jobs
from pegel_web.jobs.queries import job_report, jobs
from pegel_web.jobs.registry import RunningJob, every, forget_task, task, tasks
from pegel_web.jobs.running import Lease
from pegel_web.jobs.schedule import enqueue_due
from pegel_web.jobs.services import cancel_job, enqueue
from pegel_web.jobs.taking import take
from pegel_web.organisation.models import Person
from tests.pegel_web.company import AT, Company

DID: list[object] = []
LABEL = "jobs.state.running"


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    DID.clear()

    @task("test.add")
    def add(job: RunningJob, *, n: int = 0, text: str = "") -> None:
        DID.append((n, job.actor.person_id))
        job.progress(n, 10, LABEL, text=text)

    @task("test.busy", most_attempts=2)
    def busy(job: RunningJob) -> None:
        DID.append("busy")
        raise BusyError("lake_busy", lake="x")

    @task("test.wrong")
    def wrong(job: RunningJob, *, whose: str) -> None:
        raise UserError("name_missing", what=uuid4()) if whose == "ours" else ValueError("Erika Mustermann")

    @task("test.looks")
    def looks(job: RunningJob) -> None:
        DID.append("looks")
        job.stop_if_cancelled()
        DID.append("went on")

    yield
    for one in tasks():
        if one.kind.startswith("test."):
            forget_task(one.kind)


def row(job_id: UUID) -> Job:
    return Job.objects.everything(because="test").get(pk=job_id)


def ask(actor: Actor, kind: str = "test.add", *, key: str | None = None, **arguments: object) -> UUID:
    return enqueue(actor=actor, kind=kind, arguments=arguments, label_code=LABEL, key=key).id


def state(actor: Actor, job_id: UUID) -> tuple[str, str]:
    found = job_report(actor=actor, job_id=job_id)
    return found.state, found.error_code


def test_a_job_is_done_for_the_person_who_asked(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    job = ask(actor, n=3)
    assert state(actor, job) == ("waiting", "")
    assert run_waiting_jobs() == 1
    (only,) = DID
    assert only == (3, actor.person_id)
    found = job_report(actor=actor, job_id=job)
    assert (found.state, found.done, found.total, found.progress_code, found.attempts) == ("done", 3, 10, LABEL, 1)
    assert run_waiting_jobs() == 0


def test_a_job_exists_only_with_the_change_that_asked_for_it(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    with transaction.atomic():
        ask(actor)
        transaction.set_rollback(True)
    assert jobs(actor=actor) == []


def test_one_key_one_open_job(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    first = ask(actor, n=1, key="k")
    assert ask(actor, n=2, key="k") == first
    assert ask(actor, n=2, key="other") != first
    run_waiting_jobs()
    assert ask(actor, n=4, key="k") != first
    assert sorted(n for n, _ in DID) == [1, 2]


@pytest.mark.parametrize("value", [{1, 2}, uuid4(), float("nan"), {3: 4}, b"x", (1, 2)])
def test_arguments_are_what_json_holds(company: Company, value: object) -> None:
    with pytest.raises(InternalError) as refused:
        ask(company.actor("team_lead", "K1"), n=value)
    assert refused.value.code == "job_arguments_not_plain"


def test_hostile_text_in_arguments_is_kept(company: Company) -> None:
    text = "=cmd()\0<script>\u202e\\u0000 " + "x" * 100_000
    actor = company.actor("team_lead", "K1")
    job = ask(actor, text=text)
    run_waiting_jobs()
    assert job_report(actor=actor, job_id=job).progress_values == {"text": text.replace("\0", "\ufffd")[:500]}


def test_a_job_ends_even_if_its_progress_is_nonsense(company: Company) -> None:
    @task("test.nonsense")
    def nonsense(job: RunningJob) -> None:
        job.progress("many", None, LABEL)

    actor = company.actor("team_lead", "K1")
    job = ask(actor, "test.nonsense")
    run_waiting_jobs()
    assert state(actor, job) == ("failed", "job_unexpected")


def test_an_unknown_kind_is_a_mistake_of_ours_when_asked_for_and_left_to_others_when_taken(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    with pytest.raises(InternalError):
        ask(actor, "test.unknown")
    ask(actor)
    forget_task("test.add")
    assert run_waiting_jobs() == 0


def test_a_temporary_error_is_tried_again_later_and_not_for_ever(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    job = ask(actor, "test.busy")
    assert run_waiting_jobs() == 1
    assert state(actor, job) == ("waiting", "lake_busy")
    wait = row(job).due_at - shared_now()
    assert timedelta(seconds=3) < wait < timedelta(seconds=6)
    assert run_waiting_jobs() == 0
    Job.objects.everything(because="test").update(due_at=shared_now())
    assert run_waiting_jobs() == 1
    assert state(actor, job) == ("failed", "lake_busy")
    assert DID == ["busy", "busy"]


def test_a_failure_keeps_its_code_and_of_a_foreign_error_only_the_kind(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    ours, foreign = ask(actor, "test.wrong", whose="ours"), ask(actor, "test.wrong", whose="foreign")
    run_waiting_jobs()
    assert state(actor, ours) == ("failed", "name_missing")
    found = job_report(actor=actor, job_id=foreign)
    assert (found.error_code, found.error_values) == ("job_unexpected", {"kind": "ValueError"})


def test_a_waiting_job_is_cancelled_at_once_and_recorded(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    job = ask(actor)
    assert cancel_job(actor=actor, job_id=job).state == "cancelled"
    assert run_waiting_jobs() == 0
    entry = AuditEntry.objects.everything(because="test").get(event="jobs.job.cancelled")
    assert (entry.subject_id, entry.before, entry.after["state"]) == (str(job), {"state": "waiting"}, "cancelled")
    with pytest.raises(ConflictError):
        cancel_job(actor=actor, job_id=job)


def test_a_running_job_leaves_where_it_looks(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    job = ask(actor, "test.looks")
    taken = take(worker="w", seconds=60)
    assert taken is not None
    assert cancel_job(actor=actor, job_id=job).cancelling
    assert cancel_job(actor=actor, job_id=job).cancelling
    assert AuditEntry.objects.everything(because="test").filter(event="jobs.job.cancelled").count() == 1
    lease = Lease(taken, seconds=60, ending=Event())
    lease.beat()
    perform(taken, lease, renewed_elsewhere=True)
    assert DID == ["looks"]
    assert state(actor, job) == ("cancelled", "")


def test_who_lost_the_lease_writes_nothing(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    job = ask(actor, n=7)
    slow = take(worker="slow", seconds=60)
    assert slow is not None
    assert take(worker="quick", seconds=60) is None
    Job.objects.everything(because="test").update(lease_until=shared_now() - timedelta(seconds=1))
    quick = take(worker="quick", seconds=60)
    assert quick is not None
    assert quick.attempts == 2
    late = Lease(slow, seconds=60, ending=Event())
    perform(slow, late, renewed_elsewhere=True)
    found = row(job)
    assert (found.state, found.worker, found.done) == ("running", "quick", None)
    late.beat()
    assert late.lost
    perform(quick, Lease(quick, seconds=60, ending=Event()), renewed_elsewhere=True)
    assert state(actor, job) == ("done", "")


def test_a_task_that_lost_its_lease_cannot_hold_it(company: Company) -> None:
    @task("test.writes")
    def writes(job: RunningJob) -> None:
        Job.objects.everything(because="test").update(lease_id=uuid4())
        with transaction.atomic():
            job.hold()
            DID.append("written")

    ask(company.actor("team_lead", "K1"), "test.writes")
    run_waiting_jobs()
    assert DID == []


def test_a_job_whose_workers_keep_dying_fails(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    job = ask(actor)
    for _ in range(3):
        assert take(worker="w", seconds=-1) is not None
    assert take(worker="w", seconds=-1) is None
    assert state(actor, job) == ("failed", "job_worker_lost")


def test_jobs_of_others_do_not_exist_for_who_may_not_see_them(company: Company) -> None:
    owner, other = company.actor("team_lead", "K1"), company.actor("team_lead", "K2")
    job = ask(owner)
    for refused in (lambda: job_report(actor=other, job_id=job), lambda: cancel_job(actor=other, job_id=job)):
        with pytest.raises(NotFoundError):
            refused()
    assert jobs(actor=other, everybody=True) == []
    looker = company.actor("security")
    assert [one.id for one in jobs(actor=looker, everybody=True)] == [job]
    assert jobs(actor=looker) == []
    assert not job_report(actor=looker, job_id=job).may_cancel
    with pytest.raises(NotAllowedError):
        cancel_job(actor=looker, job_id=job)
    assert cancel_job(actor=company.actor("administrator"), job_id=job).state == "cancelled"


def test_a_job_of_somebody_who_was_forgotten_is_not_done(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    job = ask(actor)
    Person.objects.filter(pk=actor.person_id).update(erased_at=AT)
    run_waiting_jobs()
    assert (row(job).state, row(job).error_code, DID) == ("failed", "job_person_gone", [])


def test_a_job_has_no_more_rights_than_the_token_that_asked(company: Company) -> None:
    seen: list[bool] = []

    @task("test.rights")
    def rights(job: RunningJob) -> None:
        seen.extend(job.actor.has(code) for code in ("flow.stream.view", "flow.stream.change"))

    full = company.actor("team_lead", "K1")
    ask(full, "test.rights")
    run_waiting_jobs()
    read_only = Actor(
        person_id=full.person_id, at=AT, through=full.through, request_id="r", grants=full.grants,
        scopes=frozenset({"read"}),
    )  # fmt: skip
    ask(read_only, "test.rights")
    run_waiting_jobs()
    assert seen == [True, True, True, False]


def test_a_recurring_task_is_asked_for_once_per_period(company: Company) -> None:
    @every(seconds=3600)
    @task("test.hourly")
    def hourly(job: RunningJob) -> None:
        DID.append(job.actor.person_id)

    enqueue_due()
    enqueue_due()
    run_waiting_jobs()
    assert DID == [None]
    enqueue_due()
    assert run_waiting_jobs() == 0
    Schedule.objects.update(next_at=shared_now() - timedelta(days=3))
    enqueue_due()
    run_waiting_jobs()
    assert DID == [None, None]


def test_ended_jobs_are_forgotten_after_a_month(company: Company) -> None:
    actor = company.actor("team_lead", "K1")
    old, new = ask(actor), ask(actor)
    run_waiting_jobs()
    waiting = ask(actor)
    month = shared_now() - timedelta(days=31)
    Job.objects.everything(because="test").filter(pk=old).update(ended_at=month)
    itself = pegel_itself(at=shared_now(), request_id="test")
    enqueue(actor=itself, kind="jobs.tidy", arguments={}, label_code="job.jobs.tidy")
    Job.objects.everything(because="test").filter(pk=waiting).update(due_at=shared_now() + timedelta(days=1))
    run_waiting_jobs()
    assert {one.id for one in jobs(actor=actor)} == {new, waiting}
