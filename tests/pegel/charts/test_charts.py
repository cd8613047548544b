"""Charts: the data behind them by hand, and what they never embed."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import polars as pl
import pytest

from pegel.charts import (
    arrivals_and_departures,
    cumulative_flow,
    flow_distribution,
    flow_efficiency,
    flow_load,
    flow_time,
    flow_velocity,
    time_in_state,
    work_item_age,
)
from pegel.charts.drawing import altair, specification, values
from pegel.charts.palette import COLOURS
from pegel.charts.stacking import KINDS, stacked
from pegel.charts.weeks import MOST_DAYS, by_month, thinned
from pegel.errors import UserError
from pegel.eventlog.schema import DAY_US, WEEK_US
from pegel.flow.arrivals_and_departures import ArrivalsAndDepartures
from pegel.flow.flow_load import FlowLoad
from tests.pegel.report import reports

_REPORT = reports.weekly()


def _charts(language="en", mode="light"):
    report = _REPORT
    return {
        "time": flow_time.chart(report.flow_time, language, mode=mode),
        "velocity": flow_velocity.chart(report.flow_velocity, report.flow_distribution, language, mode=mode),
        "efficiency": flow_efficiency.chart(report.flow_efficiency, language, mode=mode),
        "load": flow_load.chart(report.flow_load, language, mode=mode),
        "distribution": flow_distribution.chart(report.flow_distribution, language, mode=mode),
        "states": time_in_state.chart(report.time_in_state, language, mode=mode),
        "age": work_item_age.chart(report.work_item_age, language, mode=mode),
        "cumulative": cumulative_flow.chart(report.cumulative_flow, language, mode=mode),
        "changes": arrivals_and_departures.chart(report.arrivals_and_departures, report.flow_load, language, mode=mode),
    }


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_chart_is_a_valid_specification(language, mode):
    for chart in _charts(language, mode).values():
        specification = chart.to_dict()  # checks against the schema of Vega-Lite

        assert specification["width"] == "container"
        assert specification["config"]["locale"]["number"]["decimal"] == ("," if language == "de" else ".")


def test_colours_of_the_other_mode_do_not_occur():
    for mode, other in (("light", 1), ("dark", 0)):
        text = json.dumps([chart.to_dict() for chart in _charts(mode=mode).values()])

        assert [pair[other] for pair in COLOURS.values() if pair[other] in text] == []


def test_every_light_colour_is_unique_so_that_drawings_can_be_recoloured():
    assert len({light for light, _ in COLOURS.values()}) == len(COLOURS)


@pytest.mark.parametrize("mode", [0, 1])
def test_contrast_with_the_page(mode):
    paper = COLOURS["paper"][mode]
    text = {role: _contrast(COLOURS[role][mode], paper) for role in ("ink", "muted", "accent")}
    marks = {
        role: _contrast(pair[mode], paper)
        for role, pair in COLOURS.items()
        if role not in {"paper", "line", "grid", "band_inner", "band_outer", "ignored"}
    }

    assert {role: value for role, value in text.items() if value < 4.5} == {}
    assert {role: value for role, value in marks.items() if value < 3} == {}


def _contrast(one: str, other: str) -> float:
    """Contrast of two colours by WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_no_specification_refers_to_the_network_but_for_its_schema():
    for chart in _charts().values():
        specification = chart.to_dict()
        schema = specification.pop("$schema")

        assert schema.startswith("https://vega.github.io/schema/vega-lite/")
        assert "http" not in json.dumps(specification)


def test_stacks_add_up():
    rows = [
        {"at": 0, "kind": "defect", "n": 2},
        {"at": 0, "kind": "feature", "n": 3},
        {"at": 1, "kind": "debt", "n": 1},
    ]

    found = stacked(rows, KINDS, by="at", part="kind", size="n")

    assert [(row["at"], row["kind"], row["low"], row["high"]) for row in found] == [
        (0, "feature", 0, 3),
        (0, "defect", 3, 5),
        (1, "debt", 0, 1),
    ]


