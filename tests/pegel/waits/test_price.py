"""What waiting costs, by hand; broken cost files; what is never priced."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from pegel.errors import InputError
from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.policy import built_in_policy
from pegel.eventlog.workflow import load_workflow
from pegel.flow import log_of_rows
from pegel.flow.answer import Status
from pegel.waits.causes import wait_causes
from pegel.waits.costs import load_costs
from pegel.waits.friction import friction_counts
from pegel.waits.price import Price, price_of_waiting

POLICY = built_in_policy("first_active_to_last_done")
WORKFLOW = load_workflow(
    "states: {Doing: active, Approval: {category: waiting, friction: approval}, Queue: waiting, Done: done}"
)
#: A works a day, waits 3 for approval and 2 in a queue; B waits 1, and is open for 4 more.
ROWS = [
    ("A", "2026-01-05", "Doing"), ("A", "2026-01-06", "Approval"), ("A", "2026-01-09", "Queue"),
    ("A", "2026-01-11", "Done"), ("B", "2026-01-05", "Doing"), ("B", "2026-01-06", "Queue"),
]  # fmt: skip
STREAMS = {"A": "Claims", "B": "Policies"}


def priced(costs: str | None, **options: Any) -> Price:
    log = log_of_rows(ROWS, WORKFLOW, as_of="2026-01-10", stream=STREAMS, **options) if not options.pop(
        "finished", False
    ) else log_of_rows(ROWS, WORKFLOW, stream=STREAMS, **options)  # fmt: skip
    counts = friction_counts(log, POLICY)
    return price_of_waiting(wait_causes(log, POLICY), counts.status_asks, costs and load_costs(costs))  # type: ignore[arg-type]


def test_delay_is_days_times_the_cost_of_an_item_and_day() -> None:
    found = priced("{currency: EUR, streams: {Claims: {cost_of_delay_per_item_day: 120}}}", finished=True)
    # Claims, finished: 3 days of approval × 120 + 2 unexplained × 120 = 600. Policies has no rate.
    assert (found.status, found.currency, found.delay_price) == (Status.VALUE, "EUR", 600.0)
    assert found.delay.filter(~pl.col("open")).select("cause", "days", "price").rows() == [
        ("approval", 3.0, 360.0),
        ("unexplained", 2.0, 240.0),
    ]
    (other,) = found.delay.filter("open").rows(named=True)
    assert (other["stream"], other["status"], other["reason"], other["price"]) == (
        "Policies",
        "not_configured",
        "no_costs_of_stream",
        None,
    )
    assert (found.open_delay_price, found.priced_share) == (None, 1.0)


def test_a_default_holds_for_every_stream_and_its_own_rate_is_stronger() -> None:
    costs = (
        "{currency: CHF, default: {cost_of_delay_per_item_day: 10}, streams: {Claims: {cost_of_delay_per_item_day: 0}}}"
    )
    found = priced(costs, finished=True)
    # B waits from the 6th to the 11th: 5 days × 10. A rate of 0 is a price of 0, not a missing one.
    assert (found.delay_price, found.open_delay_price) == (0.0, 50.0)


def test_waits_are_never_priced_as_wages() -> None:
    found = priced("{currency: EUR, default: {labour_rate_per_hour: 80}}", finished=True)
    assert (found.delay_price, found.labour_price) == (None, None)
    assert set(found.delay["reason"]) == {"no_costs_of_stream"}
    # In elapsed time not even the active stay: a day of 24 hours is no 24 hours of work.
    assert found.labour.filter(pl.col("work") == "active").select("status", "reason").rows() == [
        ("undefined", "labour_needs_working_time")
    ]


def test_active_time_is_priced_in_working_hours() -> None:
    found = priced(
        "{currency: EUR, default: {labour_rate_per_hour: 80}}", finished=True, calendar=built_in_calendar("de")
    )
    # A is active on Monday 5 January 2026, 01:00 to 01:00 in Berlin: 8 working hours × 80.
    assert found.labour.select("stream", "work", "hours", "price").rows() == [("Claims", "active", 8.0, 640.0)]
    assert found.labour_price == 640.0


def test_asking_is_priced_by_the_minutes_it_takes() -> None:
    changes = [("A", f"2026-01-07T1{hour}:00", "comment_count", "0", "1") for hour in range(3)]
    costs = "{currency: EUR, minutes_per_status_query: 20, streams: {Claims: {labour_rate_per_hour: 60}}}"
    found = priced(costs, finished=True, changes=changes)
    # 3 asks × 20 minutes = 1 hour × 60.
    asked = found.labour.filter((pl.col("work") == "coordination") & (pl.col("stream") == "Claims"))
    assert asked.select("hours", "price").rows() == [(1.0, 60.0)]
    untold = priced("{currency: EUR, default: {labour_rate_per_hour: 60}}", finished=True, changes=changes)
    assert untold.labour.filter(pl.col("work") == "coordination")["reason"].to_list() == ["no_minutes_per_query"] * 2


def test_a_rate_per_working_day_does_not_price_days_of_24_hours() -> None:
    costs = "{currency: EUR, per: working_day, default: {cost_of_delay_per_item_day: 100}}"
    elapsed = priced(costs, finished=True)
    assert (elapsed.status, elapsed.reason) == (Status.UNDEFINED, "cost_unit_differs")
    # Approval from Tuesday 6th to Friday 9th, 00:00 UTC: 3 working days; the queue over Friday: 1; together 400.
    worked = priced(costs, finished=True, calendar=built_in_calendar("de"))
    assert worked.delay_price == pytest.approx(400.0)


def test_without_costs_nothing_is_configured() -> None:
    assert (priced(None).status, priced(None).reason) == (Status.NOT_CONFIGURED, "no_costs")
    assert priced("{currency: EUR}").reason == "no_costs_of_stream"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("[1]", "costs_invalid", ""),
        ("{}", "costs_invalid", "currency"),
        ("currency: euro", "costs_invalid", "currency"),
        ("{currency: EUR, rates: {}}", "costs_invalid", "rates"),
        ("{currency: EUR, per: week}", "costs_invalid", "per"),
        ("{currency: EUR, per: [day]}", "costs_invalid", "per"),
        ("{currency: EUR, streams: [Claims]}", "costs_invalid", "streams"),
        ("{currency: EUR, streams: {Claims: 5}}", "costs_invalid", "streams.Claims"),
        ("{currency: EUR, default: {wage: 5}}", "costs_invalid", "default"),
        ("{currency: EUR, default: {labour_rate_per_hour: -1}}", "costs_invalid", "default.labour_rate_per_hour"),
        ("{currency: EUR, default: {labour_rate_per_hour: .inf}}", "costs_invalid", "default.labour_rate_per_hour"),
        ("{currency: EUR, default: {labour_rate_per_hour: .nan}}", "costs_invalid", "default.labour_rate_per_hour"),
        ("{currency: EUR, default: {labour_rate_per_hour: true}}", "costs_invalid", "default.labour_rate_per_hour"),
        ("{currency: EUR, default: {labour_rate_per_hour: '5'}}", "costs_invalid", "default.labour_rate_per_hour"),
        ("{currency: EUR, minutes_per_status_query: 1e300}", "costs_invalid", "minutes_per_status_query"),
        ("a: &x [*x]", "costs_unreadable", None),
        ("a: {", "costs_unreadable", None),
        ("\x00", "costs_unreadable", None),
    ],
)
def test_broken_cost_files_say_where(text: str, code: str, place: str | None) -> None:
    with pytest.raises(InputError) as caught:
        load_costs(text)
    assert caught.value.code == code
    assert caught.value.values.get("place") == place
