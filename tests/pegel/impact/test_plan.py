"""The measurement plan: what it says, what freezing keeps, and every place at which it can be wrong."""

from contextlib import suppress
from datetime import date
from math import log

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError, UserError
from pegel.impact.verdicts.plan import ChecksPlan, DataPlan, frozen_text, load_plan, plan_hash
from pegel.impact.verdicts.verdict import Design

_LEAST = """plan: 1
name: Drafting assistant
data: {panel: panel.csv}
metric: {name: flow_time, better: lower, smallest_effect: 10%, scale: log}
"""

_FULL = """# Why: claims wait for letters.
plan: 1
name: Drafting assistant in claims
use_case: drafting
data: {panel: panel.csv, unit: team, time: week, cohort: adopted}
metric: {name: flow_time, better: lower, smallest_effect: 10%, scale: log}   # a tenth pays for the licences
guards:
  - {name: reopened, better: lower, smallest_effect: 0.02}
  - {name: velocity, better: higher, smallest_effect: 5%}
design: staggered
chosen_by: management
control: never
anticipation: 2
covariates: [team_size]
window: {from: 2025-01-06, until: 2026-06-28}
looks: [2026-03-31, "2026-06-30"]
checks:
  exposure: shared_reviewers
  unfinished: open_share
  most_unfinished: 0.2
  definition_changes:
    - {date: 2026-02-02, what: new workflow}
    - {date: 2026-03-02, unit: North, what: status renamed}
  selection_periods: 4
level: 0.9
draws: 999
seed: 7
return: {volume: 1200, realised_share: 0.5, value_unit: day}
"""


def _with(line: str, text: str = _LEAST) -> str:
    """The least plan with a line in place of the one with the same key, or added."""
    key = line.partition(":")[0]
    kept = [one for one in text.splitlines() if one.partition(":")[0] != key]
    return "\n".join([*kept, line, ""])


def _metric(body: str) -> str:
    return _with(f"metric: {body}")


def _refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        load_plan(text)
    return caught.value


# Reading ---------------------------------------------------------------------------------------------------------


def test_what_is_not_said_keeps_its_default():
    plan = load_plan(_LEAST)

    assert (plan.name, plan.metric.name, plan.metric.better) == ("Drafting assistant", "flow_time", "lower")
    assert plan.data == DataPlan(panel="panel.csv")
    assert (plan.data.unit, plan.data.time, plan.data.cohort) == ("unit", "time", "cohort")
    assert (plan.design, plan.chosen_by, plan.control, plan.anticipation) == (Design.STAGGERED, None, "not_yet", 0)
    assert (plan.guards, plan.covariates, plan.window, plan.looks) == ((), (), None, ())
    assert plan.checks == ChecksPlan()
    assert plan.checks.definition_changes is None
    assert (plan.level, plan.draws, plan.seed, plan.net_return) == (0.95, 2_000, 0, None)
    assert (plan.frozen, plan.frozen_on) == (False, None)


def test_everything_that_can_be_said():
    plan = load_plan(_FULL)

    assert plan.use_case == "drafting"
    assert (plan.data.unit, plan.data.time, plan.data.cohort) == ("team", "week", "adopted")
    assert [(one.name, one.better, one.smallest_effect, one.relative, one.scale) for one in plan.guards] == [
        ("reopened", "lower", 0.02, False, "level"),
        ("velocity", "higher", 0.05, True, "level"),
    ]
    assert (plan.chosen_by, plan.control, plan.anticipation, plan.covariates) == (
        "management", "never", 2, ("team_size",),
    )  # fmt: skip
    assert plan.window == (date(2025, 1, 6), date(2026, 6, 28))
    assert plan.looks == (date(2026, 3, 31), date(2026, 6, 30))
    assert plan.checks == ChecksPlan(
        exposure="shared_reviewers",
        unfinished="open_share",
        most_unfinished=0.2,
        definition_changes=((date(2026, 2, 2), None, "new workflow"), (date(2026, 3, 2), "North", "status renamed")),
        selection_periods=4,
    )
    assert (plan.level, plan.draws, plan.seed) == (0.9, 999, 7)
    assert plan.net_return == {"volume": 1200, "realised_share": 0.5, "value_unit": "day"}


