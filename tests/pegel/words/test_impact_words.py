"""Sentences of estimates and verdicts: in both languages, in levels and per cent, and whatever has no number."""

import ast
import re
from collections.abc import Iterator
from math import inf, log, log1p, nan
from pathlib import Path

import pandas as pd
import pytest

import pegel.impact
from pegel.impact.estimate import Caveat, Estimate, Interval
from pegel.impact.verdicts.verdict import (
    AGAINST_AN_EFFECT,
    BLOCKING,
    Answer,
    Check,
    Design,
    Guard,
    Verdict,
    verdict,
)
from pegel.words import say
from pegel.words.catalogue import LANGUAGES, forms_of, has, placeholders
from pegel.words.impact import (
    amount,
    bound,
    check_in_words,
    estimate_in_words,
    headline,
    next_steps,
    relative_bound,
    verdict_in_words,
)

_CLEAN = (Check("pre_trend", True),)


def _estimate(effect: float | None, low: float | None = None, high: float | None = None, **further) -> Estimate:
    settings = {
        "method": "callaway_santanna",
        "estimand": "simple",
        "outcome": "Flow time",
        "effect": effect,
        "se": None,
        "se_reason": "permutation_has_no_se",
        "interval": None if low is None or high is None else Interval(low, high),
        "level": 0.95,
        "p_value": 0.01,
        "inference": "permutation",
        "n": 1_200,
        "units": 12,
        "adopters": 9,
        "periods": 100,
        "by_horizon": pd.DataFrame(),
        "diagnostics": {"ways": 220},
        **further,
    }
    return Estimate(**settings)


def _verdict(primary: Estimate | None, **further) -> Verdict:
    return verdict(primary, **{"better": "lower", "smallest_effect": 1.0, "checks": _CLEAN, **further})


_HELPED = _verdict(_estimate(-3.2, -5.15, -1.5))


# Estimates -------------------------------------------------------------------------------------------------------


def test_an_estimate_in_english():
    assert estimate_in_words(_estimate(-3.2, -5.15, -1.5), "en") == (
        "Flow time: −3.20 (between −5.15 and −1.50, level 95%). Callaway & Sant’Anna, mean over all periods since "
        "adoption; 9 of 12 units adopted, 1,200 observations. Interval from 220 possible ways to deal the dates."
    )


def test_an_estimate_in_german():
    assert estimate_in_words(_estimate(-3.2, -5.15, -1.5), "de") == (
        "Flow time: −3,20 (zwischen −5,15 und −1,50, Niveau 95\u202f%). "
        "Callaway & Sant’Anna, Mittel über alle Perioden nach der Einführung; "
        "9 von 12 Einheiten mit Einführung, 1.200 Beobachtungen. "
        "Bereich aus 220 möglichen Verteilungen der Termine."
    )


def test_an_estimate_without_permutation_says_nothing_of_ways():
    assert "220" not in estimate_in_words(_estimate(1, 0, 2, inference="analytic"), "en")
    assert "220" not in estimate_in_words(_estimate(1, 0, 2, diagnostics={}), "en")


@pytest.mark.parametrize("estimate", [_estimate(None), _estimate(1.0), _estimate(None, -1, 1)])
def test_no_effect_can_be_said(estimate):
    assert estimate_in_words(estimate, "en").startswith("Flow time: no effect can be said.")
    assert estimate_in_words(estimate, "de").startswith("Flow time: Es lässt sich keine Wirkung nennen.")


def test_bounds_that_the_data_does_not_give():
    said = estimate_in_words(_estimate(1.0, -inf, 2.0), "en")

    assert "(between no bound and 2.00, level 95%)" in said
    assert "zwischen offen und 2,00" in estimate_in_words(_estimate(1.0, -inf, 2.0), "de")


def test_caveats_follow_the_estimate():
    caveats = (Caveat("gaps_in_the_panel", {"n": 3, "share": 0.1}), Caveat("zero_read_as_never", {"n": 2}))

    said = estimate_in_words(_estimate(1, 0, 2, caveats=caveats), "en")

    assert said.index("3 periods of units are missing") < said.index("2 units had 0 as their date")


def test_methods_without_a_name_show_their_code():
    assert "my_own_method" in estimate_in_words(_estimate(1, 0, 2, method="my_own_method"), "en")


@pytest.mark.parametrize("face", [estimate_in_words, verdict_in_words])
def test_other_languages_are_refused(face):
    with pytest.raises(ValueError, match="fr"):
        face(_HELPED if face is verdict_in_words else _estimate(1, 0, 2), "fr")


def test_estimates_and_verdicts_speak_for_themselves():
    assert _estimate(-3.2, -5.15, -1.5).summary("de") == estimate_in_words(_estimate(-3.2, -5.15, -1.5), "de")
    assert _HELPED.summary() == verdict_in_words(_HELPED, "en")


def test_hostile_names_are_made_harmless():
    said = estimate_in_words(_estimate(1, 0, 2, outcome="time\u202e\x1b[31m" + "x" * 500), "en")

    assert "\u202e" not in said
    assert "\x1b" not in said
    assert "x" * 400 not in said