def test_velocity_is_drawn_in_full():
    data, span = flow_velocity.rows(_REPORT.flow_velocity, _REPORT.flow_distribution, "en")

    assert span == "week"
    assert sum(row["finished"] for row in data) == _REPORT.flow_velocity.finished == 35


def test_weeks_become_months_without_loss():
    # Mondays of January and February 1970: 5, 12, 19, 26 January and 2 February.
    weeks = pl.DataFrame({"week_us": [4 * DAY_US + WEEK_US * n for n in range(5)], "finished": [1, 2, 3, 4, 5]})

    assert by_month(weeks).rows() == [(0, 10), (31 * DAY_US, 5)]


def test_long_daily_series_keep_sundays_and_the_last_day():
    # 1970-01-01 was a Thursday: the first Sunday is day 3. 500 days end with day 499, a Friday.
    daily = pl.DataFrame({"day_us": [DAY_US * day for day in range(500)], "kind": ["feature"] * 500})
    kept = [day // DAY_US for day in thinned(daily)["day_us"].to_list()]

    assert kept == [*range(3, 499, 7), 499]
    assert thinned(daily.head(MOST_DAYS)).height == MOST_DAYS


def test_very_long_daily_series_stay_small():
    daily = pl.DataFrame({"day_us": [DAY_US * day for day in range(20_000)]})  # 55 years

    kept = thinned(daily)["day_us"]

    assert kept.len() <= MOST_DAYS
    assert kept.max() == 19_999 * DAY_US


def test_changes_of_load_add_up_to_the_balance():
    changes, load = _REPORT.arrivals_and_departures, _REPORT.flow_load
    data, _ = arrivals_and_departures.rows(changes, load, "en")

    assert sum(row["net"] for row in data) == changes.balance == load.now == 5


def test_a_load_from_before_the_period_is_no_arrival():
    # Monday 5 January 1970: 7 in progress at the end of the day, 2 more than before the period.
    days = pl.DataFrame({"day_us": [4 * DAY_US], "kind": ["feature"], "load": [7]})
    load = FlowLoad(definition="x", status="value", now=7, mean=7.0, by_kind={"feature": 7}, by_day=days)
    changes = ArrivalsAndDepartures(definition="x", status="value", arrivals=3, departures=1, balance=2)

    data, span = arrivals_and_departures.rows(changes, load, "de")

    assert (span, [(row["from"], row["net"], row["change"]) for row in data]) == ("week", [("05.01.1970", 2, "+2")])


def test_cumulative_flow_counts_what_ended_from_its_lowest_level():
    shown = cumulative_flow.shown(_REPORT.cumulative_flow)
    done = shown.filter(pl.col("category") == "done").sort("day_us")["items"]

    assert (done.min(), done[-1]) == (0, 35)


def test_states_are_drawn_longest_first_and_name_their_meaning():
    data = time_in_state.rows(_REPORT.time_in_state, "de")

    assert [(row["place"], row["meaning"], row["strength"]) for row in data] == [
        ("Approval", "wartend", 1.0),
        ("Doing", "aktiv", 0.14),
    ]


def test_nothing_looks_like_waiting_when_nobody_has_said_what_is_work():
    data = time_in_state.rows(_REPORT.time_in_state, "en", known=False)

    assert {row["strength"] for row in data} == {0.4}
    assert [row["label"] for row in data] == [row["part"] for row in data]


def test_a_state_with_two_meanings_has_two_bars():
    by_state = _REPORT.time_in_state.by_state
    twice = pl.concat([by_state, by_state.filter(pl.col("state") == "Doing").with_columns(category=pl.lit("waiting"))])
    times = type(_REPORT.time_in_state)(
        definition="x", status="value", by_state=twice, by_phase=twice.clear(), by_category=twice.clear()
    )

    places = [row["place"] for row in time_in_state.rows(times, "en")]

    assert places == ["Approval", "Doing (active)", "Doing (waiting)"]


def test_open_items_stand_over_the_bands_of_their_type():
    items, bands = work_item_age.rows(_REPORT.work_item_age, "en", names={36: "</script>"})

    assert items[0]["item"] == "</script>"
    assert {row["pace"] for row in items} <= {"within_p50", "within_p85", "beyond_p85"}
    assert sorted({(row["place"], row["type"], row["slot"]) for row in bands}) == [
        ("Approval", "Claim", 0),
        ("Approval", "Complaint", 1),
    ]
    assert all(low["high"] == high["low"] for low, high in zip(bands[::2], bands[1::2], strict=True))


def test_many_open_items_are_cut_and_many_types_share_a_column():
    age = _REPORT.work_item_age
    one = age.items.head(1)
    many = pl.concat(
        [one.with_columns(type=pl.lit(f"T{n % 6}"), item=pl.lit(n, one["item"].dtype)) for n in range(1500)]
    )
    crowd = type(age)(
        definition="x", status="value", n=1500, p50=1.0, oldest=1.0, items=many, by_state=age.by_state, pace=age.pace
    )

    items, _ = work_item_age.rows(crowd, "en")

    assert [row["item"] for row in items[:100]] == [str(number) for number in range(100)]
    assert len({row["item"] for row in items}) == work_item_age.MOST_ITEMS
    assert {row["slot"] for row in items} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("sentence", "german"),
    [
        (flow_time.sentence(_REPORT.flow_time, "de"), "Die Hälfte der 35 Arbeitseinheiten dauerte höchstens"),
        (flow_velocity.sentence(_REPORT.flow_velocity, "de"), "35 Arbeitseinheiten wurden fertig, im Mittel"),
        (flow_load.sentence(_REPORT.flow_load, "de"), "Am Ende des Zeitraums sind 5 in Arbeit, im Mittel waren es"),
        (flow_distribution.sentence(_REPORT.flow_distribution, "de"), "Am häufigsten fertig wurde: Feature (74"),
        (work_item_age.sentence(_REPORT.work_item_age, "de"), "5 offene Arbeitseinheiten, die mittlere"),
        (cumulative_flow.sentence(_REPORT.cumulative_flow, "de"), "Am Ende des Zeitraums: 5 wartend, 35 fertig."),
        (
            arrivals_and_departures.sentence(_REPORT.arrivals_and_departures, "de"),
            "40 Zugänge, 35 Abgänge: Die Last ist um 5 gewachsen.",
        ),
    ],
)
def test_sentences(sentence, german):
    assert sentence.startswith(german)


