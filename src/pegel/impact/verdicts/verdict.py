"""The verdict: helped, hurt, mixed, no measurable effect, or cannot tell yet. Same evidence, same answer.

Definition
    δ is the smallest effect that matters, said before anyone looked. With the interval of the primary estimate:

    - *no measurable effect*: it lies wholly inside (−δ, +δ), and so does the second opinion. "Not significant" is not
      that: a wide interval around zero cannot tell.
    - *helped*, *hurt*: it lies wholly on one side of zero and not wholly inside (−δ, +δ), the second opinion has the
      same sign and is within a factor of two, and no placebo and no single unit explains it.
    - *mixed*: helped, and a guard got worse. A worse guard without a better primary is *hurt*.
    - *cannot tell yet*: everything else, with its reasons and the cheapest thing that would change it.

    Reasons that speak against any answer (a trend before adoption, a changed definition, selection on the outcome,
    spill-over, unfinished items) come first. A plain before/after comparison never yields a verdict.
Grades
    A: adoption drawn by lot. B: staggered adoption, clean leads, two estimators agree. C: one adopter with synthetic
    comparison. D: a series without comparison. E: before/after, for display only.
Source
    Equivalence: Schuirmann 1987. Second opinion, pre-trends, placebos: Roth et al. 2023, *What's trending in
    difference-in-differences?* Guards are tested together (Holm 1979).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

from pegel.errors import UserError
from pegel.impact.estimate import Caveat, Estimate, Interval

Better = Literal["lower", "higher"]
Grade = Literal["A", "B", "C", "D", "E"]


class Answer(StrEnum):
    """What a reader may take away."""

    HELPED = "helped"
    HURT = "hurt"
    MIXED = "mixed"
    NO_EFFECT = "no_measurable_effect"
    CANNOT_TELL = "cannot_tell_yet"


class Design(StrEnum):
    """How units came to adopt, and what they are compared with."""

    RANDOMISED = "randomised"
    STAGGERED = "staggered"
    ONE_ADOPTER = "one_adopter"
    SERIES = "series"
    BEFORE_AFTER = "before_after"


_GRADES: Final[dict[Design, Grade]] = {
    Design.RANDOMISED: "A",
    Design.STAGGERED: "B",
    Design.ONE_ADOPTER: "C",
    Design.SERIES: "D",
    Design.BEFORE_AFTER: "E",
}
#: Checks that speak against any answer when they fail, in the order in which their reasons are given.
BLOCKING: Final = (
    "no_controls_left",
    "definition_changed",
    "selected_on_outcome",
    "regression_to_mean",
    "unfinished_items",
    "spill_over",
    "pre_trend",
)
#: Checks that speak against an effect, not against its absence.
AGAINST_AN_EFFECT: Final = ("placebo_in_time", "one_unit_decides")
#: Why a check was not made: there is no effect that it could speak against.
NO_EFFECT: Final = "no_effect_to_doubt"
#: Primary and second opinion may differ by this factor.
_FACTOR: Final = 2.0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that could speak against the answer: ``holds`` True: it does not; False: it does; None: unknown.

    ``code`` is one of ``BLOCKING`` or ``AGAINST_AN_EFFECT``. ``reason``: why it is unknown (``not_configured``, ...).
    """

    code: str
    holds: bool | None
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """A figure that must not get worse: its estimate and which direction is better; ``margin`` as δ of the primary."""

    estimate: Estimate
    better: Better
    margin: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdict:
    """An answer with its evidence.

    ``effect``, ``interval``: of the primary estimate, in units of its outcome. ``smallest_effect``: δ > 0.
    ``grade``: of the design. ``reasons``: why it cannot tell, the weightiest first;
    empty for the other answers. ``worse_guards``: outcomes. ``caveats``: what to know although there is an answer.
    ``would_change``: codes of what would change our mind.
    """

    answer: Answer
    grade: Grade
    better: Better
    smallest_effect: float
    primary: Estimate | None
    second: Estimate | None
    guards: tuple[Guard, ...] = ()
    worse_guards: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    reasons: tuple[Caveat, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    would_change: tuple[str, ...] = ()

    @property
    def effect(self) -> float | None:
        """Return the primary effect."""
        return None if self.primary is None else self.primary.effect

    @property
    def interval(self) -> Interval | None:
        """Return the interval of the primary effect."""
        return None if self.primary is None else self.primary.interval

    def has_reason(self, code: str) -> bool:
        """Tell whether a reason of that code stands beside the verdict."""
        return any(reason.code == code for reason in self.reasons)

    def summary(self, language: str = "en") -> str:
        """Return the verdict in a few sentences, German (``de``) or English (``en``)."""
        from pegel.words.impact import verdict_in_words  # noqa: PLC0415 - words stand above; only this face speaks

        return verdict_in_words(self, language)


def verdict(
    primary: Estimate | None,
    *,
    better: Better,
    smallest_effect: float,
    design: Design | str = Design.STAGGERED,
    second: Estimate | None = None,
    guards: Sequence[Guard] = (),
    checks: Sequence[Check] = (),
) -> Verdict:
    """Return the verdict on a primary estimate and all that speaks for and against it.

    Parameters
    ----------
    primary: None where no estimate could be made; then ``checks`` say why.
    smallest_effect: δ > 0, in units of the outcome. second: a second opinion by another estimator.
    checks: what was looked at; a check that is not there was not looked at, which the design may require.

    Raises
    ------
    UserError: ``impact_smallest_effect_missing``, ``impact_unknown_choice``.
    """
    if not 0 < smallest_effect < math.inf:
        raise UserError("impact_smallest_effect_missing", value=smallest_effect)
    if better not in ("lower", "higher"):
        raise UserError("impact_unknown_choice", name="better", value=better)
    try:
        how = Design(design)
    except ValueError:
        raise UserError("impact_unknown_choice", name="design", value=str(design)) from None
    reasons = _blocking(primary, how, checks)
    worse = _worse(guards)
    answer = Answer.CANNOT_TELL
    if not reasons:
        assert primary is not None  # noqa: S101 - no estimate is a reason
        answer, reasons = _answer(primary, second, better, smallest_effect, checks, worse)
    return Verdict(
        answer=answer,
        grade=_GRADES[how],
        better=better,
        smallest_effect=smallest_effect,
        primary=primary,
        second=second,
        guards=tuple(guards),
        worse_guards=worse,
        checks=tuple(checks),
        reasons=tuple(reasons),
        caveats=tuple(_caveats(primary, answer, how, checks, worse, smallest_effect)),
        would_change=_would_change(answer, how, reasons),
    )


def _blocking(primary: Estimate | None, design: Design, checks: Sequence[Check]) -> list[Caveat]:
    """Return the reasons that speak against any answer, weightiest first."""
    found = [Caveat(check.code, check.values) for code in BLOCKING for check in checks
             if check.code == code and check.holds is False]  # fmt: skip
    if design is Design.BEFORE_AFTER:
        return [Caveat("before_after_only"), *found]
    if primary is None or primary.effect is None or primary.interval is None or any(map(math.isnan, primary.interval)):
        return found or [Caveat("no_estimate")]
    # Leads are the evidence that a staggered comparison stands on; a lot or a synthetic comparison does not need them.
    looked = {check.code: check.holds for check in checks}
    if design is Design.STAGGERED and looked.get("pre_trend") is None:
        found.append(Caveat("too_short", {"what": "leads"}))
    return found


def _answer(
    primary: Estimate,
    second: Estimate | None,
    better: Better,
    delta: float,
    checks: Sequence[Check],
    worse: tuple[str, ...],
) -> tuple[Answer, list[Caveat]]:
    assert primary.effect is not None  # noqa: S101 - the caller has looked
    assert primary.interval is not None  # noqa: S101 - the same
    low, high = primary.interval
    small = -delta < low and high < delta
    if small:
        if second is not None and second.effect is not None and abs(second.effect) >= delta:
            return Answer.CANNOT_TELL, [_disagree(primary, second)]
        return (Answer.HURT, []) if worse else (Answer.NO_EFFECT, [])
    if low <= 0 <= high:
        return Answer.CANNOT_TELL, [_imprecise(primary, delta)]
    reasons = [Caveat(check.code, check.values) for code in AGAINST_AN_EFFECT for check in checks
               if check.code == code and check.holds is False]  # fmt: skip
    if second is not None and not _agree(primary.effect, second.effect):
        reasons.insert(0, _disagree(primary, second))
    if reasons:
        return Answer.CANNOT_TELL, reasons
    improved = (primary.effect < 0) == (better == "lower")
    if not improved:
        return Answer.HURT, []
    return (Answer.MIXED if worse else Answer.HELPED), []


def _agree(one: float, other: float | None) -> bool:
    if other is None or one * other <= 0:
        return False
    return 1 / _FACTOR <= other / one <= _FACTOR


def _disagree(primary: Estimate, second: Estimate) -> Caveat:
    return Caveat("estimators_disagree", {"primary": primary.effect, "second": second.effect, "method": second.method})


def _imprecise(primary: Estimate, delta: float) -> Caveat:
    assert primary.interval is not None  # noqa: S101 - the caller has looked
    low, high = primary.interval
    if not primary.interval.bounded:
        return Caveat("too_few_units", {"units": primary.units, "adopters": primary.adopters})
    return Caveat("interval_too_wide", {"half_width": (high - low) / 2, "smallest_effect": delta})


def _worse(guards: Sequence[Guard]) -> tuple[str, ...]:
    """Return the outcomes of the guards that got worse; p-values are one-sided, adjusted by Holm over all guards."""
    sided = []
    for guard in guards:
        one = guard.estimate
        if one.effect is None or one.p_value is None or one.interval is None:
            continue
        bad = one.effect > 0 if guard.better == "lower" else one.effect < 0
        # The interval has to agree: permutation p-values and inverted intervals may differ at the edge.
        apart = one.interval.low > 0 or one.interval.high < 0
        sided.append((one.p_value / 2 if bad and apart and abs(one.effect) >= guard.margin else 1.0, one))
    sided.sort(key=lambda pair: pair[0])
    found: list[str] = []
    for rank, (p, one) in enumerate(sided):
        if p * (len(sided) - rank) > (1 - one.level) / 2:
            break
        found.append(one.outcome)
    return tuple(found)


def _caveats(
    primary: Estimate | None,
    answer: Answer,
    design: Design,
    checks: Sequence[Check],
    worse: tuple[str, ...],
    delta: float,
) -> list[Caveat]:
    caveats = list(primary.caveats) if primary is not None else []
    unknown = [check.code for check in checks if check.holds is None and check.reason != NO_EFFECT]
    if unknown:
        caveats.append(Caveat("checks_not_made", {"checks": unknown}))
    if answer is Answer.NO_EFFECT and primary is not None and primary.interval and 0 not in primary.interval:
        caveats.append(Caveat("real_but_too_small_to_matter"))
    if answer in (Answer.HELPED, Answer.MIXED, Answer.HURT) and primary is not None and primary.effect is not None:
        if abs(primary.effect) < delta:
            caveats.append(Caveat("may_be_too_small_to_matter", {"smallest_effect": delta}))
        if design is Design.SERIES:
            caveats.append(Caveat("weak_evidence"))
    if answer is Answer.CANNOT_TELL and worse:
        caveats.append(Caveat("guards_got_worse", {"guards": list(worse)}))
    return caveats


def _would_change(answer: Answer, design: Design, reasons: Sequence[Caveat]) -> tuple[str, ...]:
    if answer is Answer.CANNOT_TELL:
        return tuple(dict.fromkeys(f"cure_{reason.code}" for reason in reasons))
    weaker = design in (Design.SERIES, Design.ONE_ADOPTER)
    return ("an_effect_that_fades", *(("a_comparison",) if weaker else ()), "a_definition_that_changed")
