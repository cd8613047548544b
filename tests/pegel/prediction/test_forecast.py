"""Forecasts: arithmetic by hand, what is not claimed, joint streams, coverage in a stationary world."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import NotFoundError, UserError
from pegel.eventlog.calendar import built_in_calendar
from pegel.flow import item_windows
from pegel.flow.answer import Status
from pegel.prediction.forecast import Forecast, forecast, forecast_of
from pegel.prediction.rules import Rules, highest_level
from pegel.prediction.split import SplitRate, observed_families, split_rate
from tests.pegel.prediction.worlds import DAY_US, MONDAY, POLICY, log_of, supply_of

AS_OF = MONDAY * DAY_US
QUICK = Rules(runs=1000)


def asked(column, items, **options) -> Forecast:
    return forecast_of(supply_of(column), {"": items}, as_of_us=AS_OF, **({"rules": QUICK} | options))


def levels(found: Forecast) -> dict[int, int | None]:
    return dict(found.when.filter(pl.col("stream").is_null()).select("level", "days").iter_rows())


def test_a_steady_stream_is_done_on_the_day_that_division_says():
    found = asked([2] * 63, 9)

    assert levels(found) == {50: 5, 70: 5, 85: 5, 95: 5}
    assert found.when["day_us"][0] == (MONDAY + 4) * DAY_US
    assert (found.days_seen, found.window["finished"][0], found.window["per_day"][0]) == (63, 126, 2.0)


def test_how_many_until_a_day_includes_that_day():
    until = (MONDAY + 6) * DAY_US  # Sunday: seven days
    found = asked([2] * 63, 0, until_us=until)

    assert found.question == "how_many"
    assert found.how_many["items"].to_list() == [14, 14, 14, 14]


def test_both_questions_give_a_probability_that_is_never_certain():
    sure = asked([2] * 63, 5, until_us=(MONDAY + 20) * DAY_US)
    hopeless = asked([2] * 63, 500, until_us=(MONDAY + 20) * DAY_US)

    assert (sure.probability, sure.highest) == (0.95, 0.95)
    assert hopeless.probability == pytest.approx(0.05)


def test_levels_that_few_days_cannot_carry_are_not_claimed():
    # Three observed days must lie beyond a level on average: 95% needs 60 days, 85% needs 20.
    assert [highest_level(n) for n in (59, 60, 20, 19)] == [0.949153, 0.95, 0.85, 0.842105]
    found = asked([2] * 28, 9)

    assert found.when["answer"].to_list() == ["value", "value", "value", "not_claimed"]
    assert found.curve["share"].max() >= found.highest


@given(
    column=st.lists(st.integers(0, 3), min_size=28, max_size=70).filter(lambda counts: sum(counts) >= 10),
    items=st.integers(1, 60),
    seed=st.integers(0, 99),
)
def test_levels_are_ordered_and_more_items_are_never_sooner(column: list[int], items: int, seed: int) -> None:
    rules = Rules(runs=300, seed=seed)
    few, many = (asked(column, number, rules=rules) for number in (items, items + 5))
    far = 10_000

    def days(found: Forecast) -> list[int]:
        return [far if day is None else day for level, day in levels(found).items() if level != 95]

    assert days(few) == sorted(days(few))
    assert all(more >= less for less, more in zip(days(few), days(many), strict=True))


@given(
    one=st.lists(st.integers(0, 3), min_size=28, max_size=28).filter(lambda counts: sum(counts) >= 10),
    other=st.lists(st.integers(0, 3), min_size=28, max_size=28).filter(lambda counts: sum(counts) >= 10),
)
def test_all_streams_are_done_no_sooner_than_each(one: list[int], other: list[int]) -> None:
    found = forecast_of(supply_of(one, other), {"A": 10, "B": 15}, as_of_us=AS_OF, rules=Rules(runs=300))
    for level in (50, 70, 85):
        mine = found.when.filter((pl.col("level") == level) & (pl.col("answer") == "value"))
        if mine.height == 3:
            together, *each = mine.sort("stream", nulls_last=False)["days"].to_list()
            assert together >= max(each)


def test_the_joint_day_is_neither_the_slowest_streams_nor_that_of_unrelated_streams():
    rng = np.random.default_rng(5)
    one = rng.poisson(1.0, 91)
    other = rng.permutation(one)
    apart = forecast_of(supply_of(one, other), {"A": 40, "B": 40}, as_of_us=AS_OF, rules=Rules())
    # With the same days in both columns one is done when the other is.
    tied = forecast_of(supply_of(one, one), {"A": 40, "B": 40}, as_of_us=AS_OF, rules=Rules())

    def days(found: Forecast) -> list[list[int]]:
        return [(found.joint[name] // DAY_US - MONDAY).to_list() for name in found.joint.columns if name != "level"]

    joint, slowest, _ = days(apart)
    assert all(both > alone for both, alone in zip(joint, slowest, strict=True))
    joint, slowest, independent = days(tied)
    assert joint == slowest
    assert all(product > both for both, product in zip(joint, independent, strict=True))


def test_few_data_say_what_is_missing():
    short = asked([1] * 14, 5)
    rare = asked([1] + [0] * 40, 5)
    empty = forecast_of(supply_of([1] * 40, [0] * 40), {"A": 1, "B": 1}, as_of_us=AS_OF, rules=QUICK)

    assert (short.status, short.reason, short.days_seen, short.least_days) == (
        Status.NO_DATA, "window_too_short", 14, 20,
    )  # fmt: skip
    assert (rare.reason, rare.least_items) == ("too_few_finished", 10)
    assert empty.reason == "nothing_finished_in_window"
    assert empty.window["finished"].to_list() == [40, 0]
    assert empty.when.height == 0


def test_what_lies_beyond_ten_years_of_work_is_not_foreseen():
    found = asked([1] * 63, 100_000)

    assert set(found.when["answer"]) == {"beyond_horizon"}


def test_split_rates():
    assert levels(asked([2] * 63, 9, rules=Rules(runs=1000, split=SplitRate(low=2, high=2))))[85] == 9  # 18 items
    between = levels(asked([2] * 63, 10, rules=Rules(runs=1000, split=split_rate("1-2"))))
    assert (between[50], between[95]) == (8, 10)  # 15 and 19.5 → 20 items
    observed = SplitRate(observed=True, families=((1, 3), (3, 1)))
    assert observed.mean == 1.5
    assert observed.totals(1000, np.random.default_rng(1), 500).mean() == pytest.approx(1500, rel=0.01)


@pytest.mark.parametrize("text", ["0.5", "2-1", "", "nan", "1e9", "-1", "1.5-", "101", "observed "])
def test_other_split_rates_are_refused(text):
    with pytest.raises(UserError) as caught:
        split_rate(text)
    assert caught.value.code == "split_rate_invalid"


def test_families_are_counted_from_the_links_of_finished_items():
    items = {"P": (0, 5), "C1": (1, 2), "C2": (1, 3), "Q": (0, 1)}
    log = log_of(items, as_of=9, links=[("P", "parent", "C1"), ("P", "parent", "C2")])
    # P is a family of 3, Q one of 1; the children are no families of their own.
    assert observed_families(log, item_windows(log, POLICY)) == ((1, 1), (3, 1))


def steady_log(days=120, **options):
    """One item a day, each taking two days and a half; as of the last midnight."""
    return log_of({str(day): (day, day + 2.5) for day in range(days - 2)}, as_of=days, **options)


def test_a_log_is_forecast_and_held_against_its_past():
    told: list[tuple[int, int]] = []
    found = forecast(
        steady_log(), POLICY, items=10, rules=QUICK, on_origin=lambda done, every: told.append((done, every))
    )

    assert levels(found)[85] == 10
    assert found.backtest.status is Status.VALUE
    row = found.backtest.levels.row(by_predicate=pl.col("level") == 85, named=True)
    assert (row["held"], row["decided"], row["finding"]) == (24, 24, "cautious")  # nothing ever failed
    assert told[0] == (0, 24)
    assert told[-1] == (24, 24)


def test_unknown_streams_and_questions_without_sense_are_refused():
    log = steady_log(30)
    with pytest.raises(UserError, match="forecast_needs_a_question"):
        forecast(log, POLICY)
    with pytest.raises(NotFoundError, match="unknown_stream"):
        forecast(log, POLICY, items={"Nowhere": 3})
    with pytest.raises(UserError, match="forecast_setting_invalid"):
        forecast(log, POLICY, items=0)
    with pytest.raises(UserError, match="forecast_day_past"):
        forecast(log, POLICY, until_us=log.as_of_us - 5 * DAY_US)
    with pytest.raises(UserError, match="forecast_setting_invalid"):
        Rules(runs=0)


def test_with_a_calendar_the_day_is_a_working_day_and_the_sentence_of_the_window_counts_them():
    items = {str(day): (day, day + 0.5) for day in range(120) if day % 7 < 5}
    log = log_of(items, as_of=119, calendar=built_in_calendar("de"))  # Monday, 4 May 2026
    found = forecast(log, POLICY, items=5, rules=QUICK, with_backtest=False)

    assert found.assumptions[1] == "working_days_of_calendar"
    # Window from 3 February to 3 May: 64 weekdays less Good Friday, Easter Monday and 1 May.
    assert found.days_seen == 61
    assert found.when["day_us"][0] >= log.as_of_us


def test_the_85_percent_level_holds_about_85_times_of_100_in_a_stationary_world():
    held, worlds = 0, 300
    for number in range(worlds):
        daily = np.random.default_rng(number).poisson(1.0, 600)
        days = levels(asked(daily[:91].tolist(), 40, rules=Rules(runs=500, seed=number)))[85]
        actual = int(np.argmax(np.cumsum(daily[91:]) >= 40)) + 1
        held += actual <= days

    # 300 · 0.85 = 255 ± 6.2; the bounds are three standard deviations away.
    assert 236 <= held <= 274
