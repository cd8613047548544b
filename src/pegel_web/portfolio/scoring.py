"""Scores of use cases on absolute scales. Pure: every score comes from what people said of one use case, of no other.

RICE: reach · impact · confidence ÷ effort (S. McBride, Intercom, 2018). WSJF: cost of delay ÷ job size (D. Reinertsen,
*The Principles of Product Development Flow*, 2009; the parts of the cost of delay as in SAFe, but against words instead
of the smallest one in a list). Net benefit of the first year and benefit ÷ effort rest on the estimates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

#: value: there is one. not_scored: nobody said what it needs, which is not zero. undefined: divided by nothing.
Standing = Literal["value", "not_scored", "undefined"]


class Method(StrEnum):
    """By what use cases are ranked."""

    NET = "net"
    RATIO = "ratio"
    RICE = "rice"
    WSJF = "wsjf"
    CRITERIA = "criteria"


#: What people enter for a method, and the values it may have; None: any number above (reach: from) zero.
_FIBONACCI: Final = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 20.0)
_FIVE: Final = (1.0, 2.0, 3.0, 4.0, 5.0)
MOST_ENTERED: Final = 10_000_000.0
INPUTS: Final[Mapping[Method, Mapping[str, tuple[float, ...] | None]]] = MappingProxyType(
    {
        Method.RICE: {
            "reach": None, "impact": (0.25, 0.5, 1.0, 2.0, 3.0), "confidence": (0.5, 0.8, 1.0), "months": None,
        },
        Method.WSJF: {
            "user_value": _FIBONACCI, "time_criticality": _FIBONACCI, "risk_reduction": _FIBONACCI,
            "job_size": _FIBONACCI,
        },
        Method.CRITERIA: {
            "goal": _FIVE, "relief": _FIVE, "data": _FIVE, "control": _FIVE, "reuse": _FIVE,
        },
    }
)  # fmt: skip
CRITERIA: Final = tuple(INPUTS[Method.CRITERIA])
#: Until somebody weighs them, all criteria weigh the same.
EQUAL_WEIGHTS: Final[Mapping[str, int]] = MappingProxyType(dict.fromkeys(CRITERIA, 20))
#: Inputs that may be zero: nobody is reached.
MAY_BE_ZERO: Final = frozenset({"reach"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one person estimated: likely benefit per year and effort once, EUR."""

    benefit: float
    effort: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score. ``low``, ``high``: the lowest and highest of the people who said something; ``people``: how many."""

    standing: Standing
    value: float | None = None
    low: float | None = None
    high: float | None = None
    people: int = 0


NOT_SCORED: Final = Score(standing="not_scored")


def by_estimates(method: Method, said: Sequence[Said]) -> Score:
    """Return net benefit of the first year, or benefit ÷ effort, of the means of all estimates.

    >>> by_estimates(Method.NET, [Said(benefit=300, effort=100), Said(benefit=100, effort=100)])
    Score(standing='value', value=100.0, low=0, high=200, people=2)
    >>> by_estimates(Method.RATIO, [Said(benefit=300, effort=100), Said(benefit=100, effort=100)]).value
    2.0
    """
    if not said:
        return NOT_SCORED
    count = len(said)
    benefit, effort = sum(one.benefit for one in said) / count, sum(one.effort for one in said) / count
    if method is Method.NET:
        each = [one.benefit - one.effort for one in said]
        return Score(standing="value", value=benefit - effort, low=min(each), high=max(each), people=len(said))
    if effort == 0:
        return Score(standing="undefined", people=len(said))
    each = [one.benefit / one.effort for one in said if one.effort]
    return Score(standing="value", value=benefit / effort, low=min(each), high=max(each), people=len(said))


def by_inputs(method: Method, entered: Sequence[Mapping[str, float]], weights: Mapping[str, int]) -> Score:
    """Return the mean of what each person's inputs come to; who left something out that counts does not count.

    >>> by_inputs(Method.RICE, [{"reach": 500, "impact": 2, "confidence": 0.8, "months": 4}], {}).value
    200.0
    >>> by_inputs(Method.WSJF, [{"user_value": 8, "time_criticality": 5, "risk_reduction": 2, "job_size": 5}], {}).value
    3.0
    >>> by_inputs(Method.CRITERIA, [{"goal": 5, "relief": 2}], {"goal": 2, "relief": 1}).value
    4.0
    """
    each = [one for one in (_one(method, values, weights) for values in entered) if one is not None]
    if not each:
        return NOT_SCORED
    return Score(standing="value", value=sum(each) / len(each), low=min(each), high=max(each), people=len(each))


def _one(method: Method, values: Mapping[str, float], weights: Mapping[str, int]) -> float | None:
    wanted = [name for name, weight in weights.items() if weight] if method is Method.CRITERIA else INPUTS[method]
    if not wanted or any(name not in values for name in wanted):
        return None
    if method is Method.RICE:
        return values["reach"] * values["impact"] * values["confidence"] / values["months"]
    if method is Method.WSJF:
        delay = values["user_value"] + values["time_criticality"] + values["risk_reduction"]
        return delay / values["job_size"]
    total = sum(weights[name] for name in wanted)
    return sum(weights[name] * values[name] for name in wanted) / total
