"""The verdict: every answer and every reason for none, by hand; the same evidence gives the same answer."""

from math import inf, nan

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import UserError
from pegel.impact.estimate import Caveat, Estimate, Interval
from pegel.impact.verdicts.verdict import AGAINST_AN_EFFECT, BLOCKING, Answer, Check, Design, Guard, verdict

#: What a staggered comparison needs to have been looked at.
_CLEAN = (Check("pre_trend", True),)


def _estimate(
    effect: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    p: float | None = 0.01,
    outcome: str = "flow_time",
    level: float = 0.95,
    caveats: tuple[Caveat, ...] = (),
) -> Estimate:
    return Estimate(
        method="callaway_santanna",
        estimand="simple",
        outcome=outcome,
        effect=effect,
        se=None,
        se_reason="permutation_has_no_se",
        interval=None if low is None or high is None else Interval(low, high),
        level=level,
        p_value=p,
        inference="permutation",
        n=100,
        units=12,
        adopters=6,
        periods=20,
        by_horizon=pd.DataFrame(),
        caveats=caveats,
    )


def _verdict(primary, **further):
    return verdict(primary, **{"better": "lower", "smallest_effect": 1.0, "checks": _CLEAN, **further})


_HELPED = _estimate(-3, -5, -2)
_CALM = _estimate(0.1, -0.5, 0.7)


# The five answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("better", "effect", "low", "high", "answer"),
    [
        ("lower", -3, -5, -2, Answer.HELPED),
        ("lower", 3, 2, 5, Answer.HURT),
        ("higher", 3, 2, 5, Answer.HELPED),
        ("higher", -3, -5, -2, Answer.HURT),
        # One-sided knowledge is enough: at least 2, and nobody knows how much more.
        ("higher", 9, 2, inf, Answer.HELPED),
        # Partly within what does not matter, but surely not zero.
        ("lower", -1.5, -3, -0.1, Answer.HELPED),
    ],
)
def test_an_interval_on_one_side_of_zero(better, effect, low, high, answer):
    found = _verdict(_estimate(effect, low, high), better=better, second=_estimate(effect * 1.2, None, None))

    assert (found.answer, found.reasons) == (answer, ())
    assert found.would_change == ("an_effect_that_fades", "a_definition_that_changed")
    assert (found.effect, found.interval) == (effect, (low, high))


@pytest.mark.parametrize(("low", "high"), [(-0.5, 0.7), (-0.999, 0.999), (0.0, 0.0), (0.2, 0.9), (-0.9, -0.2)])
def test_an_interval_wholly_within_delta_is_no_measurable_effect(low, high):
    found = _verdict(_estimate((low + high) / 2, low, high))

    assert found.answer is Answer.NO_EFFECT
    assert found.reasons == ()


@pytest.mark.parametrize(("low", "high"), [(-1.0, 0.5), (-0.5, 1.0), (-0.2, 1.7), (-9, 9)])
def test_a_wide_interval_around_zero_is_not_equivalence(low, high):
    # "Not significant" is not "no effect": delta itself is not excluded.
    found = _verdict(_estimate(0.0, low, high, p=0.9))

    assert found.answer is Answer.CANNOT_TELL
    assert [reason.code for reason in found.reasons] == ["interval_too_wide"]
    assert dict(found.reasons[0].values) == {"half_width": (high - low) / 2, "smallest_effect": 1.0}
    assert found.would_change == ("cure_interval_too_wide",)


@pytest.mark.parametrize(("low", "high"), [(-inf, inf), (-inf, 0.5), (-0.5, inf), (0, inf)])
def test_an_interval_without_an_end_asks_for_units(low, high):
    found = _verdict(_estimate(0.2, low, high))

    assert found.answer is Answer.CANNOT_TELL
    assert [(one.code, dict(one.values)) for one in found.reasons] == [("too_few_units", {"units": 12, "adopters": 6})]


def test_an_effect_that_is_real_but_too_small():
    found = _verdict(_estimate(-0.5, -0.9, -0.1))

    assert found.answer is Answer.NO_EFFECT
    assert [caveat.code for caveat in found.caveats] == ["real_but_too_small_to_matter"]


def test_an_effect_that_may_be_too_small():
    found = _verdict(_estimate(-0.8, -1.5, -0.1))

    assert found.answer is Answer.HELPED
    assert [(one.code, dict(one.values)) for one in found.caveats] == [
        ("may_be_too_small_to_matter", {"smallest_effect": 1.0})
    ]


