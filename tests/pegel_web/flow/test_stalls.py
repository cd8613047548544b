"""Reports that work stalls: who may, what becomes of them, who reads what, and what stands beside the measurement."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.flow.contracts.stalls import Stall, StreamStalls
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import StallReport, StallVoice
from pegel_web.flow.queries.stalls import stall, stall_desk, stream_stalls
from pegel_web.flow.services.stalls import (
    MOST_OPEN,
    answer_stall,
    close_stall,
    join_stall,
    reopen_stall,
    report_stall,
)
from pegel_web.organisation.models import Membership, RoleAssignment
from pegel_web.organisation.queries.own_records import own_records
from pegel_web.organisation.services.forgetting import forget_person
from pegel_web.privacy.erased_people import ErasedPeople
from pegel_web.privacy.queries import retention_preview
from pegel_web.privacy.services import apply_retention
from tests.pegel_web.company import AT, FROM, Company
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks
from tests.pegel_web.flow.tiny import tiny_stream

WORDS = "The lead signs on Fridays only"


def colleague(company: Company, number: int) -> Actor:
    """Return an employee of the team Motor."""
    name = f"colleague{number}"
    person = company.person(name, None if name in company.people else "employee", "K1", user=False)
    return replace(company.actor("employee", "K1"), person_id=person.id)


def reported(actor: Actor, stream: Stream, state: str = "Review", **more: object) -> Stall:
    given = {"friction": "approval", "why": WORDS, **more}
    return report_stall(actor=actor, stream_id=stream.id, state=state, **given)  # type: ignore[arg-type]  # of a test


def line(found: StreamStalls, state: str) -> dict[str, object]:
    one = next(one for one in found.comparison if one.state == state)
    return {name: getattr(one, name) for name in one.__slots__}


def test_a_report_goes_to_the_owner_without_a_name_and_its_author_sees_what_becomes_of_it(
    company: Company, claims: Stream
) -> None:
    author, lead = company.actor("employee", "K1"), company.actor("team_lead", "K1")
    made = reported(author, claims, often="weekly", hours_per_week=2.5)
    assert (made.status, made.mine, made.why, made.hours_per_week, made.may_join) == ("open", True, WORDS, 2.5, False)
    (waiting,) = stall_desk(actor=lead).waiting
    assert (waiting.id, waiting.why, waiting.often, waiting.mine, waiting.may_answer) == (
        made.id, WORDS, "weekly", False, True,
    )  # fmt: skip
    pseudonym, name = company.people["employee-K1"].pseudonym, "employee-K1"
    for told in (str(waiting), str(stream_stalls(actor=lead, stream_id=claims.id))):
        assert pseudonym not in told
        assert name not in told
        assert str(author.person_id) not in told
    with pytest.raises(ConflictError, match="stall_not_now"):
        close_stall(actor=lead, stall_id=made.id, outcome="done")
    answer_stall(actor=lead, stall_id=made.id, text="Seen", plan="Sign daily")
    with pytest.raises(ConflictError, match="stall_not_now"):
        answer_stall(actor=lead, stall_id=made.id, text="Again")
    with pytest.raises(InputError, match="text_missing"):
        close_stall(actor=lead, stall_id=made.id, outcome="no_change")
    close_stall(actor=lead, stall_id=made.id, outcome="no_change", text="Not now")
    (own,) = stall_desk(actor=author).own
    assert (own.status, own.ending, own.may_reopen) == ("closed", "no_change", True)
    assert own.history is not None
    assert [(one.kind, one.text, one.plan, one.by) for one in own.history] == [
        ("answered", "Seen", "Sign daily", "team_lead-K1"),
        ("closed", "Not now", "", "team_lead-K1"),
    ]
    again = reopen_stall(actor=author, stall_id=made.id, text="Still so")
    assert (again.status, again.ending) == ("open", None)
    assert again.history is not None
    assert (again.history[-1].kind, again.history[-1].by) == ("reopened", None)
    assert [one.id for one in stall_desk(actor=lead).waiting] == [made.id]


def test_the_audit_has_every_step_and_is_no_way_around_anonymity(company: Company, claims: Stream) -> None:
    author, lead, other = company.actor("employee", "K1"), company.actor("team_lead", "K1"), colleague(company, 1)
    made = reported(author, claims)
    join_stall(actor=other, stall_id=made.id)
    answer_stall(actor=lead, stall_id=made.id, text="Seen")
    close_stall(actor=lead, stall_id=made.id, outcome="done")
    reopen_stall(actor=author, stall_id=made.id)
    entries = AuditEntry.objects.everything(because="test").filter(subject_type="stall", subject_id=str(made.id))
    found = [(one.event, one.actor_id, one.request_id != "") for one in entries.order_by("at", "event")]
    assert sorted(found, key=str) == sorted(
        [
            ("flow.stall.reported", None, False),
            ("flow.stall.joined", None, False),
            ("flow.stall.answered", lead.person_id, True),
            ("flow.stall.closed", lead.person_id, True),
            ("flow.stall.reopened", None, False),
        ],
        key=str,
    )
    assert all(WORDS not in str((one.before, one.after)) for one in entries)


def test_colleagues_read_step_and_reason_and_join_once(company: Company, claims: Stream) -> None:
    made = reported(company.actor("employee", "K1"), claims, hours_per_week=2)
    actor = colleague(company, 1)
    (seen,) = stream_stalls(actor=actor, stream_id=claims.id).reports
    assert (seen.state, seen.friction, seen.why, seen.hours_per_week, seen.history, seen.may_join) == (
        "Review", "approval", None, None, None, True,
    )  # fmt: skip
    joined = join_stall(actor=actor, stall_id=made.id)
    assert (joined.joined, joined.may_join, joined.people, joined.floor, joined.why) == (True, False, None, 5, None)
    with pytest.raises(ConflictError, match="stall_joined_already"):
        join_stall(actor=actor, stall_id=made.id)
    with pytest.raises(ConflictError, match="stall_own"):
        join_stall(actor=company.actor("employee", "K1"), stall_id=made.id)
    answer_stall(actor=company.actor("team_lead", "K1"), stall_id=made.id, text="Seen")
    told = stall(actor=actor, stall_id=made.id)
    assert told.history is not None
    assert (told.history[0].text, told.why) == ("Seen", None)
    close_stall(actor=company.actor("team_lead", "K1"), stall_id=made.id, outcome="done")
    with pytest.raises(NotFoundError):
        stall(actor=actor, stall_id=made.id)  # closed: for its author and the owner


def test_a_number_of_people_is_told_from_the_group_floor_on(company: Company, claims: Stream) -> None:
    made = reported(company.actor("employee", "K1"), claims, hours_per_week=2)
    reader = company.actor("employee", "K1")
    for number in range(1, 4):
        join_stall(actor=colleague(company, number), stall_id=made.id)
    four = line(stream_stalls(actor=reader, stream_id=claims.id), "Review")
    assert (four["reports"], four["people"], four["hours_per_week"], four["hours_withheld"]) == (1, None, None, True)
    # The fourth to join reports, too: five people in all, one of them twice, 2 + 1.5 hours.
    second = reported(colleague(company, 4), claims, hours_per_week=1.5)
    join_stall(actor=colleague(company, 1), stall_id=second.id)
    five = line(stream_stalls(actor=reader, stream_id=claims.id), "Review")
    assert (five["reports"], five["people"], five["hours_per_week"]) == (2, 5, 3.5)
    assert line(stream_stalls(actor=reader, stream_id=claims.id), "Doing")["people"] == 0


def test_perception_against_measurement_in_every_case(company: Company, boss: Actor, tmp_path: Path) -> None:
    """Per item: Doing 3 days in 2 items, Review 8 days in 2, Parked 2 days in 1; 13 days in all (see tiny.py)."""
    lake, _ = tiny_stream(company, boss, tmp_path, confirmed=False)
    from pegel.eventlog.workflow import load_workflow  # noqa: PLC0415  (only here)
    from pegel.lake.workflows import set_workflow  # noqa: PLC0415  (only here)
    from pegel_web.jobs.performing import run_waiting_jobs  # noqa: PLC0415  (only here)

    set_workflow(lake, "Tiny", load_workflow("states: {Doing: active, Review: waiting, Parked: waiting, Done: done}"))
    run_waiting_jobs()
    stream = stall_desk(actor=boss).places[0]
    assert {one.state for one in stream.steps} == {"Review", "Parked", "Doing"}
    for state in ("Review", "Doing", ""):
        reported(boss, stream.stream, state)
    found = stream_stalls(actor=boss, stream_id=stream.stream.id)
    lines = {one.state: one for one in found.comparison}
    review, parked, doing, outside = (lines[state] for state in ("Review", "Parked", "Doing", ""))
    assert (review.case, review.wait_status, review.wait_days_per_item, review.rank) == (
        "reported_measured", "value", 4.0, 1,
    )  # fmt: skip
    assert review.share == pytest.approx(8 / 13)
    assert "62% of all flow time, rank 1 of 2" in review.sentence
    assert (parked.case, parked.reports, parked.rank) == ("measured_only", 0, 2)
    assert parked.wait_days_per_item == pytest.approx(2.0)
    assert "never reported" in parked.sentence
    assert (doing.case, doing.wait_status, doing.wait_days_per_item) == ("reported_only", "as_work", None)
    assert "hidden in this active state" in doing.sentence
    assert (outside.case, outside.wait_status) == ("reported_only", "no_data")
    assert "outside of the tool" in outside.sentence
    for one in StallReport.objects.everything(because="test"):
        answer_stall(actor=boss, stall_id=one.id, text="Seen")
        close_stall(actor=boss, stall_id=one.id, outcome="done")
    # Closed ones count for the 13 weeks that the measurement looks back, and no longer.
    later = replace(boss, at=boss.at + timedelta(weeks=13, days=1))
    cases = {one.state: one.case for one in stream_stalls(actor=later, stream_id=stream.stream.id).comparison}
    assert cases == {"Review": "measured_only", "Parked": "measured_only", "Doing": "neither"}


def test_a_state_without_meaning_is_not_called_unmeasured(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    from pegel_web.jobs.performing import run_waiting_jobs  # noqa: PLC0415  (only here)

    run_waiting_jobs()
    assert lake is not None
    reported(boss, stream, "Parked")
    found = line(stream_stalls(actor=boss, stream_id=stream.id), "Parked")
    assert (found["case"], found["wait_status"]) == ("unmapped", "not_configured")


def test_below_the_group_floor_no_wait_is_told(company: Company, boss: Actor, tmp_path: Path) -> None:
    make_lake(tmp_path, {"Claims": rows_of_weeks(people=3)})
    stream = adopted(boss, "Claims", company.unit("K1"))
    reported(boss, stream)
    found = line(stream_stalls(actor=boss, stream_id=stream.id), "Review")
    assert (found["case"], found["wait_status"], found["wait_days_per_item"], found["share"], found["rank"]) == (
        "withheld", "withheld", None, None, None,
    )  # fmt: skip


def test_before_anything_is_computed_a_step_outside_can_be_reported(
    company: Company, boss: Actor, tmp_path: Path
) -> None:
    _, stream = tiny_stream(company, boss, tmp_path)
    assert stall_desk(actor=boss).places[0].steps == ()
    with pytest.raises(InputError, match="stall_state_unknown"):
        reported(boss, stream)
    reported(boss, stream, "")
    found = line(stream_stalls(actor=boss, stream_id=stream.id), "")
    assert (found["case"], found["reports"]) == ("not_computed", 1)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"why": "  "}, "text_missing"),
        ({"why": "x" * 1001}, "text_too_long"),
        ({"why": "a\x00b"}, "text_unprintable"),
        ({"friction": "laziness"}, "stall_word_unknown"),
        ({"often": "always"}, "stall_word_unknown"),
        ({"hours_per_week": 0}, "stall_hours_impossible"),
        ({"hours_per_week": 61}, "stall_hours_impossible"),
        ({"hours_per_week": float("nan")}, "stall_hours_impossible"),
        ({"state": "Done"}, "stall_state_unknown"),
        ({"state": "<script>"}, "stall_state_unknown"),
    ],
)
def test_what_cannot_be_meant_is_refused(company: Company, claims: Stream, given: dict[str, object], code: str) -> None:
    with pytest.raises(InputError, match=code):
        reported(company.actor("employee", "K1"), claims, **given)
    assert not StallReport.objects.everything(because="test").exists()


def test_one_person_cannot_flood_a_stream(company: Company, claims: Stream) -> None:
    author = company.actor("employee", "K1")
    for _ in range(MOST_OPEN):
        reported(author, claims)
    with pytest.raises(ConflictError, match="stall_too_many"):
        reported(author, claims)
    reported(colleague(company, 1), claims)


def test_who_may_what(company: Company, claims: Stream) -> None:
    made = reported(company.actor("employee", "K1"), claims)
    stranger = company.actor("team_lead", "S1")
    with pytest.raises(NotFoundError, match="stream_unknown"):
        reported(stranger, claims)
    for act in (join_stall, reopen_stall, stall):
        with pytest.raises(NotFoundError, match="stall_unknown"):
            act(actor=stranger, stall_id=made.id)
    program = company.actor("agent", "K1")
    for act in (reported,):
        with pytest.raises(NotAllowedError):
            act(program, claims)
    for act in (join_stall, reopen_stall):
        with pytest.raises(NotAllowedError):
            act(actor=program, stall_id=made.id)
    employee = colleague(company, 1)
    with pytest.raises(NotAllowedError):
        answer_stall(actor=employee, stall_id=made.id, text="No")
    with pytest.raises(NotAllowedError):
        close_stall(actor=employee, stall_id=made.id, outcome="done")
    with pytest.raises(NotAllowedError):
        reopen_stall(actor=company.actor("team_lead", "K1"), stall_id=made.id)
    with pytest.raises(NotAllowedError):
        stall_desk(actor=company.actor("works_council"))


def test_a_person_gets_their_reports_and_is_taken_out_of_them(company: Company, claims: Stream) -> None:
    author, other = company.actor("employee", "K1"), colleague(company, 1)
    made = reported(author, claims)
    join_stall(actor=other, stall_id=made.id)
    answer_stall(actor=company.actor("team_lead", "K1"), stall_id=made.id, text="Seen")
    assert [one["why"] for one in own_records(author.person())["stall_reports"]] == [WORDS]
    assert [one["report__state"] for one in own_records(other.person())["stall_voices"]] == ["Review"]
    answers = own_records(company.actor("team_lead", "K1").person())["stall_answers"]
    assert [(one["kind"], one["text"]) for one in answers] == [("answered", "Seen")]
    assert WORDS not in str(own_records(other.person()))
    for actor in (author, other):
        ended = forget_person(person_id=actor.person(), at=AT, by=None)
    assert (ended["stall_reports"], ended["stall_voices"]) == (0, 1)
    row = StallReport.objects.everything(because="test").get()
    voice = StallVoice.objects.everything(because="test").get()
    assert (row.author_id, voice.person_id, row.why) == (None, None, WORDS)
    found = stream_stalls(actor=company.actor("team_lead", "K1"), stream_id=claims.id)
    assert line(found, "Review")["reports"] == 1


def test_closed_reports_go_after_their_time(company: Company, claims: Stream, tmp_path: Path) -> None:
    lead, officer = company.actor("team_lead", "K1"), company.actor("data_protection_officer")
    kept, gone = reported(lead, claims), reported(lead, claims)
    for one in (kept, gone):
        answer_stall(actor=lead, stall_id=one.id, text="Seen")
        close_stall(actor=lead, stall_id=one.id, outcome="done")
    still_open = reported(lead, claims)
    StallReport.objects.everything(because="test").update(reported_at=AT - timedelta(days=900))
    for one, days in ((kept, 364), (gone, 366)):
        StallReport.objects.everything(because="test").filter(pk=one.id).update(closed_at=AT - timedelta(days=days))
    erased = ErasedPeople(tmp_path)
    due = {one.kind: one.due for one in retention_preview(actor=officer, erased=erased)}
    assert due["stall_reports"] == 1
    assert dict(apply_retention(actor=officer, erased=erased).gone)["stall_reports"] == 1
    left: set[UUID] = set(StallReport.objects.everything(because="test").values_list("id", flat=True))
    assert left == {kept.id, still_open.id}


def test_members_of_a_small_unit_are_not_found_out_by_numbers(company: Company, claims: Stream) -> None:
    """A unit with two members: the wait is withheld, and so is how many people say something."""
    for name in ("Mia", "Max"):
        person = company.person(name, user=False)
        Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
        RoleAssignment.objects.create(person=person, role="employee", unit=company.units["K1"], valid_from=FROM)
    reported(company.actor("employee", "K1"), claims, hours_per_week=3)
    found = line(stream_stalls(actor=company.actor("team_lead", "K1"), stream_id=claims.id), "Review")
    assert (found["case"], found["people"], found["hours_per_week"]) == ("withheld", None, None)
