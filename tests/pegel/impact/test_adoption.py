"""Since when a unit is an adopter: by licence, by use, by declaration; and who cannot be dated."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from inspect import getsource
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pegel.impact.frames import as_polars

from pegel.errors import InputError, UserError
from pegel.impact.adoption import adoption as adoption_module
from pegel.impact.adoption import adoption_usage
from pegel.impact.adoption.adoption import DOSE_COLUMNS, UNIT_COLUMNS, Adoption, AdoptionRule, adoption_dates
from pegel.impact.adoption.days_and_weeks import (
    day_number,
    day_numbers,
    full_months,
    full_weeks,
    week_label,
    week_of_day,
)
from pegel.words.catalogue import has

MONDAY = date(2026, 1, 5)  # of 2026-W02


def _weeks(
    counts: list[int], *, members: int = 6, team: str = "A", days: int = 2, monday: date = MONDAY
) -> pd.DataFrame:
    """Telemetry of a team: in week w the first ``counts[w]`` members are active on ``days`` days; all are seen."""
    rows = [
        (f"{team}{m}", team, monday + timedelta(days=7 * w + d), m < count and d < days)
        for w, count in enumerate(counts)
        for m in range(members)
        for d in range(5)
    ]
    return pd.DataFrame(rows, columns=["member", "team", "day", "active"])


def _sunday(weeks: int) -> date:
    return MONDAY + timedelta(days=7 * weeks - 1)


def _usage(found: Adoption, unit: str = "A") -> tuple[date | None, str | None]:
    row = found.units.set_index("unit").loc[unit]
    return row["usage_date"], row["usage_reason"]


def test_a_case_to_check_by_hand() -> None:
    # Six members; three of them (0.5) are active on two days from the fifth week on, and again in weeks 6 and 8.
    usage = _weeks([0, 1, 2, 2, 3, 3, 1, 4])
    licences = pd.DataFrame({"unit": ["A"], "granted": ["2026-01-20"], "seats": [6]})
    declared = pd.DataFrame({"unit": ["A"], "date": ["2026-03-01"]})

    found = adoption_dates(usage, licences, declared, as_of=_sunday(8))

    assert found.units.to_dict("records") == [
        {
            "unit": "A",
            "itt_date": date(2026, 1, 20),
            "itt_reason": None,
            "usage_date": date(2026, 2, 2),  # Monday of the fifth week: weeks 5, 6 and 8 of 5 to 8
            "usage_reason": None,
            "declared_date": date(2026, 3, 1),
            "declared_reason": None,
            "adopted_date": date(2026, 1, 20),
            "provenance": "licence",
            "reason": None,
            "size": 6,
            "size_source": "seats",
        }
    ]
    assert tuple(found.units.columns) == UNIT_COLUMNS
    assert tuple(found.dose.columns) == DOSE_COLUMNS
    assert found.dose["week"].tolist() == [f"2026-W0{w}" for w in range(2, 10)]
    assert found.dose["share"].tolist() == [0, 1 / 6, 2 / 6, 2 / 6, 0.5, 0.5, 1 / 6, 4 / 6]
    assert (found.observed, found.caveats) == ((MONDAY, _sunday(8)), ())


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (("licence", "usage", "declared"), ("licence", date(2026, 1, 20))),
        (("usage", "licence"), ("usage", date(2026, 2, 2))),
        (("declared",), ("declared", date(2026, 3, 1))),
    ],
)
def test_the_order_of_the_rule_decides(order: tuple[Any, ...], expected: tuple[str, date]) -> None:
    usage = _weeks([0, 1, 2, 2, 3, 3, 1, 4])
    licences = pd.DataFrame({"unit": ["A"], "granted": ["2026-01-20"], "seats": [6]})
    declared = pd.DataFrame({"unit": ["A"], "date": ["2026-03-01"]})

    found = adoption_dates(usage, licences, declared, rule=AdoptionRule(order=order), as_of=_sunday(8))

    assert tuple(found.units.loc[0, ["provenance", "adopted_date"]]) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([0, 0, 3, 3, 3, 0], (2, None)),  # held for three of the four weeks that begin with it
        ([0, 0, 3, 0, 3, 3], (2, None)),
        ([0, 0, 3, 0, 3, 0, 0], (None, "never")),  # two of four
        ([0, 0, 3, 0, 0, 3, 3, 3], (5, None)),  # the first week that holds, not the first above
        ([0, 0, 0, 0, 3, 3], (None, "not_sustained_yet")),
        ([0, 0, 0, 0, 3, 0], (None, "not_sustained_yet")),  # three of four can still come true
        ([0, 0, 0, 3, 0, 0], (None, "never")),  # they cannot any more
        ([0, 0, 0, 2, 2, 2], (None, "never")),
        ([3, 3, 3, 3, 3, 3], (None, "before_telemetry")),
        ([0, 3, 3, 3, 3, 3], (None, "before_telemetry")),  # one low week breaks no use off, so it begins none
        ([0, 0, 3, 3, 3, 3], (2, None)),
        ([6, 0, 0, 6, 6, 6], (3, None)),
    ],
)
def test_the_sustained_week(counts: list[int], expected: tuple[int | None, str | None]) -> None:
    week, reason = expected
    wanted = None if week is None else MONDAY + timedelta(days=7 * week)

    found = adoption_dates(_weeks(counts), as_of=_sunday(len(counts)))

    assert _usage(found) == (wanted, reason)


def test_two_days_count_and_one_does_not() -> None:
    once = _weeks([0, 0, 6, 6, 6, 6], days=1)
    twice_told = pd.concat([once, once])

    assert _usage(adoption_dates(twice_told, as_of=_sunday(6))) == (None, "never")
    assert _usage(adoption_dates(once, rule=AdoptionRule(days=1), as_of=_sunday(6)))[1] is None


def test_several_tools_on_one_day_are_one_day() -> None:
    one, other = _weeks([0, 0, 6, 6, 6, 6], days=1), _weeks([0, 0, 6, 6, 6, 6], days=1)
    later = other.assign(day=other["day"] + timedelta(days=1))

    assert _usage(adoption_dates([one, other], as_of=_sunday(6))) == (None, "never")
    assert _usage(adoption_dates([one, later], as_of=_sunday(7)))[0] == MONDAY + timedelta(days=14)


def test_a_licence_within_the_telemetry_shows_that_use_began_there() -> None:
    usage = _weeks([6] * 6)

    def found(granted: str) -> tuple[date | None, str | None]:
        return _usage(adoption_dates(usage, pd.DataFrame({"unit": ["A"], "granted": [granted]}), as_of=_sunday(6)))

    assert found("2026-01-05") == (MONDAY, None)
    assert found("2026-01-04") == (None, "before_telemetry")


def test_observed_days_without_rows_are_days_without_use() -> None:
    usage = _weeks([6] * 6)
    seen = adoption_dates(usage, as_of=_sunday(6), observed=(date(2025, 12, 1), _sunday(6)))

    assert _usage(seen) == (MONDAY, None)
    assert len(seen.dose) == 11
    assert seen.dose["week"].iloc[:6].tolist() == [
        "2025-W49",
        "2025-W50",
        "2025-W51",
        "2025-W52",
        "2026-W01",
        "2026-W02",
    ]


def test_partial_weeks_are_no_weeks() -> None:
    usage = _weeks([0, 0, 6, 6, 6, 6])
    cut = usage[usage["day"] >= MONDAY + timedelta(days=1)]

    found = adoption_dates(cut, as_of=_sunday(6) - timedelta(days=1))

    assert found.dose["week"].tolist() == ["2026-W03", "2026-W04", "2026-W05", "2026-W06"]


def test_a_year_of_53_weeks() -> None:
    usage = _weeks([0, 0, 0, 6, 6, 6, 6], monday=date(2020, 12, 14))

    found = adoption_dates(usage, as_of=date(2021, 1, 31))

    assert found.dose["week"].tolist() == [
        "2020-W51",
        "2020-W52",
        "2020-W53",
        "2021-W01",
        "2021-W02",
        "2021-W03",
        "2021-W04",
    ]
    assert _usage(found)[0] == date(2021, 1, 4)


def test_weeks_without_any_telemetry_are_not_weeks_without_use() -> None:
    counts = [0, 0, 3, 3, 0, 3, 3, 3]
    gap = _weeks(counts)
    gap = gap[(gap["day"] < MONDAY + timedelta(days=28)) | (gap["day"] >= MONDAY + timedelta(days=35))]

    found = adoption_dates(gap, as_of=_sunday(8))

    assert "2026-W06" not in found.dose["week"].tolist()
    assert [(one.code, one.values["weeks"]) for one in found.caveats if one.code == "weeks_without_telemetry"] == [
        ("weeks_without_telemetry", ["2026-W06"])
    ]


def test_telemetry_that_stops_says_nothing_about_the_time_after() -> None:
    found = adoption_dates(_weeks([0, 0, 0, 0, 3, 3]), as_of=_sunday(20))

    assert _usage(found) == (None, "not_sustained_yet")
    assert found.observed == (MONDAY, _sunday(6) - timedelta(days=2))  # the last row is of a Friday
    assert [one.values for one in found.caveats if one.code == "telemetry_ends_early"] == [{"days": 100}]


def test_nothing_after_the_last_known_day_is_used() -> None:
    usage = _weeks([0, 0, 0, 0, 6, 6, 6, 6])
    licences = pd.DataFrame({"unit": ["A"], "granted": ["2026-02-15"]})
    declared = pd.DataFrame({"unit": ["A"], "date": ["2026-02-15"]})

    found = adoption_dates(usage, licences, declared, as_of=_sunday(4))

    assert found.units.loc[0, ["itt_reason", "usage_reason", "declared_reason", "reason"]].tolist() == ["never"] * 4
    assert [one.values["n"] for one in found.caveats if one.code == "usage_after_as_of"] == [120]


# Size and privacy


@pytest.mark.parametrize("members", [1, 4, 5])
def test_no_share_below_the_minimum_group(members: int) -> None:
    found = adoption_dates(_weeks([0, 0, 9, 9, 9, 9], members=members), as_of=_sunday(6))

    if members < 5:
        assert _usage(found) == (None, "group_too_small")
        assert found.dose.empty
    else:
        assert _usage(found) == (MONDAY + timedelta(days=14), None)
    assert _usage(adoption_dates(_weeks([0, 0, 9, 9, 9, 9]), rule=AdoptionRule(minimum_group=7), as_of=_sunday(6))) == (
        None,
        "group_too_small",
    )


@pytest.mark.parametrize("value", [4, 1, 0, -3])
def test_the_minimum_group_can_be_raised_only(value: int) -> None:
    with pytest.raises(UserError, match="impact_group_floor"):
        AdoptionRule(minimum_group=value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": 0.0}, {"share": 1.1}, {"share": float("nan")}, {"days": 0}, {"days": 8}, {"sustained": 5},
        {"sustained": 0}, {"of": 0, "sustained": 0}, {"order": ()}, {"order": ("usage", "usage")},
        {"order": ("guess",)},
    ],
)  # fmt: skip
def test_rules_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="impact_adoption_rule"):
        AdoptionRule(**wrong)


def test_the_size_is_explicit() -> None:
    usage = _weeks([0, 0, 3, 3, 3, 3])
    seats = pd.DataFrame({"unit": ["A"], "granted": ["2026-01-01"], "seats": [12]})
    sizes = pd.DataFrame({"unit": ["A"], "size": [7]})

    seen = adoption_dates(usage, as_of=_sunday(6))
    by_seats = adoption_dates(usage, seats, as_of=_sunday(6))
    by_roster = adoption_dates(usage, seats, as_of=_sunday(6), roster=sizes)

    assert [tuple(one.units.loc[0, ["size", "size_source"]]) for one in (seen, by_seats, by_roster)] == [
        (6, "seen"),
        (12, "seats"),
        (7, "roster"),
    ]
    assert [one.dose["share"].iloc[-1] for one in (seen, by_seats, by_roster)] == [3 / 6, 3 / 12, 3 / 7]
    assert [[caveat.code for caveat in one.caveats] for one in (seen, by_seats, by_roster)] == [
        ["size_from_members_seen"],
        [],
        [],
    ]


def test_more_active_than_seats_is_no_share_above_one() -> None:
    licences = pd.DataFrame({"unit": ["A"], "granted": ["2026-01-12"], "seats": [5]})

    found = adoption_dates(_weeks([0, 0, 6, 6, 6, 6]), licences, as_of=_sunday(6))

    assert found.dose["share"].max() == 1.0
    assert [one.code for one in found.caveats] == ["more_active_than_members"]


def test_a_roster_decides_who_belongs_where_and_when() -> None:
    usage = _weeks([0, 0, 6, 6, 6, 6]).drop(columns="team")
    roster = pd.DataFrame(
        [(f"A{m}", "New", date(2026, 1, 26), None) for m in range(5)]
        + [(f"B{m}", "Idle", None, None) for m in range(5)],
        columns=["member", "unit", "joined", "left"],
    )

    found = adoption_dates(usage, as_of=_sunday(6), roster=roster)

    # Before the 26th of January (fourth week) the five belonged to no unit, so that there is no share of them.
    assert found.dose[found.dose["unit"] == "New"]["week"].tolist() == ["2026-W05", "2026-W06", "2026-W07"]
    assert _usage(found, "Idle") == (None, "never")  # on the roster, and never seen: known not to use it
    assert [one.values for one in found.caveats if one.code == "members_without_unit"] == [{"n": 1}]


def test_units_whose_members_are_not_told() -> None:
    teams = pd.DataFrame({"member": [None] * 3, "team": ["T"] * 3, "day": ["2026-01-05", "2026-01-06", "2026-02-01"]})
    licences = pd.DataFrame({"unit": ["T", "Other"], "granted": ["2026-01-01"] * 2, "seats": [9, 9]})

    found = adoption_dates(teams, licences, as_of=date(2026, 2, 1))

    assert _usage(found, "T") == (None, "only_team_level")
    assert _usage(found, "Other") == (None, "no_data")  # its name may be spelt differently there: that is not never


# Reasons


@pytest.mark.parametrize(
    ("licences", "declared", "expected"),
    [
        (None, None, ("never", "not_configured", "never", "not_configured")),
        ([("A", "2026-01-01")], None, (None, None, "never", "not_configured")),
        ([("B", "2026-01-01")], None, ("never", "never", "never", "not_configured")),
        ([], [], ("never", "never", "never", "no_data")),
        ([], [("A", None)], ("never", "never", "never", "never")),
        ([], [("A", "2026-01-01")], (None, "never", "never", None)),
    ],
)
def test_four_different_answers(licences: Any, declared: Any, expected: tuple[str | None, ...]) -> None:
    found = adoption_dates(
        _weeks([0] * 6),
        None if licences is None else pd.DataFrame(licences, columns=["unit", "granted"]),
        None if declared is None else pd.DataFrame(declared, columns=["unit", "date"]),
        as_of=_sunday(6),
    )

    row = found.units.set_index("unit").loc["A"]
    assert tuple(row[["reason", "itt_reason", "usage_reason", "declared_reason"]]) == expected


def test_a_unit_that_no_source_names_has_no_licence() -> None:
    licences = pd.DataFrame({"unit": ["A"], "granted": ["2026-01-12"]})

    found = adoption_dates(_weeks([0] * 6), licences, as_of=_sunday(6), units=["Z", "A"]).units.set_index("unit")

    assert tuple(found.loc["Z", ["itt_reason", "usage_reason", "reason"]]) == ("never", "no_data", "never")
    alone = adoption_dates(_weeks([0] * 6), as_of=_sunday(6), units=["Z"]).units.set_index("unit")
    assert alone.loc["Z", "reason"] == "no_data"


def test_use_that_cannot_be_dated_is_never_never() -> None:
    declared = pd.DataFrame({"unit": ["A"], "date": [None]})

    found = adoption_dates(_weeks([6] * 6), declared=declared, as_of=_sunday(6))

    assert found.units.loc[0, "reason"] == "before_telemetry"


def test_nothing_at_all() -> None:
    found = adoption_dates(as_of=MONDAY)

    assert (len(found.units), len(found.dose), found.observed, found.caveats) == (0, 0, None, ())
    assert adoption_dates(pd.DataFrame({"team": [], "day": []}), as_of=MONDAY).observed is None


# Licences and declarations


def test_the_licence_date_is_that_of_the_unit_not_of_its_first_pilot() -> None:
    licences = pd.DataFrame(
        {"unit": ["A", "A", "A", "B"], "granted": ["2026-01-01", "2026-02-01", "2026-03-01", "2026-01-01"],
         "seats": [1, 4, 5, 1]}
    )  # fmt: skip
    roster = pd.DataFrame({"unit": ["A", "B"], "size": [10, 10]})

    found = adoption_dates(licences=licences, roster=roster, as_of=date(2026, 4, 1)).units.set_index("unit")

    assert found.loc["A", "itt_date"] == date(2026, 2, 1)  # 1 + 4 of 10
    assert tuple(found.loc["B", ["itt_date", "itt_reason", "reason"]]) == (
        None,
        "seats_below_share",
        "seats_below_share",
    )
    unknown = adoption_dates(licences=licences.drop(columns="seats"), as_of=date(2026, 4, 1)).units.set_index("unit")
    assert unknown.loc["A", "itt_date"] == date(2026, 1, 1)


def test_use_before_or_without_a_licence_is_reported() -> None:
    usage = pd.concat([_weeks([0, 0, 6, 6, 6, 6], team=team) for team in "ABC"])
    licences = pd.DataFrame({"unit": ["A", "B"], "granted": ["2026-01-25", "2026-01-26"]})

    found = adoption_dates(usage, licences, as_of=_sunday(6))

    # Use began in the week from the 19th to the 25th: A's licence is of that week, B's is later, C has none.
    assert [one.values for one in found.caveats if one.code == "used_without_licence"] == [
        {"n": 2, "units": ["B", "C"]}
    ]


def test_declared_dates_and_ended_licences() -> None:
    declared = pd.DataFrame({"unit": ["A", "A", "B"], "date": ["2026-02-01", "2026-01-15", "2026-09-01"]})
    licences = pd.DataFrame({"unit": ["A"], "granted": ["2026-01-01"], "ended": ["2026-02-01"]})

    found = adoption_dates(licences=licences, declared=declared, as_of=date(2026, 3, 1))

    assert found.units["declared_date"].tolist() == [date(2026, 1, 15), None]
    assert [(one.code, one.values) for one in found.caveats] == [
        ("licence_ended", {"n": 1}),
        ("several_declared_dates", {"n": 1}),
    ]


# Input of any shape


def test_pandas_polars_and_dates_of_any_kind_say_the_same() -> None:
    usage = _weeks([0, 0, 6, 6, 6, 6])
    plain = adoption_dates(usage, as_of=_sunday(6))
    variants = [
        as_polars(usage.assign(day=pd.to_datetime(usage["day"]))).with_columns(pl.col("day").cast(pl.Date)),
        usage.assign(day=[one.isoformat() for one in usage["day"]]),
        usage.assign(day=pd.to_datetime(usage["day"])),
        usage.assign(day=[datetime(one.year, one.month, one.day, 23, tzinfo=UTC) for one in usage["day"]]),
        usage.assign(active=usage["active"].astype(int)),
        usage.sample(frac=1, random_state=0),
    ]
    for one in variants:
        found = adoption_dates(one, as_of=datetime(2026, 2, 15, tzinfo=UTC))
        pd.testing.assert_frame_equal(found.units, plain.units)
        pd.testing.assert_frame_equal(found.dose, plain.dose)


def test_units_by_their_own_names() -> None:
    found = adoption_dates(
        _weeks([0] * 6, team="gh-team"),
        pd.DataFrame({"unit": ["Claims"], "granted": ["2026-01-01"]}),
        as_of=_sunday(6),
        unit_of={"gh-team": "Claims"},
    )

    assert found.units["unit"].tolist() == ["Claims"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: adoption_dates(pd.DataFrame({"member": ["a"]}), as_of=MONDAY), "impact_column_missing"),
        (lambda: adoption_dates(pd.DataFrame({"day": ["2026-01-01"]}), as_of=MONDAY), "impact_column_missing"),
        (lambda: adoption_dates(pd.DataFrame({"team": ["a"], "day": [None]}), as_of=MONDAY), "impact_time_missing"),
        (
            lambda: adoption_dates(pd.DataFrame({"team": ["a"], "day": ["soon"]}), as_of=MONDAY),
            "impact_time_unreadable",
        ),
        (
            lambda: adoption_dates(pd.DataFrame({"team": ["a"], "day": [20260101]}), as_of=MONDAY),
            "impact_time_unreadable",
        ),
        (lambda: adoption_dates(pd.DataFrame({"team": ["a"], "day": [[1]]}), as_of=MONDAY), "impact_time_unreadable"),
        (
            lambda: adoption_dates(licences=pd.DataFrame({"unit": [None], "granted": ["2026-01-01"]}), as_of=MONDAY),
            "impact_unit_missing",
        ),
        (
            lambda: adoption_dates(licences=pd.DataFrame({"unit": ["a"], "granted": [None]}), as_of=MONDAY),
            "impact_time_missing",
        ),
        (lambda: adoption_dates(declared=pd.DataFrame({"unit": ["a"]}), as_of=MONDAY), "impact_column_missing"),
        (
            lambda: adoption_dates(roster=pd.DataFrame({"unit": ["a"], "size": ["many"]}), as_of=MONDAY),
            "impact_not_numbers",
        ),
        (
            lambda: adoption_dates(_weeks([0]), as_of=MONDAY, observed=(date(2026, 2, 1), date(2026, 1, 1))),
            "impact_observed_backwards",
        ),
        (lambda: adoption_dates(as_of=None), "impact_time_missing"),  # type: ignore[arg-type]
    ],
)
def test_refused(call: Callable[[], Adoption], code: str) -> None:
    with pytest.raises(InputError, match=code):
        call()


@given(st.lists(st.integers(0, 8), min_size=1, max_size=14), st.integers(5, 8), st.integers(0, 4))
def test_more_use_never_means_a_later_date(counts: list[int], members: int, more: int) -> None:
    def first(added: int) -> tuple[date | None, str | None]:
        grown = [0, 0] + [min(count + added, members) for count in counts]
        return _usage(adoption_dates(_weeks(grown, members=members), as_of=_sunday(len(grown))))

    (little, _), (much, reason) = first(0), first(more)
    if little is not None:
        assert much is not None
        assert much <= little
    found = adoption_dates(_weeks([0, 0, *counts], members=members), as_of=_sunday(len(counts) + 2))
    assert found.dose["share"].between(0, 1).all()
    assert (found.dose["members"] >= 5).all()
    assert reason in (None, "never", "not_sustained_yet")


@given(st.dates(date(1, 1, 8), date(9990, 1, 1)), st.integers(0, 800))
def test_weeks_and_months_agree_with_the_calendar(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    year, week, _ = first.isocalendar()
    assert week_label(week_of_day(first.toordinal())) == f"{year}-W{week:02d}"
    weeks = full_weeks(first.toordinal(), last.toordinal())
    days = [first + timedelta(days=n) for n in range(length + 1)]
    assert len(weeks) == sum(day.weekday() == 0 and day + timedelta(days=6) <= last for day in days)
    months = full_months(first.toordinal(), last.toordinal())
    ends = sum(
        day.day == 1 and (day.replace(day=28) + timedelta(days=4)).replace(day=1) <= last + timedelta(days=1)
        for day in days
    )
    assert len(months) == ends


def test_days_of_numpy_and_pandas() -> None:
    number = date(2026, 1, 5).toordinal()
    values = [np.datetime64("2026-01-05T12"), pd.Timestamp("2026-01-05", tz="UTC"), "2026-01-05T23:59:59+00:00", pd.NaT]
    assert day_numbers([*values, float("nan"), np.datetime64("NaT"), pd.NA]).tolist() == [number] * 3 + [-1] * 4
    assert day_number("2026-01-05T00:30:00+01:00") == number - 1


def test_every_code_has_words() -> None:
    source = getsource(adoption_module) + getsource(adoption_usage)
    caveats = set(re.findall(r'Caveat\(\s*"(\w+)"', source))
    reasons = set(re.findall(r'(?:None, |else |return )"([a-z_]+)"', source)) - {"unit"}
    assert {"size_from_members_seen", "licence_ended"} <= caveats
    assert {"never", "not_sustained_yet", "before_telemetry", "seats_below_share", "no_full_weeks"} <= reasons
    assert [one for one in caveats if not has(f"impact.caveat.{one}")] == []
    assert [one for one in reasons if not has(f"impact.adoption_reason.{one}")] == []