def test_better_and_a_guard_worse_is_mixed():
    guard = Guard(_estimate(2, 1, 3, outcome="defects"), "lower")

    found = _verdict(_HELPED, guards=[guard])

    assert (found.answer, found.worse_guards, found.guards) == (Answer.MIXED, ("defects",), (guard,))


def test_worse_stays_worse_whatever_the_guards():
    for guard in (_estimate(2, 1, 3), _estimate(-2, -3, -1)):
        assert _verdict(_estimate(3, 2, 5), guards=[Guard(guard, "lower")]).answer is Answer.HURT


def test_no_effect_and_a_guard_worse_is_hurt():
    found = _verdict(_CALM, guards=[Guard(_estimate(2, 1, 3, outcome="defects"), "lower")])

    assert (found.answer, found.worse_guards) == (Answer.HURT, ("defects",))


def test_a_worse_guard_is_named_although_nothing_can_be_told():
    found = _verdict(_estimate(0, -9, 9), guards=[Guard(_estimate(2, 1, 3, outcome="defects"), "lower")])

    assert found.answer is Answer.CANNOT_TELL
    assert ("guards_got_worse", {"guards": ["defects"]}) in [(one.code, dict(one.values)) for one in found.caveats]


# The second opinion ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "agrees"),
    [(-3, True), (-6, True), (-1.5, True), (-6.01, False), (-1.49, False), (3, False), (0, False), (None, False)],
)
def test_a_second_opinion_within_a_factor_of_two(second, agrees):
    found = _verdict(_HELPED, second=_estimate(second))

    assert found.answer is (Answer.HELPED if agrees else Answer.CANNOT_TELL)
    if not agrees:
        assert found.reasons[0].code == "estimators_disagree"
        assert dict(found.reasons[0].values) == {"primary": -3, "second": second, "method": "callaway_santanna"}


@pytest.mark.parametrize(("second", "answer"), [(0.99, Answer.NO_EFFECT), (-0.5, Answer.NO_EFFECT),
                                                (1.0, Answer.CANNOT_TELL), (-4, Answer.CANNOT_TELL)])  # fmt: skip
def test_no_effect_needs_a_second_opinion_within_delta(second, answer):
    found = _verdict(_CALM, second=_estimate(second))

    assert found.answer is answer
    assert found.has_reason("estimators_disagree") is (answer is Answer.CANNOT_TELL)


def test_without_a_second_opinion_none_disagrees():
    assert _verdict(_HELPED).answer is Answer.HELPED
    assert _verdict(_CALM, second=_estimate(None)).answer is Answer.NO_EFFECT


# Checks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", BLOCKING)
@pytest.mark.parametrize("primary", [_HELPED, _CALM, _estimate(0, -9, 9), None])
def test_what_speaks_against_any_answer(code, primary):
    checks = (*[one for one in _CLEAN if one.code != code], Check(code, False, {"n": 1}))

    found = _verdict(primary, checks=checks, second=_HELPED)

    assert found.answer is Answer.CANNOT_TELL
    assert [(one.code, dict(one.values)) for one in found.reasons] == [(code, {"n": 1})]
    assert found.would_change == (f"cure_{code}",)


@pytest.mark.parametrize("code", AGAINST_AN_EFFECT)
def test_what_speaks_against_an_effect_does_not_speak_against_its_absence(code):
    checks = (*_CLEAN, Check(code, False))

    assert [reason.code for reason in _verdict(_HELPED, checks=checks).reasons] == [code]
    assert _verdict(_CALM, checks=checks).answer is Answer.NO_EFFECT
    assert [reason.code for reason in _verdict(_estimate(0, -9, 9), checks=checks).reasons] == ["interval_too_wide"]


def test_reasons_come_in_the_order_of_their_weight():
    checks = [Check(code, False) for code in reversed(BLOCKING)]

    assert [reason.code for reason in _verdict(_HELPED, checks=checks).reasons] == list(BLOCKING)

    against = [*_CLEAN, *(Check(code, False) for code in reversed(AGAINST_AN_EFFECT))]
    found = _verdict(_HELPED, checks=against, second=_estimate(3))
    assert [reason.code for reason in found.reasons] == ["estimators_disagree", *AGAINST_AN_EFFECT]


