"""When so many items will be done: by hand, per role, through every interface, below the group floor."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import pytest

from pegel.errors import InputError, NotFoundError
from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow
from pegel.prediction.supply import Supply
from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool_named
from pegel_web.flow.computing.supply import _CALENDAR, supply_of
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.queries.forecast import drawn_forecast, forecast_items
from pegel_web.organisation.models import Membership
from tests.pegel_web.company import FROM, Company
from tests.pegel_web.flow.lakes import adopted, make_lake

FIRST, LAST = date(2026, 1, 1), date(2026, 2, 28)
#: One item each day from 1 January to 28 February: whatever is drawn, one a day.
ROWS = ["item,at,state"] + [
    f"A-{number},{FIRST + timedelta(days=number)}T{hour}:00:00Z,{state}"
    for number in range((LAST - FIRST).days + 1)
    for hour, state in (("08", "Doing"), ("12", "Done"))
]


@pytest.fixture
def daily(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    lake = make_lake(tmp_path, {"Daily": ROWS}, confirmed=False)
    set_workflow(lake, "Daily", load_workflow("states: {Doing: active, Done: done}"))
    return adopted(boss, "Daily", company.unit("K1"))


def test_one_a_day_needs_as_many_days_as_items(boss: Actor, daily: Stream) -> None:
    found = forecast_items(actor=boss, stream_id=daily.id, items=3, until=date(2026, 3, 10))
    assert found.first_day == date(2026, 3, 1)
    # 58 whole days were seen: 1 - 3/58 = 94.8%, so that 95% is not claimed. 1 to 10 March are ten days.
    assert [(one.confidence, one.day, one.days, one.items) for one in found.lines] == [
        (0.5, date(2026, 3, 3), 3, 10), (0.7, date(2026, 3, 3), 3, 10), (0.85, date(2026, 3, 3), 3, 10),
        (0.95, None, None, None),
    ]  # fmt: skip
    assert found.lines[3].answer == "too little data for this confidence"
    assert found.probability == pytest.approx(1 - 3 / 58, abs=1e-6)
    assert found.sentences[0].startswith("With 85% confidence 3 items are done by 3 Mar 2026")
    assert found.sentences[1] == "By 10 Mar 2026 at least 10 items get finished with 85% confidence."
    assert (found.runs, found.seed) == (10_000, 1)
    assert "10,000 futures, seed 1" in found.basis


def test_items_that_split_take_longer(boss: Actor, daily: Stream) -> None:
    halved = forecast_items(actor=boss, stream_id=daily.id, items=3, split_rate=2.0)
    assert {one.day for one in halved.lines[:3]} == {date(2026, 3, 6)}  # six items, one a day
    assert halved.until is None
    assert all(one.items is None for one in halved.lines)


def test_nothing_asked_is_four_weeks(boss: Actor, daily: Stream) -> None:
    found = forecast_items(actor=boss, stream_id=daily.id)
    assert (found.items, found.until) == (None, date(2026, 3, 28))
    assert [one.items for one in found.lines[:3]] == [28, 28, 28]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"items": 0}, "forecast_items_out_of_range"), ({"items": 10_001}, "forecast_items_out_of_range"),
        ({"items": 1, "split_rate": 0.9}, "forecast_split_out_of_range"),
        ({"items": 1, "split_rate": float("nan")}, "forecast_split_out_of_range"),
        ({"until": date(2026, 2, 28)}, "forecast_day_out_of_range"),
        ({"until": date(9999, 12, 31)}, "forecast_day_out_of_range"),
        ({"items": 1, "policy": "../x"}, "policy_not_computed"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(boss: Actor, daily: Stream, asked: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as refused:
        forecast_items(actor=boss, stream_id=daily.id, **asked)  # type: ignore[arg-type]  # wrong on purpose
    assert refused.value.code == code


def test_too_little_data_is_no_forecast(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake = make_lake(tmp_path, {"Short": ROWS[:21]}, confirmed=False)  # ten days
    set_workflow(lake, "Short", load_workflow("states: {Doing: active, Done: done}"))
    short = adopted(boss, "Short", company.unit("K1"))
    drawn = drawn_forecast(actor=boss, stream_id=short.id, items=3)
    assert (drawn.found.status, drawn.found.lines, drawn.specification) == ("no_data", (), None)
    # The first of ten days is the one on which the log begins; the last one is not over.
    assert "Pegel saw 9 days and 9 finished items" in drawn.found.sentences[0]
    page = company.client("team_lead", "K1").get(f"/streams/{short.id}/forecast/").content.decode()
    assert drawn.found.sentences[0] in page


def test_a_small_group_is_withheld(company: Company, boss: Actor, daily: Stream) -> None:
    for number in range(2):
        person = company.person(f"Member{number}")
        Membership.objects.create(person=person, unit=company.units["K1"], valid_from=FROM)
    found = drawn_forecast(actor=boss, stream_id=daily.id, items=3)
    assert (found.found.status, found.found.lines, found.found.basis, found.specification) == ("withheld", (), "", None)
    page = company.client("team_lead", "K1").get(f"/streams/{daily.id}/forecast/")
    assert page.status_code == 200
    assert "2026-03-03" not in page.content.decode()


def test_strangers_see_nothing(company: Company, daily: Stream) -> None:
    with pytest.raises(NotFoundError):
        forecast_items(actor=company.actor("team_lead", "S"), stream_id=daily.id, items=3)


def test_the_page_keeps_the_question_in_its_address(company: Company, daily: Stream) -> None:
    client = company.client("team_lead", "K1")
    address = f"/streams/{daily.id}/forecast/"
    page = client.get(f"{address}?items=3&until=2026-03-10&split=1,5").content.decode()
    assert 'name="items" min="1" max="10000" step="1" value="3"' in page
    assert 'name="split" min="1" max="5" step="0.1" value="1.5"' in page
    assert "5 Mar 2026" in page  # 4.5, rounded up
    assert client.get(address).status_code == 200
    for wrong in ("items=abc", "items=1.5", "until=yesterday", "split=0", "items=%00", "items=" + "9" * 50):
        refused = client.get(f"{address}?{wrong}")
        assert refused.status_code == 422, wrong
        assert "notice" in refused.content.decode()
        assert client.get(f"{address}?{wrong}", headers={"HX-Request": "true"}).status_code == 200
    assert client.get(f"{address}?items=3&levels.export=csv").content.decode().count("\n") >= 5


def test_every_interface_gives_the_same(company: Company, boss: Actor, daily: Stream) -> None:
    told = tool_named("forecast_items").call(boss, {"stream_id": str(daily.id), "items": 3})
    answer = company.client("programme_lead", "C").get(f"/api/v1/streams/{daily.id}/forecast?items=3").json()
    assert [one["day"] for one in answer["lines"]] == [*["2026-03-03"] * 3, None]
    assert [one["day"] for one in told["lines"]] == [one["day"] for one in answer["lines"]]


def test_it_is_answered_at_once_and_the_same_again(boss: Actor, daily: Stream) -> None:
    first = forecast_items(actor=boss, stream_id=daily.id, items=200, split_rate=1.3)
    started = perf_counter()
    again = forecast_items(actor=boss, stream_id=daily.id, items=200, split_rate=1.3)
    assert perf_counter() - started < 2  # a tenth of it on an idle machine
    assert again == first


def test_the_supply_is_kept_with_its_calendar() -> None:
    calendar = built_in_calendar("de-BY")
    kept = {
        "days": [20_000, 20_001], "counts": [2, 0], "first_day": 20_000, "until_day": 20_002, "next_day": 20_003,
        "calendar": _CALENDAR.dump_python(calendar, mode="json"),
    }  # fmt: skip
    found = supply_of(kept)
    assert isinstance(found, Supply)
    assert (found.calendar, found.finished, found.counts.shape) == (calendar, 2, (2, 1))
