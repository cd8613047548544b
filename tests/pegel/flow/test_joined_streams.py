"""Several streams of a lake read as one: the figures are of all of them together, and each keeps its own meaning."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pegel import ReadOptions, create_lake, import_file
from pegel.errors import NotFoundError
from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.workflow import load_workflow
from pegel.flow.attribution import attribute
from pegel.flow.flow_report import flow_report
from pegel.flow.item_windows import item_windows
from pegel.lake.store import Lake
from pegel.lake.workflows import set_workflow
from pegel.network import weekly_flow
from pegel.workbench import open_log

SEEN = datetime(2026, 2, 1, tzinfo=UTC)
AS_ONE = {"Two": "One"}
POLICY = BUILT_IN["first_active_to_last_done"]
ONE = [
    "item,at,state",
    "A,2026-01-05T00:00:00Z,Doing",
    "A,2026-01-07T00:00:00Z,Check",
    "A,2026-01-09T00:00:00Z,Done",
]
TWO = [
    "item,at,state",
    "B,2026-01-06T00:00:00Z,Doing",
    "B,2026-01-12T00:00:00Z,Done",
    "C,2026-01-06T00:00:00Z,Check",
]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = create_lake(tmp_path / "lake")
    for name, lines in (("One", ONE), ("Two", TWO), ("Three", [ONE[0], "X,2026-01-01T00:00:00Z,Doing"])):
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        import_file(made, path, ReadOptions(stream=name), seen_at=SEEN)
    set_workflow(made, "One", load_workflow("states: {Doing: active, Check: waiting, Done: done}"))
    set_workflow(made, "Two", load_workflow("states: {Doing: active, Check: active, Done: done}"))
    return made


def test_figures_are_of_all_joined_streams(lake: Lake) -> None:
    report = flow_report(open_log(lake, streams=["One"], joined=AS_ONE), POLICY)
    # A is done after 4 days (5 to 9 January), B after 6 (6 to 12 January); C is open.
    assert (report.flow_time.n, report.flow_load.now) == (2, 1)
    assert report.streams == ("One",)
    # The last event of both, not of the first alone.
    assert open_log(lake, streams=["One"], joined=AS_ONE).as_of_us == open_log(lake, streams=["Two"]).as_of_us


def test_the_same_state_is_one_and_another_meaning_stays_another(lake: Lake) -> None:
    log = open_log(lake, streams=["One"], joined=AS_ONE)
    table = log.engine.collect(log.place_table()).sort("state", "category")
    named = table.filter(table["stream"] == "One").select("state", "category").rows()
    # Doing and Done mean the same in both; Check waits in the first and is work in the second.
    assert named == [("Check", "active"), ("Check", "waiting"), ("Doing", "active"), ("Done", "done")]
    used = set(log.engine.collect(log.rows())["place"])
    assert used <= set(table["place"])
    assert log.names_in_lake() == {"One", "Two"}


def test_all_must_say_what_is_work_and_be_confirmed(lake: Lake) -> None:
    log = open_log(lake, streams=["One"], joined=AS_ONE)
    assert (log.has_active_states(), log.workflows["One"].status) == (True, "confirmed")
    set_workflow(lake, "Two", load_workflow("states: {Doing: waiting, Check: waiting, Done: done}"))
    assert open_log(lake, streams=["One"], joined=AS_ONE).has_active_states() is False
    mixed = open_log(lake, streams=["One"], joined={"Two": "One", "Three": "One"})
    assert mixed.workflows["One"].status == "suggested"  # nobody has looked at the third


def test_the_network_knows_them_by_one_name(lake: Lake) -> None:
    log = open_log(lake, joined=AS_ONE)
    flows = weekly_flow(log, POLICY, attribute(log, POLICY, item_windows(log, POLICY), all_streams=True))
    # Open at the end: C of the second, read as the first, and X of the third.
    assert {name: flow.load for name, flow in flows.items()} == {"One": 1, "Three": 1}


def test_a_name_that_the_lake_lacks_takes_nothing_from_the_others(lake: Lake) -> None:
    found = open_log(lake, streams=["Gone"], joined={"One": "Gone", "Two": "Gone"})
    assert flow_report(found, POLICY).flow_time.n == 2
    with pytest.raises(NotFoundError) as caught:
        open_log(lake, streams=["Gone"], joined={"Nowhere": "Gone"})
    assert caught.value.code == "unknown_stream"


def test_only_some_items_by_number(lake: Lake) -> None:
    numbers = lake.items().collect()
    chosen = numbers.filter(numbers["item"] == "B")["item_no"]
    report = flow_report(open_log(lake, streams=["One"], joined=AS_ONE, items=chosen), POLICY)
    assert (report.flow_time.n, report.flow_load.now) == (1, 0)