def test_what_was_not_looked_at_is_named():
    checks = (*_CLEAN, Check("spill_over", None, reason="not_configured"), Check("definition_changed", None))

    found = _verdict(_HELPED, checks=checks)

    assert found.answer is Answer.HELPED
    assert [(one.code, dict(one.values)) for one in found.caveats] == [
        ("checks_not_made", {"checks": ["spill_over", "definition_changed"]})
    ]


@pytest.mark.parametrize("checks", [(), (Check("pre_trend", None, reason="too_short"),)])
def test_a_staggered_comparison_needs_leads(checks):
    found = _verdict(_HELPED, checks=checks)

    assert [(one.code, dict(one.values)) for one in found.reasons] == [("too_short", {"what": "leads"})]
    for design in (Design.RANDOMISED, Design.ONE_ADOPTER, Design.SERIES):
        assert _verdict(_HELPED, checks=checks, design=design).answer is Answer.HELPED


# No estimate -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "primary",
    [
        None,
        _estimate(None),
        _estimate(None, -1, 1),
        _estimate(-3),
        _estimate(-3, nan, nan),
        _estimate(-3, nan, -1),
    ],
)
def test_without_an_estimate_or_its_interval_nothing_can_be_told(primary):
    found = _verdict(primary)

    assert found.answer is Answer.CANNOT_TELL
    assert [reason.code for reason in found.reasons] == ["no_estimate"]


def test_why_there_is_no_estimate_is_the_reason():
    found = _verdict(None, checks=(Check("no_controls_left", False),))

    assert [reason.code for reason in found.reasons] == ["no_controls_left"]
    assert (found.effect, found.interval) == (None, None)


# Designs and grades ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("design", "grade", "change"),
    [
        ("randomised", "A", ("an_effect_that_fades", "a_definition_that_changed")),
        ("staggered", "B", ("an_effect_that_fades", "a_definition_that_changed")),
        ("one_adopter", "C", ("an_effect_that_fades", "a_comparison", "a_definition_that_changed")),
        ("series", "D", ("an_effect_that_fades", "a_comparison", "a_definition_that_changed")),
    ],
)
def test_grades(design, grade, change):
    found = _verdict(_HELPED, design=design)

    assert (found.answer, found.grade, found.would_change) == (Answer.HELPED, grade, change)
    assert _verdict(None, design=design).grade == grade


def test_a_series_without_comparison_is_weak_evidence():
    found = _verdict(_HELPED, design="series")

    assert [caveat.code for caveat in found.caveats] == ["weak_evidence"]
    assert _verdict(_CALM, design="series").caveats == ()


@pytest.mark.parametrize("primary", [_HELPED, _CALM, None])
def test_before_and_after_never_yields_a_verdict(primary):
    found = _verdict(primary, design=Design.BEFORE_AFTER, checks=(*_CLEAN, Check("definition_changed", False)))

    assert (found.answer, found.grade) == (Answer.CANNOT_TELL, "E")
    assert [reason.code for reason in found.reasons] == ["before_after_only", "definition_changed"]


# Guards ----------------------------------------------------------------------------------------------------------


def _worse(*guards: Guard) -> tuple[str, ...]:
    return _verdict(_HELPED, guards=guards).worse_guards


def _guard(name: str, p: float, effect: float = 2.0, **further) -> Guard:
    low, high = (0.1, 2 * effect) if effect > 0 else (2 * effect, -0.1)
    return Guard(_estimate(effect, low, high, p=p, outcome=name), "lower", **further)


def test_guards_are_tested_together_by_hand():
    # One-sided p: 0.005, 0.012, 0.03. Holm with three: 0.005 · 3 = 0.015 ≤ 0.025; 0.012 · 2 = 0.024 ≤ 0.025;
    # 0.03 · 1 > 0.025. With 0.026 in the middle, 0.013 · 2 > 0.025, and what comes after it is not asked any more.
    assert _worse(_guard("c", 0.06), _guard("a", 0.01), _guard("b", 0.024)) == ("a", "b")
    assert _worse(_guard("c", 0.04), _guard("a", 0.01), _guard("b", 0.026)) == ("a",)
    # Alone, 0.05 suffices; with a calm guard beside it, it does not: 0.025 · 2 > 0.025.
    assert _worse(_guard("a", 0.05)) == ("a",)
    assert _worse(_guard("a", 0.05), _guard("b", 0.9)) == ()
    # A guard that became better counts among those tested.
    assert _worse(_guard("a", 0.05), _guard("b", 0.001, effect=-2.0)) == ()


