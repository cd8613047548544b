"""Declaring what a stream counts and is measured against: who may, what is refused, and what the figures then say."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pegel.errors import InputError, NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError, NotAllowedError
from pegel_web.core.models import AuditEntry
from pegel_web.flow.contracts.declared import Declared, StateLimit, TypeShare
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import ValueStream
from pegel_web.flow.place import lake_folder
from pegel_web.flow.queries.declared import declared_of, declared_stream
from pegel_web.flow.queries.reports import stream_report
from pegel_web.flow.services.declared import declare_stream
from pegel_web.flow.services.snapshots import outdated, read_lake
from pegel_web.jobs.performing import run_waiting_jobs
from tests.pegel_web.company import Company
from tests.pegel_web.flow.tiny import tiny_stream

FULL = Declared(
    types=("Story",),
    policy="first_active_to_last_done",
    calendar="de-BY",
    load_limit=12,
    state_limits=(StateLimit(state="Review", limit=3),),
    target_days=10.0,
    target_share=0.85,
    shares=(TypeShare(kind="debt", least=0.2, most=None),),
    currency="EUR",
    cost_of_delay=40.0,
    labour_rate=85.0,
    minutes_per_status_query=15.0,
)


@pytest.fixture
def tiny(company: Company, boss: Actor, tmp_path: Path) -> Stream:
    _, stream = tiny_stream(company, boss, tmp_path)
    run_waiting_jobs()
    return stream


def save(actor: Actor, stream: Stream, declared: Declared, revision: int = 0) -> None:
    declare_stream(actor=actor, stream_id=stream.id, declared=declared, revision=revision)


def report(actor: Actor, stream: Stream) -> Any:
    run_waiting_jobs()
    return stream_report(actor=actor, stream_id=stream.id, period="all")


def test_what_is_declared_comes_back_and_is_recorded(boss: Actor, tiny: Stream) -> None:
    assert declared_of([tiny.id])[tiny.id] == Declared()
    save(boss, tiny, FULL)
    found = declared_stream(actor=boss, stream_id=tiny.id)
    assert (found.declared, found.revision, found.changed_at) == (FULL, 1, boss.at)
    assert [(one.type, one.items) for one in found.types] == [("Story", 2), ("Bug", 1)]
    assert [one.code for one in found.states] == ["Doing", "Parked", "Review"]  # Done is over, Parked is not mapped
    assert [one.code for one in found.calendars if one.chosen] == ["de-BY"]
    save(boss, tiny, replace(FULL, load_limit=9), revision=1)
    save(boss, tiny, replace(FULL, load_limit=9), revision=2)  # nothing changes: no entry, no revision
    entries = AuditEntry.objects.everything(because="test").filter(event="flow.stream.declared")
    changes = [(one.before, one.after) for one in entries if len(one.after) == 1]
    assert (changes, len(entries)) == ([({"load_limit": 12}, {"load_limit": 9})], 2)
    assert declared_stream(actor=boss, stream_id=tiny.id).revision == 2


def test_figures_rest_on_what_is_declared(boss: Actor, tiny: Stream) -> None:
    def finished() -> int:
        content = report(boss, tiny).content
        return int(next(one for one in content.figures if one.metric == "flow_velocity").n)

    assert finished() == 2  # A (Bug) and B (Story) are done, C is open
    save(boss, tiny, Declared(types=("Story",)))
    assert [row.name for row in outdated(ValueStream.objects.visible_to(boss))] == ["Tiny"]
    assert finished() == 1
    assert outdated(ValueStream.objects.visible_to(boss)) == []
    found = report(boss, tiny)
    assert found.freshness.stale is False
    save(boss, tiny, Declared(types=("Story",), calendar="de"), revision=1)
    assert report(boss, tiny).content.unit == "working_days"
    save(boss, tiny, Declared(policy="commitment_to_done"), revision=2)
    assert [one.code for one in report(boss, tiny).policies] == ["commitment_to_done"]


def test_the_promise_and_the_price_by_hand(boss: Actor, tiny: Stream) -> None:
    before = report(boss, tiny).against
    assert (before.promise.status, before.price.status) == ("not_configured", "not_configured")
    # A took 6 days (5 to 11 January), B 7 (5 to 12 January); C is open and was never active: no clock has started.
    save(boss, tiny, Declared(target_days=6.0, target_share=0.85, currency="EUR", cost_of_delay=40.0))
    found = report(boss, tiny).against
    assert (found.promise.within, found.promise.n, found.promise.share, found.promise.finding) == (1, 2, 0.5, "unclear")
    # Wilson's interval of 1 in 2, by hand: z² = 3.8415; middle (0.5 + 0.9604) / 2.9207 = 0.5;
    # half 1.96 × √(0.125 + 0.2401) / 2.9207 = 0.4055.
    assert (found.promise.low, found.promise.high) == pytest.approx((0.0945, 0.9055), abs=1e-4)
    # Nothing of it was waiting: Doing and Review are active, and Parked, which nobody has mapped, is.
    assert sum(one.days for one in found.price.lines if not one.open) == pytest.approx(2.0)
    assert found.price.delay == pytest.approx(80.0)
    assert found.price.currency == "EUR"


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        (Declared(types=("Epic",)), "stream_type_unknown"),
        (Declared(types=("Bug", "Bug")), "declared_twice"),
        (Declared(state_limits=(StateLimit(state="Nowhere", limit=2),)), "stream_state_unknown"),
        (Declared(state_limits=(StateLimit(state="Review", limit=0),)), "declared_out_of_range"),
        (Declared(load_limit=-1), "declared_out_of_range"),
        (Declared(target_days=5.0), "target_incomplete"),
        (Declared(target_days=float("inf"), target_share=0.5), "declared_out_of_range"),
        (Declared(target_days=float("nan"), target_share=0.5), "declared_out_of_range"),
        (Declared(target_days=5.0, target_share=1.5), "declared_out_of_range"),
        (Declared(shares=(TypeShare(kind="debt", least=0.5, most=0.2),)), "shares_impossible"),
        (Declared(shares=(TypeShare(kind="debt", least=0.6, most=None), TypeShare(kind="risk", least=0.6, most=None))),
         "shares_impossible"),
        (Declared(shares=(TypeShare(kind="fun", least=0.1, most=None),)), "kind_unknown"),
        (Declared(cost_of_delay=10.0), "currency_missing"),
        (Declared(currency="euro"), "currency_unknown"),
        (Declared(currency="EUR", cost_of_delay=-1.0), "declared_out_of_range"),
        (Declared(policy="nonsense"), "unknown_policy"),
        (Declared(policy="../../etc/passwd"), "unknown_policy"),
        (Declared(calendar="mars"), "unknown_calendar"),
    ],
)  # fmt: skip
def test_what_cannot_hold_is_refused(boss: Actor, tiny: Stream, declared: Declared, code: str) -> None:
    with pytest.raises((InputError, NotFoundError)) as caught:
        save(boss, tiny, declared)
    assert caught.value.code == code
    assert declared_stream(actor=boss, stream_id=tiny.id).revision == 0


def test_a_file_of_the_server_is_no_policy(boss: Actor, tiny: Stream, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("policy: mine\nstart: first_active\nstop: last_done\n", encoding="utf-8")
    for declared in (Declared(policy=str(path)), Declared(calendar=str(path))):
        with pytest.raises((InputError, NotFoundError)) as caught:
            save(boss, tiny, declared)
        assert caught.value.code in ("unknown_policy", "unknown_calendar")


def test_only_who_may_and_only_what_they_saw(company: Company, boss: Actor, tiny: Stream) -> None:
    reader = company.actor("finance_controller", "C")
    assert declared_stream(actor=reader, stream_id=tiny.id).may_change is False
    with pytest.raises(NotAllowedError):
        save(reader, tiny, FULL)
    with pytest.raises(NotFoundError):
        declared_stream(actor=company.actor("team_lead", "S"), stream_id=tiny.id)
    save(boss, tiny, FULL)
    with pytest.raises(ConflictError) as caught:
        save(boss, tiny, Declared(), revision=0)
    assert caught.value.code == "declaration_changed_meanwhile"


def test_a_lake_that_is_gone_takes_nothing_from_the_declaration(boss: Actor, tiny: Stream) -> None:
    save(boss, tiny, FULL)
    read_lake(lake_folder(), at=boss.at)
    shutil.rmtree(lake_folder())
    found = declared_stream(actor=boss, stream_id=tiny.id)
    assert (found.declared, found.types, found.states) == (FULL, (), ())


def test_the_page_takes_numbers_as_people_write_them(company: Company, boss: Actor, tiny: Stream) -> None:
    client, address = company.client("programme_lead"), f"/streams/{tiny.id}/declare/"
    sent = {
        "revision": 0, "types": ["=Story"], "target_days": "7,5", "target_share": "85", "currency": "eur",
        "cost_of_delay": "1.234,50", "limit_2": "3", "least_debt": "20", "policy": "", "calendar": "de-BY",
    }  # fmt: skip
    assert client.post(address, sent, headers={"accept-language": "de"}).status_code == 302
    assert declared_of([tiny.id])[tiny.id] == Declared(
        types=("Story",), calendar="de-BY", target_days=7.5, target_share=0.85, currency="EUR", cost_of_delay=1234.5,
        state_limits=(StateLimit(state="Review", limit=3),), shares=(TypeShare(kind="debt", least=0.2, most=None),),
    )  # fmt: skip
    page = client.get(address, headers={"accept-language": "de"}).content.decode()
    assert 'value="7,5"' in page
    assert 'value="1234,5"' in page
    wrong = client.post(address, {**sent, "revision": 1, "target_share": "850"}, headers={"accept-language": "de"})
    assert wrong.status_code == 422
    assert "außerhalb des Bereichs" in wrong.content.decode()
    late = client.post(address, sent)
    assert late.status_code == 422
    assert "Somebody else" in late.content.decode()
    reader = company.client("finance_controller")
    shown = reader.get(address).content.decode()
    assert "85% within 7.5 days" in shown
    assert '<form class="declaration' not in shown
    assert reader.post(address, sent).status_code == 403