# Verdicts --------------------------------------------------------------------------------------------------------


def test_a_verdict_in_full_in_both_languages():
    assert verdict_in_words(_HELPED, "en") == (
        "Helped. Flow time fell by 3.20 (between 1.50 and 5.15); 9 of 12 units adopted; "
        "grade B: staggered roll-out with comparison. "
        "What would change our mind: an effect that fades over the next months, "
        "a figure that turns out to be computed differently."
    )
    assert verdict_in_words(_HELPED, "de") == (
        "Hat geholfen. Flow time sank um 3,20 (zwischen 1,50 und 5,15); 9 von 12 Einheiten mit Einführung; "
        "Beleg B: gestaffelte Einführung mit Vergleich. "
        "Was unsere Meinung ändern würde: eine Wirkung, die mit den nächsten Monaten nachlässt, "
        "eine Kennzahl, die sich als anders gerechnet herausstellt."
    )


def test_relative_effects_are_said_in_per_cent():
    # Logarithms of 0.86, 0.76 and 0.97: 14% less, between 3% and 24%.
    found = _verdict(_estimate(log(0.86), log(0.76), log(0.97)), smallest_effect=log1p(0.1))

    assert headline(found, "en", scale="log").startswith("Flow time fell by 14.0% (between 3.0% and 24.0%);")
    assert headline(found, "de", scale="log").startswith(
        "Flow time sank um 14,0\u202f% (zwischen 3,0\u202f% und 24,0\u202f%);"
    )


def test_a_rise_is_said_from_small_to_large():
    rose = _verdict(_estimate(log(1.5), log(1.2), log(2)), better="higher", smallest_effect=0.1)

    assert headline(rose, "en", scale="log").startswith("Flow time rose by 50.0% (between 20.0% and 100.0%);")
    assert headline(rose, "en", name="Deployments").startswith("Deployments rose by 0.405 (between 0.182 and 0.693);")


def test_no_effect_is_said_against_what_matters():
    level = _verdict(_estimate(0.1, -0.4, 0.6))
    relative = _verdict(_estimate(0.0, log(0.95), log(1.04)), smallest_effect=log1p(0.1))

    assert headline(level, "en").startswith(
        "Flow time: the effect lies between −0.400 and 0.600, surely less than the 1.00 that matter;"
    )
    assert headline(relative, "de", scale="log").startswith(
        "Flow time: Die Wirkung liegt zwischen −5,0\u202f% und 4,0\u202f%, "
        "also sicher unter 10,0\u202f%, worauf es ankommt;"
    )


def test_what_cannot_be_told_says_how_far_it_may_reach():
    found = _verdict(_estimate(0.5, -2, 3))

    assert headline(found, "en").startswith("Flow time: the effect lies somewhere between −2.00 and 3.00;")
    said = verdict_in_words(found, "en")
    assert said.startswith("Cannot tell yet. ")
    assert say("impact.reason.interval_too_wide", "en") in said
    assert said.endswith(say("impact.cure.interval_too_wide", "en"))


@pytest.mark.parametrize(("low", "high"), [(-inf, inf), (-inf, 2.0), (0.1, inf)])
@pytest.mark.parametrize("scale", ["level", "log"])
def test_an_interval_without_an_end_is_never_said_as_a_number(low, high, scale):
    found = _verdict(_estimate(0.5, low, high), better="higher")

    for language in LANGUAGES:
        said = verdict_in_words(found, language, scale=scale)
        assert not re.search(r"\binf\b|\bnan\b", said)
    assert "how large the effect is cannot be bounded" in headline(found, "en", scale=scale)


def test_without_an_estimate_only_the_grade_is_said():
    found = _verdict(None)

    assert headline(found, "en") == "Grade B: staggered roll-out with comparison."
    assert verdict_in_words(found, "de").startswith(
        "Noch nicht zu sagen. Beleg B: gestaffelte Einführung mit Vergleich. Aus diesen Daten lässt sich keine Wirkung"
    )


def test_a_guard_that_hurts_where_the_primary_moved_little():
    found = _verdict(_estimate(0.1, -0.4, 0.6), guards=[Guard(_estimate(2, 1, 3, outcome="Defects"), "lower")])

    assert found.answer is Answer.HURT
    assert headline(found, "en").startswith("Flow time: the effect lies somewhere between −0.400 and 0.600;")


def test_checks_that_were_not_made_are_named_in_words():
    found = _verdict(
        _estimate(-3, -5, -2), checks=(*_CLEAN, Check("spill_over", None), Check("definition_changed", None))
    )

    assert (
        "Not checked, because nothing was said about it: No spill-over to the comparison, The figure means the same "
        "throughout." in verdict_in_words(found, "en")
    )


@pytest.mark.parametrize(
    ("holds", "english", "german"),
    [(True, "holds", "hält"), (False, "does not hold", "hält nicht"), (None, "not checked", "nicht geprüft")],
)
def test_a_check_in_words(holds, english, german):
    check = Check("one_unit_decides", holds)

    assert check_in_words(check, "en") == ("No single unit decides", english)
    assert check_in_words(check, "de") == ("Keine einzelne Einheit entscheidet", german)