def test_the_direction_of_a_guard():
    worse_if_higher = _estimate(2, 1, 3, outcome="defects")

    assert _worse(Guard(worse_if_higher, "lower")) == ("defects",)
    assert _worse(Guard(worse_if_higher, "higher")) == ()
    assert _worse(Guard(_estimate(-2, -3, -1, outcome="coverage"), "higher")) == ("coverage",)


def test_a_guard_needs_an_interval_apart_from_zero():
    # A p-value and an inverted interval may differ at the edge; both have to speak.
    assert _worse(Guard(_estimate(2, -0.1, 4, p=0.001), "lower")) == ()
    assert _worse(Guard(_estimate(2, 0.1, 4, p=0.2), "lower")) == ()


def test_a_guard_may_get_a_little_worse():
    assert _worse(_guard("a", 0.001, effect=2.0, margin=2.0)) == ("a",)
    assert _worse(_guard("a", 0.001, effect=2.0, margin=2.1)) == ()


@pytest.mark.parametrize("unknown", [_estimate(None), _estimate(2), _estimate(2, 1, 3, p=None)])
def test_guards_without_an_estimate_do_not_count(unknown):
    assert _worse(Guard(unknown, "lower"), _guard("a", 0.05)) == ("a",)


def test_the_level_of_a_guard_is_its_own():
    wide = Guard(_estimate(2, 0.1, 4, p=0.08, outcome="a", level=0.9), "lower")

    assert _worse(wide) == ("a",)
    assert _worse(_guard("a", 0.08)) == ()


# Refused, and properties -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("delta", [0, -1, nan, inf])
def test_a_smallest_effect_has_to_be_said(delta):
    with pytest.raises(UserError, match="impact_smallest_effect_missing"):
        _verdict(_HELPED, smallest_effect=delta)


@pytest.mark.parametrize(("name", "value"), [("better", "less"), ("design", "magic")])
def test_unknown_choices_are_named(name, value):
    with pytest.raises(UserError) as caught:
        _verdict(_HELPED, **{name: value})

    assert (caught.value.code, dict(caught.value.values)) == ("impact_unknown_choice", {"name": name, "value": value})


def test_caveats_of_the_estimate_stand_beside_the_verdict():
    caveat = Caveat("gaps_in_the_panel", {"n": 3, "share": 0.1})

    assert _verdict(_estimate(-3, -5, -2, caveats=(caveat,))).caveats == (caveat,)


_BOUNDS = st.floats(-5, 5)
_CHECKS = st.lists(
    st.tuples(st.sampled_from([*BLOCKING, *AGAINST_AN_EFFECT]), st.sampled_from([True, False, None])), max_size=9
)


@given(_BOUNDS, _BOUNDS, st.floats(0.01, 3), st.one_of(st.none(), _BOUNDS), _CHECKS, st.sampled_from(list(Design)))
def test_what_holds_for_every_verdict(one, two, delta, second, looked, design):
    low, high = sorted((one, two))
    primary = _estimate((low + high) / 2, low, high)
    given_ = {
        "smallest_effect": delta,
        "second": None if second is None else _estimate(second),
        "checks": [Check(code, holds) for code, holds in looked],
        "design": design,
    }

    found, again = _verdict(primary, **given_), _verdict(primary, **given_)
    mirrored = verdict(
        _estimate(-(low + high) / 2, -high, -low),
        better="higher",
        **{**given_, "second": None if second is None else _estimate(-second)},
    )

    assert (found.answer, found.reasons, found.caveats) == (again.answer, again.reasons, again.caveats)
    assert mirrored.answer is found.answer  # which direction is better is a name
    assert bool(found.reasons) is (found.answer is Answer.CANNOT_TELL)
    assert found.would_change
    if found.answer in (Answer.HELPED, Answer.HURT):
        assert not low <= 0 <= high
    if found.answer is Answer.NO_EFFECT:
        assert -delta < low <= high < delta
    failed = {code for code, holds in looked if holds is False}
    if failed & set(BLOCKING):
        assert found.answer is Answer.CANNOT_TELL
