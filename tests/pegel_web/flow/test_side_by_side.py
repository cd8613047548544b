"""Two selections side by side: by hand on `tiny.py`, in both languages, per role, below the group floor."""

from datetime import date
from pathlib import Path

import pytest

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool_named
from pegel_web.flow.contracts.reports import Selection
from pegel_web.flow.contracts.side_by_side import SideBySide
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.services.side_by_side import side_by_side
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.organisation.models import Membership
from tests.pegel_web.company import FROM, Company
from tests.pegel_web.flow.tiny import tiny_stream

POLICY = "commitment_to_done"
BUGS = Selection(period="all", types=("Bug",), policy=POLICY)  # A: Doing 2, Review 4
STORIES = Selection(period="all", types=("Story",), policy=POLICY)  # B: Doing 1, Review 4, Parked 2
ALL = Selection(period="all", policy=POLICY)  # A and B: Doing 3, Review 8, Parked 2
ASKED = f"period=all&type=Bug&policy={POLICY}&with_period=all&with_type=Story&with_policy={POLICY}"


@pytest.fixture
def tiny(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    _, stream = tiny_stream(company, boss, tmp_path)
    run_waiting_jobs()
    return stream


def compared(actor: Actor, stream: Stream, first: Selection, second: Selection) -> SideBySide:
    assert side_by_side(actor=actor, stream_id=stream.id, first=first, second=second).status == "computing"
    run_waiting_jobs()
    return side_by_side(actor=actor, stream_id=stream.id, first=first, second=second)


def states(found: SideBySide) -> dict[str, tuple[float | None, float | None, float | None]]:
    return {one.code: (one.first, one.second, one.difference) for one in found.lines if one.part == "state"}


def test_two_types(boss: Actor, tiny: Stream) -> None:
    found = compared(boss, tiny, BUGS, STORIES)
    assert found.status == "value"
    assert (found.first.finished, found.second.finished) == (1, 1)
    assert states(found) == {"Parked": (0.0, 2.0, 2.0), "Doing": (2.0, 1.0, -1.0), "Review": (4.0, 4.0, 0.0)}
    assert found.most == "Most has changed in “Parked”: 2 days more per finished item (0 days, then 2 days)."
    assert "follow each other" in found.usual  # the types differ
    time = next(one for one in found.lines if one.code == "flow_time")
    assert (time.first, time.second, time.difference) == (6.0, 7.0, 1.0)


def test_a_type_against_all(boss: Actor, tiny: Stream) -> None:
    found = compared(boss, tiny, BUGS, ALL)
    assert states(found) == {"Parked": (0.0, 1.0, 1.0), "Doing": (2.0, 1.5, -0.5), "Review": (4.0, 4.0, 0.0)}
    mix = next(one for one in found.lines if one.code == "flow_distribution")
    assert (mix.difference, mix.difference_text) == (None, "")  # nobody has said which kinds the types are


def test_units_that_differ_are_not_compared(boss: Actor, tiny: Stream) -> None:
    found = compared(boss, tiny, BUGS, Selection(period="all", types=("Bug",), policy=POLICY, calendar="de"))
    assert states(found)["Review"] == (4.0, 3.0, None)
    assert "count time differently" in found.most


def test_periods_that_follow_each_other(boss: Actor, tiny: Stream) -> None:
    first = Selection(from_day=date(2026, 1, 5), until_day=date(2026, 1, 10), policy=POLICY)
    second = Selection(from_day=date(2026, 1, 11), until_day=date(2026, 1, 12), policy=POLICY)
    found = compared(boss, tiny, first, second)
    assert found.first.until_at == found.second.from_at
    assert "Too few weeks" in found.usual  # one week of finishes has no natural limits
    assert states(found)["Review"] == (None, 4.0, None)  # nothing was finished before the 11th
    assert "cannot be told" in found.most


def test_the_page(company: Company, tiny: Stream) -> None:
    client = company.client("team_lead", "K1")
    address = f"/streams/{tiny.id}/compare/?{ASKED}"
    sent = client.get(address)
    for _ in range(2):  # one job after the other
        assert "<progress" in client.get(sent["Location"]).content.decode()
        run_waiting_jobs()
        sent = client.get(sent["Location"])
        if client.get(sent["Location"]).status_code == 200:
            break
    body = client.get(sent["Location"]).content.decode()
    assert "Most has changed in “Parked”" in body
    assert "item types: Story" in body
    german = client.get(sent["Location"], headers={"Accept-Language": "de"}).content.decode()
    assert "Am meisten hat sich „Parked“ geändert: 2 Tage mehr" in german
    file = client.get(f"{sent['Location']}&sides.export=csv")
    assert file["Content-Type"].startswith("text/csv")
    assert "Parked" in b"".join(file).decode("utf-8-sig")


def test_unasked_it_is_the_usual_period_and_the_year(company: Company, tiny: Stream) -> None:
    body = company.client("team_lead", "K1").get(f"/streams/{tiny.id}/compare/").content.decode()
    assert "13 weeks" in body
    assert "52 weeks" in body
    assert 'name="with_from_day"' in body
    assert (
        f"/streams/{tiny.id}/compare/?"
        in company.client("team_lead", "K1").get(f"/streams/{tiny.id}/").content.decode()
    )


def test_programs_agents_and_strangers(company: Company, boss: Actor, tiny: Stream) -> None:
    client = company.client("team_lead", "K1")
    address = f"/api/v1/streams/{tiny.id}/compare?{ASKED}"
    assert client.get(address).status_code == 202
    run_waiting_jobs()
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.json()["lines"][5]["difference"] == 2.0
    found = tool_named("side_by_side").function(boss, stream_id=tiny.id, first=BUGS, second=STORIES)
    assert found.status == "value"
    assert company.client("team_lead", "K2").get(address).status_code == 404
    assert client.get(f"/streams/{tiny.id}/compare/?with_from_day=x").status_code == 422


def test_below_the_floor(company: Company, boss: Actor, tiny: Stream) -> None:
    for number in range(4):
        person = company.person(f"Member{number}")
        Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
    found = compared(boss, tiny, BUGS, STORIES)
    assert (found.status, found.lines, found.most, found.first.finished) == ("withheld", (), "", None)
    body = company.client("team_lead", "K1").get(f"/streams/{tiny.id}/compare/?{ASKED}").content.decode()
    assert "group floor" in body
