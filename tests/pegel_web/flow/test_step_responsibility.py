"""Who is accountable for each step: gaps and the waiting in them by hand, per role, through every interface."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.core.tools import tool_named
from pegel_web.flow.contracts.responsibility import StepOwner
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.queries.responsibility import stream_responsibility
from pegel_web.flow.services.responsibility import change_responsibility
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import adopted, make_lake

#: Of A: Doing 1 day, Review 3, Parked 1. Of B: Doing 1, Review 1. C is open in Review. Waiting: Review 4, Parked 1.
ROWS = [
    "item,at,state",
    "A,2026-01-05,Doing", "A,2026-01-06,Review", "A,2026-01-09,Parked", "A,2026-01-10,Done",
    "B,2026-01-05,Doing", "B,2026-01-06,Review", "B,2026-01-07,Done", "C,2026-01-08,Doing", "C,2026-01-09,Review",
]  # fmt: skip
MEANING = "states: {Doing: active, Review: waiting, Parked: waiting, Done: done}"


@pytest.fixture
def stream(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    lake = make_lake(tmp_path, {"Tiny": ROWS}, confirmed=False)
    set_workflow(lake, "Tiny", load_workflow(MEANING))
    return adopted(boss, "Tiny", company.unit("K1"))


def test_gaps_and_the_waiting_in_them(company: Company, boss: Actor, stream: Stream) -> None:
    it = stream_responsibility(actor=boss, stream_id=stream.id)
    steps = [(one.state, one.work.waiting_days, one.work.items, one.work.open) for one in it.lines if one.work]
    assert steps == [("Review", 4.0, 2, 1), ("Parked", 1.0, 1, 0), ("Doing", 0.0, 2, 0)]
    assert (it.gaps, it.gap_share, it.gap_days, it.gap_open) == (3, 1.0, 5.0, 1)
    it = change_responsibility(
        actor=boss,
        stream_id=stream.id,
        owners=[StepOwner(state="Review", unit_id=company.unit("K2")), StepOwner(state="Doing")],
        revision=it.revision,
    )
    assert (it.gaps, it.gap_share, it.gap_open) == (2, 0.2, 0)
    assert it.sentences[0] == "2 of 3 steps have nobody accountable; 20% of the waiting lies there."
    assert it.content is not None
    assert (it.content.team_status, it.content.teams) == ("not_configured", None)
    assert "not configured" in it.sentences[1]
    assert (it.lines[0].unit_name, it.lines[0].since) == ("Household", boss.at.date())
    (entry,) = AuditEntry.objects.everything(because="test").filter(event="flow.responsibility.changed")
    assert entry.before == {"Review": None}
    assert entry.after == {"Review": str(company.unit("K2"))}


def test_what_held_before_keeps_its_time(company: Company, boss: Actor, stream: Stream) -> None:
    first = stream_responsibility(actor=boss, stream_id=stream.id).revision
    one = change_responsibility(
        actor=boss, stream_id=stream.id, owners=[StepOwner(state="Review", unit_id=company.unit("K1"))], revision=first
    )
    with pytest.raises(ConflictError):
        change_responsibility(actor=boss, stream_id=stream.id, owners=[], revision=first)
    # A second change on the same day replaces the first: nobody was accountable for no time at all.
    one = change_responsibility(
        actor=boss, stream_id=stream.id, owners=[StepOwner(state="Review", unit_id=company.unit("K2"))],
        revision=one.revision,
    )  # fmt: skip
    later = replace(boss, at=boss.at + timedelta(days=3))
    gone = change_responsibility(
        actor=later, stream_id=stream.id, owners=[StepOwner(state="Review")], revision=one.revision
    )
    day = boss.at.date()
    assert [(line.unit_name, line.valid_from, line.valid_until) for line in gone.history] == [
        ("Household", day, day + timedelta(days=3))
    ]
    assert gone.gaps == 3


def test_who_may_and_what_is_refused(company: Company, boss: Actor, stream: Stream) -> None:
    revision = stream_responsibility(actor=boss, stream_id=stream.id).revision
    for actor, refused in (
        (company.actor("employee", "K1"), NotAllowedError), (company.actor("team_lead", "K2"), NotFoundError),
    ):  # fmt: skip
        with pytest.raises(refused):
            change_responsibility(actor=actor, stream_id=stream.id, owners=[], revision=revision)
    lead = company.actor("team_lead", "K1")
    for owners, error in (
        ([StepOwner(state="Nowhere")], NotFoundError),
        ([StepOwner(state="Review", unit_id=stream.id)], NotFoundError),
        ([StepOwner(state="Review"), StepOwner(state="Review")], InputError),
    ):
        with pytest.raises(error):
            change_responsibility(actor=lead, stream_id=stream.id, owners=owners, revision=revision)


def test_teams_are_counted_where_the_log_names_them(company: Company, boss: Actor, tmp_path: Path) -> None:
    lines = ["item,at,state,team"] + [
        f"{line},{'Red' if 'Doing' in line else 'Blue'}" for line in ROWS[1:]
    ]  # fmt: skip
    lake = make_lake(tmp_path, {"Tiny": lines}, confirmed=False)
    set_workflow(lake, "Tiny", load_workflow(MEANING))
    small = adopted(boss, "Tiny", company.unit("K1"))
    content = stream_responsibility(actor=boss, stream_id=small.id).content
    assert content is not None
    if content.team_status == "not_configured":
        pytest.skip("this source does not read teams")
    assert content.teams == 2


def test_few_people_see_who_is_accountable_but_no_figures(company: Company, boss: Actor, tmp_path: Path) -> None:
    lines = [f"{line},person{number % 2}" if number else f"{line},actor" for number, line in enumerate(ROWS)]
    lake = make_lake(tmp_path, {"Tiny": lines}, confirmed=False)
    set_workflow(lake, "Tiny", load_workflow(MEANING))
    small = adopted(boss, "Tiny", company.unit("K1"))
    it = stream_responsibility(actor=boss, stream_id=small.id)
    assert (it.withheld, it.gaps, it.gap_share, it.gap_days, it.content) == (True, 3, None, None, None)
    assert [one.work for one in it.lines] == [None, None, None]


def test_one_form_for_all_steps_and_the_same_everywhere(company: Company, boss: Actor, stream: Stream) -> None:
    client = company.client("team_lead", "K1")
    address = f"/streams/{stream.id}/responsibility/"
    body = client.get(address).content.decode()
    assert "3 of 3 steps have nobody accountable; 100% of the waiting lies there." in body
    revision = stream_responsibility(actor=boss, stream_id=stream.id).revision
    unit = str(company.unit("K1"))
    sent = {"revision": revision, "step-0": "Review", "unit-0": unit, "step-1": "Parked", "unit-1": "",
            "step-2": "Doing", "unit-2": unit}  # fmt: skip
    assert client.post(address, {**sent, "unit-0": "no unit"}).status_code == 422
    assert client.post(address, sent).status_code == 302
    after = client.get(address).content.decode()
    assert "1 of 3 steps has nobody accountable; 20% of the waiting lies there." in after
    assert client.post(address, sent).status_code == 409
    rows = client.get(f"{address}?steps.export=csv").content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("Review,Motor,2026-")
    told = client.get(f"/api/v1/streams/{stream.id}/responsibility").json()
    assert (told["gaps"], told["gap_share"]) == (1, 0.2)
    assert tool_named("stream_responsibility").call(boss, {"stream_id": str(stream.id)})["gaps"] == 1
    german = client.get(address, headers={"Accept-Language": "de"}).content.decode()
    assert "Für 1 von 3 Schritten ist niemand verantwortlich" in german
    reader = company.client("employee", "K1").get(address).content.decode()
    assert "<select" not in reader
