"""The sentences of estimates and verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from pegel.words.catalogue import LANGUAGES, Language, has, say
from pegel.words.numbers import number, percent

if TYPE_CHECKING:  # they need pandas, words do not
    from pegel.impact.estimate import Caveat, Estimate
    from pegel.impact.verdicts.verdict import Check, Verdict

#: Digits of an effect that a reader can use.
_DIGITS: Final = 3
#: A larger logarithm is no change that a percentage could say.
MOST_LOG: Final = 30.0


def estimate_in_words(estimate: Estimate, language: str) -> str:
    """Return an estimate in a few sentences.

    >>> estimate_in_words(None, "fr")
    Traceback (most recent call last):
    ...
    ValueError: fr
    """
    chosen = _language(language)
    name = estimate.outcome
    if estimate.effect is None or estimate.interval is None:
        parts = [say("impact.estimate.no_effect", chosen, name=name)]
    else:
        low, high = (bound(value, chosen) for value in estimate.interval)
        parts = [
            say(
                "impact.estimate.effect",
                chosen,
                name=name,
                effect=amount(estimate.effect, chosen),
                low=low,
                high=high,
                level=percent(estimate.level, chosen),
            )
        ]
    parts.append(
        say(
            "impact.estimate.basis",
            chosen,
            method=_named("method", estimate.method, chosen),
            estimand=_named("estimand", estimate.estimand, chosen),
            units=estimate.units,
            adopters=estimate.adopters,
            n=estimate.n,
        )
    )
    if estimate.inference == "permutation" and "ways" in estimate.diagnostics:
        parts.append(say("impact.estimate.permutation", chosen, ways=int(estimate.diagnostics["ways"])))
    if estimate.caveats:
        # Long texts put into a text are cut; these stand on their own.
        parts += [say("impact.estimate.mind", chosen), *caveats_in_words(estimate.caveats, chosen)]
    return " ".join(parts)


def verdict_in_words(verdict: Verdict, language: str, *, scale: str = "level", name: str | None = None) -> str:
    """Return a verdict: the answer, the effect, the grade, the reasons, and what would change our mind.

    ``scale``: ``log`` says effects in per cent. ``name``: of the figure, as people call it.
    """
    chosen = _language(language)
    parts = [f"{answer_name(verdict, chosen)}. {headline(verdict, chosen, scale=scale, name=name)}"]
    parts += reasons_in_words(verdict.reasons, chosen)
    parts += caveats_in_words(verdict.caveats, chosen)
    parts += next_steps(verdict, chosen)
    return " ".join(parts)


def answer_name(verdict: Verdict, language: Language) -> str:
    """Return the name of the answer."""
    return say(f"impact.answer.{verdict.answer.value}", language)


def headline(verdict: Verdict, language: Language, *, scale: str = "level", name: str | None = None) -> str:
    """Return the one sentence with the effect, its bounds, how many units, and the grade."""
    grade = say(f"impact.grade.{verdict.grade}", language)
    primary, interval = verdict.primary, verdict.interval
    if primary is None or primary.effect is None or interval is None:
        return f"{grade[0].upper()}{grade[1:]}."
    called = primary.outcome if name is None else name
    low, high = (relative_bound(value, scale, language) for value in interval)
    if not interval.bounded:
        said = say("impact.verdict.unbounded", language, name=called)
    elif verdict.answer.value in ("helped", "hurt", "mixed") and not interval.low <= 0 <= interval.high:
        fell = primary.effect < 0
        sizes = [relative_bound(abs(value) if scale != "log" else value, scale, language, size=True)
                 for value in (primary.effect, *sorted(interval, key=abs))]  # fmt: skip
        moved = say("impact.verdict.fell" if fell else "impact.verdict.rose", language)
        said = say("impact.verdict.effect", language, name=called, moved=moved,
                   size=sizes[0], low=sizes[1], high=sizes[2])  # fmt: skip
    elif verdict.answer.value == "no_measurable_effect":
        delta = relative_bound(verdict.smallest_effect, scale, language, size=True)
        said = say("impact.verdict.small", language, name=called, low=low, high=high, delta=delta)
    else:
        said = say("impact.verdict.between", language, name=called, low=low, high=high)
    units = say("impact.verdict.units", language, adopters=primary.adopters, units=primary.units)
    return f"{said}; {units}; {grade}."


def reasons_in_words(reasons: Sequence[Caveat], language: Language) -> list[str]:
    """Return the sentence of each reason."""
    return [_worded(f"impact.reason.{reason.code}", reason.values, language) for reason in reasons]


def caveats_in_words(caveats: Sequence[Caveat], language: Language) -> list[str]:
    """Return the sentence of each caveat; checks in a caveat are named."""
    found = []
    for caveat in caveats:
        values = dict(caveat.values)
        if caveat.code == "checks_not_made":
            values["checks"] = [say(f"impact.check.{code}", language) for code in values["checks"]]
        found.append(_worded(f"impact.caveat.{caveat.code}", values, language))
    return found


def check_in_words(check: Check, language: Language) -> tuple[str, str]:
    """Return the name of a check and what came out."""
    if check.holds is None:
        state = "not_needed" if check.reason == "no_effect_to_doubt" else "unknown"
    else:
        state = "holds" if check.holds else "fails"
    return say(f"impact.check.{check.code}", language), say(f"impact.check_state.{state}", language)


def next_steps(verdict: Verdict, language: Language) -> list[str]:
    """Return what would change the answer, and what to do about a missing one."""
    if not verdict.reasons:
        what = [say(f"impact.would_change.{code}", language) for code in verdict.would_change]
        return [say("impact.verdict.change_mind", language, what=what)] if what else []
    cures = dict.fromkeys(say(f"impact.cure.{reason.code}", language) for reason in verdict.reasons)
    return [say("impact.verdict.next_step", language), *cures]


def amount(value: float, language: Language, *, digits: int = _DIGITS) -> str:
    """Return a number with so many significant digits.

    >>> amount(-0.0399513, "de"), amount(1234.6, "en"), amount(0.0, "en")
    ('−0,0400', '1,235', '0')
    """
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if not value:
        return "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return number(value, language, decimals=min(decimals, 12)).replace("-", "−")


def bound(value: float, language: Language) -> str:
    """Return a bound of an interval."""
    return amount(value, language) if math.isfinite(value) else say("impact.verdict.no_bound", language)


def relative_bound(value: float, scale: str, language: Language, *, size: bool = False) -> str:
    """Return an effect as people read it: log points as a change in per cent, others as they are.

    ``size``: without its sign.

    >>> relative_bound(-0.10536, "log", "en"), relative_bound(-0.10536, "log", "en", size=True)
    ('−10.0%', '10.0%')
    """
    if scale != "log" or not math.isfinite(value):
        return bound(abs(value) if size else value, language)
    if value > MOST_LOG:
        return bound(math.inf, language)
    share = 100 * math.expm1(value)
    said = number(abs(share) if size else share, language, decimals=1).replace("-", "−")
    return f"{said}\N{NARROW NO-BREAK SPACE}%" if language == "de" else f"{said}%"


def _named(kind: str, code: str, language: Language) -> str:
    return say(f"impact.{kind}.{code}", language) if has(f"impact.{kind}.{code}") else code


def _worded(code: str, values: Any, language: Language) -> str:
    shown = {name: amount(value, language) if isinstance(value, float) else value for name, value in values.items()}
    return say(code, language, **shown)


def _language(language: str) -> Language:
    if language not in LANGUAGES:
        raise ValueError(language)
    return language
