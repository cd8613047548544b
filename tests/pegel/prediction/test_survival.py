"""The product-limit estimate against published values; flow time with unfinished work against the finished alone."""

from __future__ import annotations

import numpy as np
import pytest

from pegel.eventlog.calendar import built_in_calendar
from pegel.eventlog.schema import from_us
from pegel.flow import log_of_rows
from pegel.flow.answer import Status
from pegel.prediction.product_limit import product_limit
from pegel.prediction.survival import unfinished_work
from tests.pegel.prediction.worlds import POLICY, WORKFLOW, log_of, moment

#: Freireich et al., Blood 21 (1963): weeks of remission under 6-MP; as in Le, Introductory Biostatistics, example 11.1.
RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL_IN_REMISSION = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def freireich():
    times = np.array(sorted({*RELAPSED, *STILL_IN_REMISSION}))
    return product_limit(
        times,
        np.array([RELAPSED.count(time) for time in times]),
        np.array([STILL_IN_REMISSION.count(time) for time in times]),
    )


def test_the_published_estimate_of_the_leukaemia_data():
    curve = freireich()
    events = curve.finished > 0

    assert curve.time[events].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.at_risk[events].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.unfinished[events] == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=0.0005)
    assert curve.error[events] == pytest.approx([0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=0.0001)


def test_its_intervals_on_the_log_log_scale():
    curve = freireich()
    events = curve.finished > 0

    # As published by Stata's "sts list" for this data.
    assert curve.lower[events] == pytest.approx([0.6197, 0.5631, 0.5032, 0.4316, 0.3675, 0.2678, 0.1881], abs=0.0001)
    assert curve.upper[events] == pytest.approx([0.9516, 0.9228, 0.8894, 0.8491, 0.8049, 0.7468, 0.6801], abs=0.0001)


def test_its_median_is_23_weeks_and_its_upper_percentiles_are_not_reached():
    curve = freireich()

    assert curve.percentile(0.5) == 23
    assert curve.percentile(0.85) is None


def test_without_censoring_it_is_the_share_above():
    curve = product_limit(np.array([1, 2, 5]), np.array([1, 2, 1]), np.zeros(3))

    assert curve.unfinished.tolist() == [0.75, 0.25, 0.0]
    assert (curve.lower[-1], curve.upper[-1], curve.error[-1]) == (0.0, 0.0, 0.0)


def percentiles(found):
    return {row["percentile"]: row for row in found.percentiles.iter_rows(named=True)}


def test_open_items_count_by_hand():
    # Finished after 2, 4 and 4 days; open since 3 and 10 days. S(2) = 4/5, S(4) = 4/5 · (1 − 2/3) = 4/15.
    log = log_of({"A": (8, 10), "B": (0, 4), "C": (1, 5), "D": (7, None), "E": (0, None)}, as_of=10)
    found = unfinished_work(log, POLICY)

    assert found.curve.select("days", "at_risk", "finished", "censored").rows() == [
        (2.0, 5, 1, 0),
        (3.0, 4, 0, 1),
        (4.0, 3, 2, 0),
        (10.0, 1, 0, 1),
    ]
    assert found.curve["unfinished"].to_list() == pytest.approx([0.8, 0.8, 4 / 15, 4 / 15])
    by_share = percentiles(found)
    assert (by_share[50]["days"], by_share[50]["finished_only"]) == (4.0, 4.0)
    assert (by_share[85]["days"], by_share[85]["finished_only"], by_share[85]["difference"]) == (None, 4.0, None)
    assert (found.n, found.finished, found.open, found.left) == (5, 3, 2, 0)


def test_cancelled_and_deleted_items_are_censored_at_their_end():
    rows = [
        ("A", moment(0), "Doing"), ("A", moment(2), "Dropped"),
        ("B", moment(0), "Doing"), ("B", moment(3), "Done"),
    ]  # fmt: skip
    found = unfinished_work(log_of_rows(rows, WORKFLOW, as_of=moment(9)), POLICY)

    assert (found.n, found.finished, found.left) == (2, 1, 1)
    # At 3 days only B is at risk: S falls from 1 to 0, not to a half.
    assert found.curve.select("days", "at_risk", "unfinished").rows() == [(2.0, 2, 1.0), (3.0, 1, 0.0)]


def test_the_finished_alone_look_better_where_the_slow_part_is_open():
    items = {f"fast{n}": (n, n + 1.0) for n in range(10)} | {f"slow{n}": (n, None) for n in range(10)}
    by_share = percentiles(unfinished_work(log_of(items, as_of=40), POLICY))

    assert by_share[50]["finished_only"] == 1.0
    assert by_share[50]["days"] == 1.0  # exactly half are done after one day
    assert by_share[70]["days"] is None
    assert by_share[70]["finished_only"] == 1.0


def test_a_known_distribution_is_recovered_although_most_of_it_is_cut_off():
    rng = np.random.default_rng(7)
    starts, times = rng.uniform(0, 30, 4000), rng.exponential(20, 4000)
    items = {
        str(number): (start, start + time if start + time <= 30 else None)
        for number, (start, time) in enumerate(zip(starts, times, strict=True))
    }
    by_share = percentiles(unfinished_work(log_of(items, as_of=30), POLICY))

    # Median of the exponential distribution: 20 ln 2 = 13.86; the finished alone are far below.
    assert by_share[50]["low"] < 20 * np.log(2) < by_share[50]["high"]
    assert by_share[50]["finished_only"] < 10


def test_cohorts_by_month_and_quarter_add_up():
    items = {str(day): (day, day + 2.0 if day % 3 else None) for day in range(120)}
    log = log_of(items, as_of=130)
    months, quarters = unfinished_work(log, POLICY), unfinished_work(log, POLICY, cohort="quarter")

    assert [from_us(us).strftime("%Y-%m-%d") for us in months.cohorts["cohort_us"]] == [
        "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01",
    ]  # fmt: skip
    assert [from_us(us).strftime("%m") for us in quarters.cohorts["cohort_us"]] == ["01", "04"]
    for found in (months, quarters):
        assert found.cohorts["n"].sum() == found.n == 120
        assert found.cohorts["open"].sum() == found.open == 40


def test_working_time_and_pauses_are_those_of_the_log():
    calendar = built_in_calendar("de")
    rows = [("A", "2026-01-09T08:00", "Doing"), ("A", "2026-01-12T16:00", "Done")]  # Friday to Monday
    found = unfinished_work(log_of_rows(rows, WORKFLOW, as_of="2026-01-20", calendar=calendar), POLICY)

    assert found.unit == "working_days"
    assert percentiles(found)[50]["days"] == 2.0


def test_nothing_started_and_nothing_finished_are_different_answers():
    nothing = unfinished_work(log_of_rows([("A", moment(0), "Open")], WORKFLOW, as_of=moment(3)), POLICY)
    unfinished = unfinished_work(log_of({"A": (0, None)}, as_of=3), POLICY)

    assert (nothing.status, nothing.reason) == (Status.NO_DATA, "nothing_started")
    assert (unfinished.status, unfinished.reason) == (Status.UNDEFINED, "nothing_finished_yet")


def test_items_finished_without_starting_are_counted_apart():
    rows = [("A", moment(0), "Open"), ("A", moment(1), "Done"), ("B", moment(0), "Doing"), ("B", moment(1), "Done")]
    found = unfinished_work(log_of_rows(rows, WORKFLOW, as_of=moment(5)), POLICY)

    assert (found.n, found.undefined) == (1, 1)