def test_a_plan_on_a_lake():
    plan = load_plan(
        _with("data: {lake: my-lake, adoption: adoption.csv, streams: [Claims, 2026], period: month, policy: own}")
    )

    assert plan.data == DataPlan(
        lake="my-lake", adoption="adoption.csv", streams=("Claims", "2026"), period="month", policy="own"
    )


def test_nobody_has_said_is_not_the_same_as_none_changed():
    assert load_plan(_with("checks: {definition_changes: []}")).checks.definition_changes == ()
    assert load_plan(_with("checks: {definition_changes: }")).checks.definition_changes is None
    assert load_plan(_with("checks: {exposure: touch}")).checks.definition_changes is None


def test_braces_serve_as_well():
    plan = load_plan("{plan: 1, name: A, data: {panel: p.csv}, metric: {name: y, better: higher, smallest_effect: 2}}")

    assert (plan.metric.smallest_effect, plan.metric.relative) == (2, False)


# The smallest effect that matters --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "share"),
    [("10%", 0.1), ("10 %", 0.1), ("'7,5 %'", 0.075), ("7.5%", 0.075), ("'  3% '", 0.03), ("200%", 2), ("0.1%", 0.001)],
)
def test_percentages(written, share):
    metric = load_plan(_metric(f"{{name: y, better: lower, smallest_effect: {written}}}")).metric

    assert metric.relative is True
    assert metric.smallest_effect == pytest.approx(share)


@pytest.mark.parametrize(("written", "value"), [("0.5", 0.5), ("3", 3), ("1.0e-3", 0.001), ("0x10", 16)])
def test_numbers(written, value):
    metric = load_plan(_metric(f"{{name: y, better: lower, smallest_effect: {written}}}")).metric

    assert (metric.relative, metric.smallest_effect) == (False, value)


def test_delta_by_hand():
    level = load_plan(_metric("{name: y, better: lower, smallest_effect: 10%}")).metric
    relative = load_plan(_LEAST).metric
    plain = load_plan(_metric("{name: y, better: lower, smallest_effect: 3}")).metric

    assert level.delta(40.0) == pytest.approx(4)
    assert level.delta(-40.0) == pytest.approx(4)
    assert level.delta(None) is None
    assert level.delta(0.0) is None
    assert relative.delta(None) == pytest.approx(log(1.1))
    assert relative.delta(40.0) == pytest.approx(log(1.1))
    assert plain.delta(None) == 3


@pytest.mark.parametrize(
    "written",
    ["0", "-1", "0%", "-10%", ".inf", ".nan", "yes", "ten", "10%%", "'%'", "1e-3", "[1]", "", "10 per cent", "7,5"],
)
def test_what_is_no_smallest_effect(written):
    refusal = _refusal(_metric(f"\n  name: y\n  better: lower\n  smallest_effect: {written}"))

    assert (refusal.code, refusal.values["place"]) == ("plan_invalid", "metric.smallest_effect")


# Freezing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [_LEAST, _FULL, _FULL.rstrip("\n"), _FULL.replace("\n", "\r\n")])
def test_freezing_adds_one_line_and_keeps_what_people_wrote(text):
    frozen = frozen_text(text, on=date(2026, 1, 5))

    plan = load_plan(frozen)
    assert frozen.startswith(text)
    assert frozen[len(text) :].strip().startswith("frozen: {date: 2026-01-05, hash: ")
    assert (plan.frozen, plan.frozen_on) == (True, date(2026, 1, 5))
    assert plan.frozen_hash == plan.hash == load_plan(text).hash


def test_comments_layout_and_order_do_not_count():
    frozen = frozen_text(_FULL, on=date(2026, 1, 5))
    lines = frozen.replace("# Why: claims wait for letters.", "# Other words.").splitlines()
    moved = "\n".join([lines[-1], *lines[:-1], "", "# the end"])

    assert load_plan(moved).frozen


