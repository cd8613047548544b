"""Where to start: what the library says, ranked over streams, and baselines that nothing changes."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

import pegel
from pegel.errors import NotFoundError
from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow
from pegel.waits.picker import start_small as library
from pegel_web.core.actor import Actor
from pegel_web.core.append_only import missing
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.flow.baseline_guard import BASELINE_GUARDS
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import Baseline, StreamDeclaration
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.baselines import baselines
from pegel_web.flow.queries.start_small import start_small
from pegel_web.flow.services.baselines import take_baseline
from pegel_web.flow.services.snapshots import read_lake
from pegel_web.flow.services.stalls import report_stall
from pegel_web.jobs.performing import run_waiting_jobs
from tests.pegel_web.company import AT, Company
from tests.pegel_web.flow.lakes import adopted, make_lake, rows_of_weeks

PHASED = (
    "states: {Doing: {category: active, phase: execution}, "
    "Review: {category: waiting, friction: approval, phase: execution}, Done: done}"
)


@pytest.fixture
def phased(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    """Return a stream whose states have phases: each item is worked on for a day and waits for two."""
    lake = make_lake(tmp_path, {"Claims": rows_of_weeks(40)})
    set_workflow(lake, "Claims", load_workflow(PHASED))
    return adopted(boss, "Claims", company.unit("K1"))


def test_it_is_what_the_library_says(boss: Actor, phased: Stream) -> None:
    """In the 12 weeks before Monday, 2 March, an item is finished on most working days after two days of review."""
    log = pegel.open_log(pegel.open_lake(lake_folder()), streams=["Claims"])
    known = library(log, BUILT_IN["first_active_to_last_done"])
    found = start_small(actor=boss, stream_id=phased.id)
    assert [one.step.state for one in found.steps] == [one.state for one in known.steps] == ["Review"]
    (one,), (same,) = found.steps, known.steps
    step = one.step
    assert step.lost_hours_per_week.value == same.lost_hours_per_week.value
    assert (step.items, step.proven, step.phase) == (same.items, True, "execution")
    # Each item waits exactly two days: the median, the 85th percentile and what is lost per item are two days.
    assert (step.baseline.p50.value, step.baseline.p85.value, step.lost_days_per_item) == (2.0, 2.0, 2.0)
    assert step.lost_hours_per_week.value == pytest.approx(step.items * 48 / 12)
    assert step.lost_days_per_week.value == pytest.approx(step.lost_hours_per_week.value / 24)
    assert step.share_of_stream == pytest.approx(2 / 3)
    assert [(cause.cause, cause.share) for cause in step.causes] == [("approval", 1.0)]
    assert found.pick is one
    assert "“Review” (phase execution) in Claims" in found.sentence
    assert (one.price.per_week, one.reports, one.baseline_id, one.may_take_baseline) == (None, 0, None, True)


def test_price_and_reports_stand_beside_it(company: Company, boss: Actor, phased: Stream) -> None:
    StreamDeclaration.objects.create(
        stream_id=phased.id, content={"cost_of_delay": 10.0, "currency": "CHF"}, changed_at=AT
    )
    report_stall(actor=boss, stream_id=phased.id, state="Review", friction="approval", why="Signed on Fridays")
    (one,) = start_small(actor=boss).steps
    assert one.price.per_week is not None
    assert one.price.per_week.value == pytest.approx(one.step.lost_days_per_week.value * 10)
    assert one.price.currency == "CHF"
    assert (one.reports, one.people) == (1, None)
    body = company.client("team_lead", "K1").get("/streams/start-small/").content.decode()
    assert "CHF" in body
    assert "1 report says that it stalls here" in body


def test_streams_are_ranked_together_and_what_is_missing_is_said(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake = make_lake(
        tmp_path,
        {
            "Fast": rows_of_weeks(40),
            "Slow": rows_of_weeks(40, prefix="S", slow_after=0),
            "New": rows_of_weeks(5, prefix="N"),
            "Plain": rows_of_weeks(40, prefix="P"),
            "Few": rows_of_weeks(40, prefix="F", people=3),
        },
    )
    for name in ("Fast", "Slow", "New", "Few"):
        set_workflow(lake, name, load_workflow(PHASED))
    streams = {name: adopted(boss, name, company.unit("K1")) for name in ("Fast", "Slow", "New", "Plain", "Few")}
    found = start_small(actor=boss)
    assert [(one.rank, one.stream.name, one.step.proven) for one in found.steps] == [
        (1, "Slow", True), (2, "Fast", True), (3, "New", False),
    ]  # fmt: skip
    assert found.pick is not None
    assert found.pick.stream.name == "Slow"
    by_name = {one.stream.name: one for one in found.streams}
    assert by_name["Plain"].status == "not_configured"
    assert (by_name["Few"].status, by_name["Few"].unmapped) == ("withheld", ())
    assert "Few" not in {one.stream.name for one in found.steps}
    new = found.steps[2].step.baseline
    assert (new.sufficient, new.reason) == (False, "too_few_items")
    single = start_small(actor=boss, stream_id=streams["New"].id)
    assert single.pick is None
    assert "at least 30 finished items" in single.sentence
    stranger = start_small(actor=company.actor("team_lead", "S1"))
    assert (stranger.steps, stranger.streams, stranger.baselines) == ((), (), ())
    with pytest.raises(ConflictError, match="baseline_withheld"):
        take_baseline(actor=boss, stream_id=streams["Few"].id, state="Review", phase="execution")


def test_a_baseline_is_kept_once_and_never_changed(company: Company, boss: Actor, phased: Stream) -> None:
    lead = company.actor("team_lead", "K1")
    taken = take_baseline(actor=lead, stream_id=phased.id, state="Review", phase="execution")
    assert taken.figures is not None
    assert (taken.figures.p50.value, taken.comparable, taken.taken_by) == (2.0, True, "team_lead-K1")
    assert taken.definition == "start_small/1"
    assert len(taken.definition_hash) == 64
    with pytest.raises(ConflictError, match="baseline_taken_already"):
        take_baseline(actor=boss, stream_id=phased.id, state="Review", phase="execution")
    with pytest.raises(NotFoundError, match="baseline_step_unknown"):
        take_baseline(actor=boss, stream_id=phased.id, state="Review", phase="intake")
    with pytest.raises(NotAllowedError):
        take_baseline(actor=company.actor("employee", "K1"), stream_id=phased.id, state="Review", phase="execution")
    (one,) = start_small(actor=boss, stream_id=phased.id).steps
    assert (one.baseline_id, one.may_take_baseline) == (taken.id, False)
    entry = AuditEntry.objects.everything(because="test").get(event="flow.baseline.taken")
    assert (entry.subject_id, entry.actor_id) == (str(taken.id), lead.person_id)
    assert missing(connection, BASELINE_GUARDS) == []
    rows = Baseline.objects.everything(because="test").filter(pk=taken.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(state="Doing")
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
    assert [(one.id, one.state) for one in baselines(actor=boss)] == [(taken.id, "Review")]
    assert baselines(actor=company.actor("team_lead", "S1")) == ()


def test_another_meaning_of_the_states_is_no_longer_the_same(company: Company, boss: Actor, phased: Stream) -> None:
    taken = take_baseline(actor=boss, stream_id=phased.id, state="Review", phase="execution")
    lake = pegel.open_lake(lake_folder())
    set_workflow(lake, "Claims", load_workflow(PHASED.replace("friction: approval", "friction: hand_off")))
    later = replace(boss, at=boss.at)
    read_lake(lake_folder(), at=later.at)
    refresh(later, phased.id)
    (kept,) = baselines(actor=boss, stream_id=phased.id)
    assert (kept.id, kept.comparable, kept.figures) == (taken.id, False, taken.figures)
    again = take_baseline(actor=boss, stream_id=phased.id, state="Review", phase="execution")
    assert again.definition_hash != taken.definition_hash
    assert len(baselines(actor=boss)) == 2


def refresh(actor: Actor, stream: UUID) -> None:
    from pegel_web.flow.services.refreshing import refresh_stream  # noqa: PLC0415  (only here)

    refresh_stream(actor=actor, stream_id=stream)
    run_waiting_jobs()


def test_taking_it_on_the_page(company: Company, phased: Stream) -> None:
    client = company.client("team_lead", "K1")
    address = f"/streams/{phased.id}/start-small/"
    body = client.get(address).content.decode()
    assert "Take this as baseline" in body
    sent = {"state": "Review", "phase": "execution"}
    assert client.post(f"{address}baseline/", sent, follow=True).status_code == 200
    after = client.get(address).content.decode()
    assert "These figures are kept as a baseline" in after
    twice = client.post(f"{address}baseline/", sent, follow=True).content.decode()
    assert "kept as a baseline already" in twice
    odd = client.post(f"{address}baseline/", {"state": "x\x00", "phase": "?"}, follow=True)
    assert odd.status_code == 200
    file = client.get(f"{address}?baselines.export=csv").content.decode("utf-8-sig").splitlines()
    assert len(file) == 2
    assert str(Baseline.objects.everything(because="test").get().id) in file[1]
    steps = client.get("/streams/start-small/?steps.export=csv").content.decode("utf-8-sig").splitlines()
    assert steps[0].startswith("Rank,State,Value stream,Phase,Proven,Hours lost per week")
    employee = company.client("employee", "K1")
    assert "Take this as baseline" not in employee.get(address).content.decode()
    assert employee.post(f"{address}baseline/", sent).status_code == 403


def test_programs_agents_and_both_languages(company: Company, phased: Stream) -> None:
    import json  # noqa: PLC0415  (only here)

    from pegel_web.core.tools import tool_named  # noqa: PLC0415  (only here)

    client, actor = company.client("team_lead", "K1"), company.actor("team_lead", "K1")
    found = client.get("/api/v1/streams/start-small").json()
    told = tool_named("start_small").call(actor, {})
    assert (told["steps"], told["pick"], told["sentence"]) == (found["steps"], found["pick"], found["sentence"])
    one = client.get(f"/api/v1/streams/{phased.id}/start-small").json()
    assert one["pick"]["step"]["state"] == "Review"
    body = json.dumps({"state": "Review", "phase": "execution"})
    made = client.post(f"/api/v1/streams/{phased.id}/baselines", body, content_type="application/json")
    assert (made.status_code, made.json()["figures"]["p50"]["value"]) == (201, 2.0)
    assert client.get("/api/v1/baselines").json()["items"][0]["id"] == made.json()["id"]
    assert tool_named("baselines").call(actor, {})["result"][0]["id"] == made.json()["id"]
    for language, words in {"de": "Klein anfangen", "en": "Start small"}.items():
        page = client.get("/streams/start-small/", headers={"Accept-Language": language}).content.decode()
        assert words in page