def test_every_answer_and_every_reason_can_be_said():
    verdicts = [
        _HELPED,
        _verdict(_estimate(3, 2, 4)),
        _verdict(_estimate(-3, -5, -2), guards=[Guard(_estimate(2, 1, 3), "lower")]),
        _verdict(_estimate(0.1, -0.4, 0.6)),
        _verdict(_estimate(0, -inf, inf)),
        _verdict(_estimate(-3, -5, -2), second=_estimate(3.0)),
        _verdict(_estimate(-3, -5, -2), design=Design.BEFORE_AFTER),
        _verdict(_estimate(-3, -5, -2), checks=()),
        *[_verdict(_estimate(-3, -5, -2), checks=(*_CLEAN[: code != "pre_trend"], Check(code, False)))
          for code in (*BLOCKING, *AGAINST_AN_EFFECT)],
    ]  # fmt: skip

    assert {one.answer for one in verdicts} == set(Answer)
    for one in verdicts:
        for language in LANGUAGES:
            said = verdict_in_words(one, language)
            assert said.endswith((".", ")"))
            assert "{" not in said
            assert next_steps(one, language)


# Numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (-0.0399513, "−0.0400", "−0,0400"),
        (1234.6, "1,235", "1.235"),
        (0.0, "0", "0"),
        (-0.0, "0", "0"),
        (12.345, "12.3", "12,3"),
        (1e-9, "0.00000000100", "0,00000000100"),
        (inf, "∞", "∞"),
        (-inf, "−∞", "−∞"),
        (nan, "–", "–"),
    ],
)
def test_amounts_have_three_digits(value, english, german):
    assert (amount(value, "en"), amount(value, "de")) == (english, german)


@pytest.mark.parametrize("value", [inf, -inf, nan])
def test_bounds_that_are_no_numbers(value):
    assert bound(value, "en") == relative_bound(value, "log", "en") == "no bound"
    assert bound(value, "de") == relative_bound(value, "level", "de") == "offen"


def test_logarithms_as_changes():
    assert relative_bound(log(2), "log", "en") == "100.0%"
    assert relative_bound(log(0.5), "log", "en") == "−50.0%"
    assert relative_bound(log(0.5), "log", "en", size=True) == "50.0%"
    assert relative_bound(-2.5, "level", "en", size=True) == "2.50"
    assert relative_bound(-800.0, "log", "en") == "−100.0%"
    assert relative_bound(800.0, "log", "en") == "no bound"


# Every code of the engine has words --------------------------------------------------------------------------------

_SOURCE = Path(pegel.impact.__file__).parent
_TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(_SOURCE.rglob("*.py"))}


#: Caveats whose periods are put into words together with their unit, by ``pegel.words.power``.
_SAID_BY_POWER = {"power_modelled", "past_too_short_for_persistence"}


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _caveats() -> list[tuple[str, str, frozenset[str] | None]]:
    """(where, code, names of its values, or None if they are not written out) of every caveat that is made."""
    found = []
    for path, tree in _TREES.items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Caveat"):
                continue
            values = node.args[1] if len(node.args) > 1 else ast.Dict(keys=[], values=[])
            names = (
                frozenset(key.value for key in values.keys if isinstance(key, ast.Constant))
                if isinstance(values, ast.Dict) and all(isinstance(key, ast.Constant) for key in values.keys)
                else None
            )
            found += [(f"{path.name}:{node.lineno}", code, names) for code in _texts(node.args[0])]
    return found


def test_the_walk_finds_caveats():
    assert {code for _, code, _ in _caveats()} >= {
        "gaps_in_the_panel",
        "too_few_ways_to_deal",
        "few_units_standard_error",
    }


def _words_of(code: str) -> list[str]:
    return [name for name in (f"impact.caveat.{code}", f"impact.reason.{code}") if has(name)]


def test_every_caveat_and_reason_has_words():
    assert [(where, code) for where, code, _ in _caveats() if not _words_of(code)] == []


def test_every_caveat_brings_the_values_that_its_words_need():
    short = [
        (where, code, sorted(missing))
        for where, code, names in _caveats()
        if names is not None and code not in _SAID_BY_POWER
        for name in _words_of(code)
        for language in LANGUAGES
        for text in forms_of(name, language).values()
        if (missing := placeholders(text) - names)
    ]

    assert short == []


def test_every_check_has_a_name_a_reason_and_a_cure():
    for code in (*BLOCKING, *AGAINST_AN_EFFECT):
        assert [part for part in ("check", "reason", "cure") if not has(f"impact.{part}.{code}")] == []


def test_every_constant_of_estimators_has_words():
    missing = []
    for path, tree in _TREES.items():
        for node in tree.body:
            if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
                continue
            name = node.targets[0].id
            if name == "METHOD":
                missing += [(path.name, code) for code in _texts(node.value) if not has(f"impact.method.{code}")]
            if name == "ASSUMPTIONS" and isinstance(node.value, ast.Tuple):
                codes = [code for one in node.value.elts for code in _texts(one)]
                missing += [(path.name, code) for code in codes if not has(f"impact.assumption.{code}")]

    assert missing == []