def test_files_may_move():
    frozen = frozen_text(_FULL, on=date(2026, 1, 5))

    assert load_plan(frozen.replace("panel: panel.csv", "panel: data/2026.csv")).data.panel == "data/2026.csv"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("smallest_effect: 10%", "smallest_effect: 5%"),
        ("better: lower, smallest_effect: 10%", "better: higher, smallest_effect: 10%"),
        ("until: 2026-06-28", "until: 2026-06-21"),
        ("level: 0.9", "level: 0.8"),
        ("seed: 7", "seed: 8"),
        ("[team_size]", "[]"),
        ("looks: [2026-03-31,", "looks: ["),
        ("value_unit: day", "value_unit: hour"),
        ("use_case: drafting", ""),
        ("unit: North", "unit: South"),
    ],
)
def test_a_plan_changed_after_freezing_is_refused(before, after):
    frozen = frozen_text(_FULL, on=date(2026, 1, 5))
    assert before in frozen

    with pytest.raises(UserError) as caught:
        load_plan(frozen.replace(before, after))

    assert caught.value.code == "plan_changed_after_freezing"
    assert len(caught.value.values["frozen"]) == len(caught.value.values["now"]) == 12
    assert caught.value.values["frozen"] != caught.value.values["now"]


def test_a_frozen_plan_is_not_frozen_again():
    frozen = frozen_text(_LEAST, on=date(2026, 1, 5))

    with pytest.raises(UserError) as caught:
        frozen_text(frozen, on=date(2026, 2, 5))

    assert (caught.value.code, caught.value.values["on"]) == ("plan_frozen_already", date(2026, 1, 5))


@pytest.mark.parametrize(
    "text",
    [
        "{plan: 1, name: A, data: {panel: p.csv}, metric: {name: y, better: lower, smallest_effect: 1}}\n",
        "# a comment\n{plan: 1, name: A, data: {panel: p}, metric: {name: y, better: lower, smallest_effect: 1}}\n",
        "\n".join(" " + line for line in _LEAST.splitlines()) + "\n",
        _LEAST + "...\n",
    ],
)
def test_where_no_line_can_be_added_nothing_is_broken(text):
    assert load_plan(text).frozen is False
    with pytest.raises(InputError) as caught:
        frozen_text(text, on=date(2026, 1, 5))

    assert (caught.value.code, caught.value.values["place"]) == ("plan_invalid", "plan")


def test_a_broken_plan_is_not_frozen():
    with pytest.raises(InputError, match="plan_invalid"):
        frozen_text(_with("design: magic"), on=date(2026, 1, 5))


def test_a_hash_does_not_depend_on_how_values_are_written():
    assert load_plan(_with("looks: [2026-03-31]")).hash == load_plan(_with('looks:\n  - "2026-03-31"')).hash
    assert load_plan(_LEAST).hash != load_plan(_with("seed: 0")).hash  # what is said counts, even if it is the default


@given(st.permutations(["name", "data", "metric", "frozen", "seed"]))
def test_a_hash_does_not_depend_on_the_order_of_keys(order):
    body = {"name": "A", "data": {"panel": "p"}, "metric": {"b": 1, "a": 2}, "frozen": {"hash": "x"}, "seed": 3}

    assert plan_hash({key: body[key] for key in order}) == plan_hash(body)
    # A file may move; what is read from it may not change.
    assert plan_hash(body) == plan_hash({**body, "frozen": None, "data": {"panel": "elsewhere"}})
    assert plan_hash(body) != plan_hash({**body, "data": {"panel": "p", "cohort": "other"}})
    assert plan_hash(body) != plan_hash({**body, "seed": 4})


def test_keys_that_are_no_texts_can_be_hashed():
    plan = load_plan(_with("return: {volume: 1, 2026: x, 2026-01-01: y}"))

    assert len(plan.hash) == 64


