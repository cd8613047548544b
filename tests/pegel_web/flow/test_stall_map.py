"""The stall map, the kinds of work and the drawings: by hand, per role, in both languages, below the group floor."""

import json
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pegel.errors import NotFoundError
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow
from pegel.words.numbers import percent
from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool_named
from pegel_web.flow.computing.stalls import load_now
from pegel_web.flow.contracts.reports import PhaseLine, ReportContent
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import StreamDeclaration
from pegel_web.flow.queries.reports import stream_chart, stream_report
from pegel_web.flow.queries.where_it_stalls import first_step, where_it_stalls
from pegel_web.flow.services.refreshing import refresh_stream
from pegel_web.flow.services.streams import adopt_stream
from pegel_web.flow.tasks import watch
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.organisation.models import Membership
from tests.pegel_web.company import FROM, Company
from tests.pegel_web.flow.test_refreshing import Watching
from tests.pegel_web.flow.tiny import tiny_stream

#: Waiting counts as begun, so that C, which stands in Review, is open.
POLICY = "commitment_to_done"
PHASES = """
states:
  Doing: {category: active, phase: execution}
  Review: {category: waiting, phase: execution, friction: approval}
  Parked: {category: waiting}
  Done: done
items: {Bug: defect, Story: feature}
"""


