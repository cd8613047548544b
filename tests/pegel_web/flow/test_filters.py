"""Filters by fields of the log: who may, what is refused, and that figures, lists, items and sums agree with them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pegel import ReadOptions, create_lake, import_file
from pegel.errors import InputError
from pegel.eventlog.workflow import load_workflow
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.flow.contracts.declared import Declared, FieldFilter
from pegel_web.flow.contracts.reports import Selection
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.declared import declared_stream, filter_effect
from pegel_web.flow.queries.item import stream_item
from pegel_web.flow.queries.items import stream_items
from pegel_web.flow.queries.overview import stream_overview
from pegel_web.flow.queries.reports import stream_report
from pegel_web.flow.queries.rollup import stream_rollup
from pegel_web.flow.services.declared import declare_stream
from pegel_web.flow.services.selection import report_of
from pegel_web.flow.services.snapshots import read_lake
from pegel_web.flow.services.streams import adopt_stream
from pegel_web.jobs.performing import run_waiting_jobs
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import SEEN
from tests.pegel_web.flow.tiny import MEANING

#: A takes 6, B 7, D 3 days; C and E are open. E1 is the parent of A, E2 that of B.
ROWS = [
    "item,at,state,type,parent,Component,Assignee",
    "A,2026-01-05T00:00:00Z,Doing,Bug,E1,Till,Erika",
    "A,2026-01-11T00:00:00Z,Done,Bug,E1,Till,Erika",
    "B,2026-01-05T00:00:00Z,Doing,Story,E2,Stock,Erika",
    "B,2026-01-12T00:00:00Z,Done,Story,E2,Stock,Erika",
    "C,2026-01-12T00:00:00Z,Doing,Story,,,Max",
    "D,2026-01-06T00:00:00Z,Doing,Story,,Till,Max",
    "D,2026-01-09T00:00:00Z,Done,Story,,Till,Max",
    "E,2026-01-10T00:00:00Z,Doing,Bug,,Stock,Max",
]
EPICS = [
    "item,at,state,type,Component",
    "E1,2026-01-05T00:00:00Z,Doing,Epic,Till",
    "E2,2026-01-05T00:00:00Z,Doing,Epic,Stock",
]
TILL = FieldFilter(field="Component", values=("Till",))
NOT_STOCK = FieldFilter(field="Component", values=("Stock",), include=False)


@pytest.fixture
def tiny(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    lake, made = create_lake(lake_folder()), []
    for name, lines, wanted in (("Tiny", ROWS, ("Component", "Assignee")), ("Epics", EPICS, ("Component",))):
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        import_file(lake, path, ReadOptions(stream=name, attributes=wanted), seen_at=SEEN)
        set_workflow(lake, name, load_workflow(MEANING))
        read_lake(lake_folder(), at=boss.at)
        made.append(adopt_stream(actor=boss, lake_name=name, name=name, unit_id=company.unit("K1")))
    run_waiting_jobs()
    return made[0]


def save(actor: Actor, stream: Stream, *filters: FieldFilter, types: tuple[str, ...] = (), revision: int = 0) -> None:
    declared = Declared(types=types, filters=filters)
    declare_stream(actor=actor, stream_id=stream.id, declared=declared, revision=revision)
    run_waiting_jobs()


def counted(actor: Actor, stream: Stream) -> tuple[list[str], list[str]]:
    """Return the finished and the open items, of which figures and lists must say the same number."""
    content: Any = stream_report(actor=actor, stream_id=stream.id, period="all").content
    whole = Selection(period="all")
    done, lying = (
        sorted(row.item for row in stream_items(actor=actor, stream_id=stream.id, metric=one, selection=whole).rows)
        for one in ("flow_time", "flow_load")
    )
    figures = {one.metric: one for one in content.figures}
    assert (figures["flow_time"].n or 0, figures["flow_load"].value) == (len(done), len(lying))
    return done, lying


def test_fields_of_the_log_are_offered_but_none_that_name_people(boss: Actor, tiny: Stream) -> None:
    found = declared_stream(actor=boss, stream_id=tiny.id)
    (component,) = found.fields
    # Stock: B and E; Till: A and D; C has none.
    assert (component.field, [(one.value, one.items) for one in component.values]) == (
        "Component",
        [("Stock", 2), ("Till", 2), ("", 1)],
    )
    effect: Any = found.effect
    assert (effect.items, effect.of_types, effect.counted, effect.lines) == (5, 5, 5, ())


def test_the_effect_is_shown_before_anything_is_saved(company: Company, boss: Actor, tiny: Stream) -> None:
    found = filter_effect(actor=boss, stream_id=tiny.id, types=["Story"], filters=[NOT_STOCK])
    # Stories: B, C, D; all but Stock: C and D.
    assert (found.items, found.of_types, found.counted) == (5, 3, 2)
    assert [(one.name, one.left, one.left_out) for one in found.lines] == [("Component", 2, 1)]
    assert declared_stream(actor=boss, stream_id=tiny.id).revision == 0
    with pytest.raises(NotAllowedError):
        filter_effect(actor=company.actor("finance_controller", "C"), stream_id=tiny.id, filters=[TILL])


def test_figures_lists_and_items_agree(boss: Actor, tiny: Stream) -> None:
    assert counted(boss, tiny) == (["A", "B", "D"], ["C", "E"])
    save(boss, tiny, TILL)
    assert counted(boss, tiny) == (["A", "D"], [])
    save(boss, tiny, NOT_STOCK, revision=1)
    assert counted(boss, tiny) == (["A", "D"], ["C"])  # C has no component: it is not left out
    save(boss, tiny, NOT_STOCK, types=("Story",), revision=2)
    assert counted(boss, tiny) == (["D"], ["C"])
    save(boss, tiny, FieldFilter(field="Component", values=("",)), revision=3)
    assert counted(boss, tiny) == ([], ["C"])
    told = stream_item(actor=boss, stream_id=tiny.id, item="A")
    assert "Component" in told.not_counted
    assert stream_item(actor=boss, stream_id=tiny.id, item="C").not_counted == ""
    selection = Selection(period="all", types=("Bug", "Story"))
    report_of(actor=boss, stream_id=tiny.id, selection=selection)
    run_waiting_jobs()
    content: Any = report_of(actor=boss, stream_id=tiny.id, selection=selection).content
    assert next(one for one in content.figures if one.metric == "flow_load").value == 1


def test_the_sum_still_proves_itself_and_names_what_is_left_out(boss: Actor, tiny: Stream) -> None:
    before = stream_rollup(actor=boss, period="all").together
    # A and B are parts of E1 and E2, which count, too.
    assert (before.items, before.nested, before.left_out_by_type, before.left_out_by_filter) == (7, 2, 0, 0)
    lines = stream_overview(actor=boss, period="all").lines
    epics = next(one.stream for one in lines if one.stream.name == "Epics")
    save(boss, epics, TILL)
    after = stream_rollup(actor=boss, period="all")
    # E2 is left out, so B is no longer part of anything that counts; E1 still is the parent of A.
    assert (after.together.items, after.together.nested, after.together.left_out_by_filter) == (6, 1, 1)
    assert "1 by filters" in after.proof
    save(boss, tiny, NOT_STOCK, types=("Story",))
    last = stream_rollup(actor=boss, period="all").together
    # Of Tiny count C and D: A and E are bugs, B is left out by the filter; E2 still is.
    assert (last.items, last.nested, last.left_out_by_type, last.left_out_by_filter) == (3, 0, 2, 2)


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ((FieldFilter(field="Assignee", values=("Erika",)),), "filter_field_unknown"),
        ((FieldFilter(field="Nothing", values=("x",)),), "filter_field_unknown"),
        ((FieldFilter(field="Component", values=()),), "filter_without_values"),
        ((FieldFilter(field="Component", values=("Kasse",)),), "filter_value_unknown"),
        ((TILL, NOT_STOCK), "declared_twice"),
    ],
)
def test_what_cannot_hold_is_refused(boss: Actor, tiny: Stream, filters: tuple[FieldFilter, ...], code: str) -> None:
    with pytest.raises(InputError) as caught:
        save(boss, tiny, *filters)
    assert caught.value.code == code
    with pytest.raises(InputError) as asked:
        filter_effect(actor=boss, stream_id=tiny.id, filters=filters)
    assert asked.value.code == code


def test_nobody_overwrites_what_they_have_not_seen(boss: Actor, tiny: Stream) -> None:
    save(boss, tiny, TILL)
    with pytest.raises(ConflictError):
        save(boss, tiny, replace(TILL, include=False))
    assert declared_stream(actor=boss, stream_id=tiny.id).declared.filters == (TILL,)


def test_the_page_shows_what_is_left_and_saves(company: Company, boss: Actor, tiny: Stream) -> None:
    client, address = company.client("programme_lead"), f"/streams/{tiny.id}/declare/"
    sent = {
        "revision": 0, "filter_0": "include", "values_0": ["=Till"], "policy": "", "calendar": "", "target_share": "85",
    }  # fmt: skip
    looked = client.post(address, {**sent, "look": "1"})
    assert looked.status_code == 200
    text = looked.content.decode()
    assert "Component: only Till: leaves 2 of 5, leaves out 3." in text
    assert declared_stream(actor=boss, stream_id=tiny.id).revision == 0
    assert client.post(address, sent).status_code == 302
    assert declared_stream(actor=boss, stream_id=tiny.id).declared == Declared(filters=(TILL,))
    german = company.client("finance_controller").get(address, headers={"accept-language": "de"}).content.decode()
    assert "Component: nur Till" in german
    assert "Zusammen: 2 von 5 Arbeitseinheiten zählen." in german