# Every place -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "plan"),
        ("[1, 2]", "plan"),
        ("just words", "plan"),
        (_with("plan: 2"), "plan"),
        (_with("color: red"), "color"),
        (_with("name:"), "name"),
        (_with("name: '  '"), "name"),
        (_with("name: [A]"), "name"),
        (_with("use_case: [A]"), "use_case"),
        (_with("data:"), "data"),
        (_with("data: panel.csv"), "data"),
        (_with("data: {unit: team}"), "data"),
        (_with("data: {panel: a.csv, lake: b, adoption: c}"), "data"),
        (_with("data: {lake: b}"), "data.adoption"),
        (_with("data: {panel: [a]}"), "data.panel"),
        (_with("data: {panel: a.csv, unit: ''}"), "data.unit"),
        (_with("data: {panel: a.csv, time: {}}"), "data.time"),
        (_with("data: {panel: a.csv, columns: x}"), "data.columns"),
        (_with("data: {lake: b, adoption: c, streams: Claims}"), "data.streams"),
        (_with("data: {lake: b, adoption: c, streams: [Claims, [x]]}"), "data.streams.2"),
        (_with("data: {lake: b, adoption: c, period: day}"), "data.period"),
        (_with("data: {lake: b, adoption: c, policy: [x]}"), "data.policy"),
        (_with("metric:"), "metric"),
        (_metric("flow_time"), "metric"),
        (_metric("{better: lower, smallest_effect: 1}"), "metric.name"),
        (_metric("{name: y, smallest_effect: 1}"), "metric.better"),
        (_metric("{name: y, better: less, smallest_effect: 1}"), "metric.better"),
        (_metric("{name: y, better: lower}"), "metric.smallest_effect"),
        (_metric("{name: y, better: lower, smallest_effect: 1, scale: ratio}"), "metric.scale"),
        (_metric("{name: y, better: lower, smallest_effect: 1, scale: log}"), "metric.smallest_effect"),
        (_metric("{name: y, better: lower, smallest_effect: 1, unit: day}"), "metric.unit"),
        (_with("guards: reopened"), "guards"),
        (_with("guards: [reopened]"), "guards.1"),
        (_with("guards: [{name: a, better: lower, smallest_effect: 1}, {name: b, better: lower}]"),
         "guards.2.smallest_effect"),
        (_with("guards: [{name: flow_time, better: lower, smallest_effect: 1}]"), "guards"),
        (_with("design: magic"), "design"),
        (_with("design: [staggered]"), "design"),
        (_with("chosen_by: chance"), "chosen_by"),
        (_with("control: none"), "control"),
        (_with("anticipation: -1"), "anticipation"),
        (_with("anticipation: 1.5"), "anticipation"),
        (_with("anticipation: true"), "anticipation"),
        (_with("covariates: size"), "covariates"),
        (_with("covariates: [{a: b}]"), "covariates.1"),
        (_with("window: 2026"), "window"),
        (_with("window: {from: 2026-01-01}"), "window.until"),
        (_with("window: {until: 2026-01-01}"), "window.from"),
        (_with("window: {from: 2026-01-01, until: 2026-01-01}"), "window"),
        (_with("window: {from: 2026-01-01, until: soon}"), "window.until"),
        (_with("window: {from: 2026-01-01, to: 2026-02-01}"), "window.to"),
        (_with("looks: 2026-03-31"), "looks"),
        (_with("looks: [soon]"), "looks"),
        (_with("checks: []"), "checks"),
        (_with("checks: {exposures: x}"), "checks.exposures"),
        (_with("checks: {exposure: [x]}"), "checks.exposure"),
        (_with("checks: {unfinished: 1.5e0}\nlevel: 2"), "level"),
        (_with("checks: {most_unfinished: 1.1}"), "checks.most_unfinished"),
        (_with("checks: {selection_periods: 0}"), "checks.selection_periods"),
        (_with("checks: {definition_changes: none}"), "checks.definition_changes"),
        (_with("checks: {definition_changes: [2026-01-01]}"), "checks.definition_changes.1"),
        (_with("checks: {definition_changes: [{what: x}]}"), "checks.definition_changes.1.date"),
        (_with("checks: {definition_changes: [{date: 2026-01-01, why: x}]}"), "checks.definition_changes.1.why"),
        (_with("level: 95%"), "level"),
        (_with("level: 1"), "level"),
        (_with("level: 0.4"), "level"),
        (_with("level: .nan"), "level"),
        (_with("draws: 10"), "draws"),
        (_with("draws: 1000000"), "draws"),
        (_with("draws: 1e4"), "draws"),
        (_with("seed: -1"), "seed"),
        (_with("seed: 1.0"), "seed"),
        (_with("return: 100"), "return"),
        (_with("frozen: yes"), "frozen"),
        (_with("frozen: {date: 2026-01-01, hash: 12}"), "frozen.hash"),
        (_with(f"frozen: {{date: 2026-01-01, hash: {'A' * 64}}}"), "frozen.hash"),
        (_with(f"frozen: {{hash: {'a' * 64}}}"), "frozen.date"),
        (_with(f"frozen: {{date: 2026-01-01, by: me, hash: {'a' * 64}}}"), "frozen.by"),
    ],
)  # fmt: skip
def test_every_place_is_named(text, place):
    refusal = _refusal(text)

    assert (refusal.code, refusal.values["place"]) == ("plan_invalid", place)
    assert refusal.values["detail"]