@pytest.fixture
def tiny(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    """Return the stream of `tiny.py` with two phases: Doing 3 days, Review 8, Parked (no phase) 2; 13 together."""
    lake, stream = tiny_stream(company, boss, tmp_path)
    set_workflow(lake, "Tiny", load_workflow(PHASES))
    watch(Watching(boss))  # type: ignore[arg-type]  # only the actor is asked for
    run_waiting_jobs()
    return stream


def content_of(actor: Actor, stream: Stream) -> ReportContent:
    found = stream_report(actor=actor, stream_id=stream.id, period="all", policy=POLICY).content
    assert found is not None
    return found


def test_time_and_load_by_phase(boss: Actor, tiny: Stream) -> None:
    phases: dict[str | None, PhaseLine] = {one.phase: one for one in content_of(boss, tiny).phases}
    assert list(phases) == ["intake", "planning", "execution", "reporting", None]
    done = phases["execution"]
    assert done.days == pytest.approx(3 + 8)
    assert done.share == pytest.approx(11 / 13)
    assert done.waiting_share == pytest.approx(8 / 11)
    assert (done.load, done.late) == (1, 0)  # C stands in Review
    assert (phases[None].days, phases[None].waiting_share, phases[None].load) == (2.0, 1.0, 0)
    assert (phases["intake"].days, phases["intake"].waiting_share) == (0.0, None)


def test_parts_add_up(boss: Actor, tiny: Stream) -> None:
    content = content_of(boss, tiny)
    assert sum(one.days for one in content.phases) == pytest.approx(sum(one.days for one in content.states))
    assert sum(one.share or 0 for one in content.phases) == pytest.approx(1.0)
    assert sum(one.load for one in content.phases) == content.ageing.open == 1


def test_a_state_that_means_two_things_counts_each_item_once() -> None:
    items = pl.DataFrame(
        {
            "stream": "S",
            "type": ["Bug", None, "Bug"],
            "state": "Review",
            "category": "waiting",
            "pace": ["beyond_p85", None, "within_p50"],
            "age_days": [9.0, 4.0, 1.0],
        }
    )
    places = pl.DataFrame(
        {
            "stream": "S",
            "type": ["Bug", None],
            "state": "Review",
            "phase": ["execution", "reporting"],
            "friction": [None, None],
        },
        schema_overrides={"friction": pl.String},
    )
    assert load_now(items, places) == {
        ("Review", "waiting", "execution", None): (2, 1, 9.0),
        ("Review", "waiting", "reporting", None): (1, 0, 4.0),
    }


def test_the_page_shows_the_map_and_leads_to_the_items(company: Company, tiny: Stream) -> None:
    client = company.client("team_lead", "K1")
    address, asked = f"/streams/{tiny.id}/", f"period=all&policy={POLICY}"
    body = client.get(f"{address}?{asked}").content.decode()
    assert 'class="stall-map"' in body
    assert "85% of the time, 73% of that waiting" in body  # 11/13, 8/11
    assert f"metric=work_item_age&amp;period=all&amp;policy={POLICY}&amp;state=Review" in body
    assert "Nobody has said to which phase 1 step belongs" in body
    assert " style=" not in body
    german = client.get(f"{address}?{asked}", headers={"Accept-Language": "de"}).content.decode()
    assert f"{percent(11 / 13, 'de')} der Zeit, davon {percent(8 / 11, 'de')} wartend" in german
    assert "Ohne Phase" in german
    items = f"{address}items/?metric=work_item_age&{asked}&state=Review"
    assert ">C<" in client.get(items).content.decode()


def test_nothing_is_mapped_to_a_phase(company: Company, claims: Stream) -> None:
    body = company.client("team_lead", "K1").get(f"/streams/{claims.id}/").content.decode()
    assert 'data-phases="1"' in body
    assert "Nobody has said to which phases 2 steps belong" in body
    assert f'href="/streams/{claims.id}/workflow/"' in body


def test_kinds_beside_what_is_meant(company: Company, boss: Actor, tiny: Stream) -> None:
    content = content_of(boss, tiny)
    shares = {one.kind: (one.share, one.verdict) for one in content.distribution.lines}
    assert shares == {"feature": (0.5, None), "defect": (0.5, None)}  # B is a story, A is a bug
    assert not content.distribution.declared
    client = company.client("team_lead", "K1")
    assert "not configured" in client.get(f"/streams/{tiny.id}/?period=all&policy=commitment_to_done").content.decode()
    StreamDeclaration.objects.create(
        stream_id=tiny.id,
        content={
            "shares": [{"kind": "defect", "least": None, "most": 0.2}, {"kind": "debt", "least": 0.1, "most": 0.3}]
        },
        changed_at=boss.at,
    )
    refresh_stream(actor=boss, stream_id=tiny.id)
    run_waiting_jobs()
    found = content_of(boss, tiny).distribution
    assert {one.kind: one.verdict for one in found.lines} == {"feature": None, "defect": "above", "debt": "below"}
    assert "Not as meant: defect has 50%, meant is at most 20%, debt has 0%, meant is 10% to 30%." in found.sentence
    drawn = stream_chart(
        actor=boss, stream_id=tiny.id, name="flow_distribution", period="all", policy=POLICY
    ).specification
    assert '"low":0.0,"high":0.2' in drawn
    assert "more than meant" in client.get(f"/streams/{tiny.id}/?period=all&policy=commitment_to_done").content.decode()


def test_drawings_as_files(company: Company, claims: Stream) -> None:
    client = company.client("team_lead", "K1")
    address = f"/streams/{claims.id}/charts/waits"
    text = client.get(f"{address}.json")
    assert (text["Content-Type"], "private" in text["Cache-Control"]) == ("application/json", True)
    assert json.loads(text.content)["$schema"].endswith(".json")
    light, dark = (client.get(f"{address}.svg{asked}") for asked in ("", "?dark=1"))
    assert light["Content-Type"] == "image/svg+xml"
    assert light.content.startswith(b"<svg")
    assert light.content != dark.content
    image = client.get(f"{address}.png")
    assert image.content.startswith(b"\x89PNG")
    assert image["Content-Disposition"] == 'inline; filename="pegel-waits.png"'
    body = client.get(f"/streams/{claims.id}/").content.decode()
    assert f"{address}.svg?period=13w&amp;policy=" in body
    assert "vega.github.io/schema" not in body  # no specification stands on the page itself


@pytest.mark.parametrize("wrong", ["charts/waits.gif", "charts/nothing.svg", "charts/waits.svg?period=x"])
def test_what_is_no_drawing(company: Company, claims: Stream, wrong: str) -> None:
    answer = company.client("team_lead", "K1").get(f"/streams/{claims.id}/{wrong}")
    assert answer.status_code in (400, 404, 422)


def test_who_may_not_see_items_gets_no_drawing_of_them(company: Company, claims: Stream) -> None:
    actor = company.actor("employee", "K1")
    content = stream_report(actor=actor, stream_id=claims.id).content
    assert content is not None
    assert "work_item_age" not in [one.name for one in content.charts]
    assert stream_chart(actor=actor, stream_id=claims.id, name="waits").specification
    with pytest.raises(NotFoundError):
        stream_chart(actor=actor, stream_id=claims.id, name="work_item_age")
    with pytest.raises(NotFoundError):
        stream_chart(actor=company.actor("team_lead", "K2"), stream_id=claims.id, name="waits")


def places_of(body: str) -> list[str]:
    """Return where the list of contents leads to."""
    return re.findall(r'<li><a href="#([^"]+)"', body.partition('class="contents"')[2].partition("</nav>")[0])


def sections_of(body: str) -> list[str]:
    """Return the sections of the page below its list of contents."""
    return re.findall(r'<section aria-labelledby="([^"]+)"', body.partition('class="contents"')[2])


def test_the_list_of_contents_names_every_section(company: Company, claims: Stream) -> None:
    body = company.client("team_lead", "K1").get(f"/streams/{claims.id}/").content.decode()
    assert places_of(body) == sections_of(body)
    assert len(places_of(body)) == 10


def test_below_the_floor_it_is_said_once(company: Company, claims: Stream) -> None:
    actor = company.actor("team_lead", "K1")
    for number in range(4):
        person = company.person(f"Member{number}")
        Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
    german = replace(actor, language="de")
    content = stream_report(actor=german, stream_id=claims.id).content
    assert content is not None
    assert (content.phases, content.charts, content.distribution.lines) == ((), (), ())
    with pytest.raises(NotFoundError):
        stream_chart(actor=actor, stream_id=claims.id, name="waits")
    body = company.client("team_lead", "K1").get(f"/streams/{claims.id}/").content.decode()
    assert body.count("group floor") == 1
    assert 'class="stall-map"' not in body
    assert places_of(body) == sections_of(body) == ["figures", "ageing", "quality", "rules"]
    assert "A-0" in body  # single items stay


def test_where_it_stalls_is_one_answer(company: Company, boss: Actor, tiny: Stream) -> None:
    found = where_it_stalls(actor=boss, stream_id=tiny.id, period="all", policy=POLICY)
    content = content_of(boss, tiny)
    assert (found.status, found.phases, found.steps) == ("value", content.phases, content.states)
    assert found.first_step is not None
    assert (found.first_step.kind, found.first_step.state) == ("longest_wait", "Review")
    assert found.first_step.sentence == (
        "Ask what would have to change so that work waits less in “Review” (62% of the time); "  # 8 of 13
        "what is known of the reason: approval."
    )
    asked = {"period": "all", "policy": POLICY}
    assert tool_named("where_it_stalls").function(boss, stream_id=tiny.id, **asked) == found
    client = company.client("team_lead", "K1")
    sent = client.get(f"/api/v1/streams/{tiny.id}/where-it-stalls", asked).json()
    assert sent["first_step"]["sentence"] == found.first_step.sentence
    assert "(62% of the time)" in client.get(f"/streams/{tiny.id}/", asked).content.decode()


def test_late_work_and_unmapped_states_come_first(boss: Actor, tiny: Stream) -> None:
    content = content_of(boss, tiny)
    doing = next(line for line in content.states if line.state == "Doing")
    late = replace(content, states=(replace(doing, late=2),), ageing=replace(content.ageing, open=6, late=2))
    assert first_step(late, "en").kind == "late_items"  # 2 of 6 is a third
    few = replace(late, ageing=replace(late.ageing, open=7))
    assert first_step(few, "en").kind == "nothing"  # 2 of 7 is less than three in ten, and nothing waits
    assert first_step(replace(late, unmapped_states=1), "de").kind == "map_states"


def test_nothing_computed_and_too_few_people(company: Company, boss: Actor, tmp_path: Path, claims: Stream) -> None:
    for number in range(4):
        person = company.person(f"Member{number}")
        Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
    hidden = where_it_stalls(actor=boss, stream_id=claims.id)
    assert (hidden.status, hidden.phases, hidden.steps, hidden.causes) == ("withheld", (), (), ())
    assert hidden.first_step is None
    assert hidden.open > 0
    sales = adopt_stream(actor=boss, lake_name="Sales", name="Sales", unit_id=company.unit("K2"))
    assert where_it_stalls(actor=boss, stream_id=sales.id).status == "not_computed"