def test_sentences_of_answers_that_are_no_values_give_the_reason():
    report = reports.empty()

    assert flow_time.sentence(report.flow_time, "en") == "Nothing was finished in this period. Choose a longer one."
    assert flow_load.sentence(report.flow_load, "en") == "Nothing has been started yet."
    assert work_item_age.sentence(report.work_item_age, "de") == "Es ist nichts offen."
    assert flow_efficiency.sentence(reports.not_configured().flow_efficiency, "en").startswith(
        "Nobody has said which states are work"
    )


def test_without_altair_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "altair", None)

    with pytest.raises(UserError) as caught:
        flow_time.chart(_REPORT.flow_time, "en")

    assert (caught.value.code, caught.value.values) == ("extra_missing", {"extra": "report"})


def test_a_thread_that_ends_leaves_the_drawing_of_another_alone() -> None:
    """Altair's switch is one for all threads: without turns the one that ends would switch checks on for the other."""
    both_draw, one_is_done = Event(), Event()

    def bars() -> Any:
        return altair().Chart(values([{"a": 1}])).mark_bar().encode(x="a:Q")

    def ends_first() -> Any:
        both_draw.wait(0.3)
        return bars()

    def ends_last() -> Any:
        both_draw.set()
        one_is_done.wait(5)
        return bars()

    def first() -> dict[str, Any]:
        found = specification(ends_first)
        one_is_done.set()
        return found

    with ThreadPoolExecutor(2) as threads:
        begun = threads.submit(first), threads.submit(specification, ends_last)
    assert [one.result()["data"]["values"] for one in begun] == [[{"a": 1}]] * 2