# YAML has traps --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (_with("name: no"), "name"),
        (_with("name: 2026-01-01"), "name"),
        (_with("data: {panel: p.csv, unit: on}"), "data.unit"),
        (_with("data: {lake: l, adoption: a.csv, streams: [Claims, NO]}"), "data.streams.2"),
        (_with("covariates: [y, n, yes]"), "covariates.3"),
        (_with("checks: {definition_changes: [{date: 2026-01-01, unit: NO}]}"), "checks.definition_changes.1.unit"),
        (_metric("{name: off, better: lower, smallest_effect: 1}"), "metric.name"),
    ],
)
def test_names_that_yaml_reads_as_something_else_are_refused(text, place):
    # Norway must not become False: a stream of that name would be missing, a change of its figures would go unseen.
    assert _refusal(text).values["place"] == place


def test_in_quotes_they_are_names():
    plan = load_plan(_with('checks: {definition_changes: [{date: 2026-01-01, unit: "NO"}]}'))

    assert plan.checks.definition_changes == ((date(2026, 1, 1), "NO", ""),)


def test_dates_may_be_moments_and_texts():
    plan = load_plan(_with("window: {from: 2026-02-01T10:00:00, until: '2026-03-01'}"))

    assert plan.window == (date(2026, 2, 1), date(2026, 3, 1))


@pytest.mark.parametrize(
    "text",
    [
        "name: [",
        "a: &x [1]\nb: *x",
        _LEAST + "name: twice\n",
        _with("looks: [2026-13-01]"),
        "\t- :",
        "name: \x00",
        "x" * 1_000_001,
        "[" * 5_000,
        "!!python/object:os.system {}",
    ],
)
def test_what_is_no_yaml_for_people_is_unreadable(text):
    assert _refusal(text).code == "plan_unreadable"


@given(st.text(max_size=60))
def test_no_text_brings_a_traceback(text):
    with suppress(InputError):
        load_plan(text)


_LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.text(max_size=5))
_BRANCH = st.one_of(_LEAF, st.lists(_LEAF, max_size=3), st.dictionaries(st.text(max_size=4), _LEAF, max_size=3))
_YAML = st.one_of(_BRANCH, st.lists(_BRANCH, max_size=3), st.dictionaries(st.text(max_size=4), _BRANCH, max_size=3))


@given(
    st.sampled_from(["data", "metric", "guards", "design", "window", "looks", "checks", "return", "covariates"]), _YAML
)
def test_no_value_brings_a_traceback(key, value):
    with suppress(UserError):
        load_plan(_with(f"{key}: {yaml.safe_dump(value, default_flow_style=True, width=10_000).splitlines()[0]}"))
