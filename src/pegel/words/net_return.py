"""The sentences of a return in money: the net amount first, then what it is made of and what it hangs on."""

from __future__ import annotations

from math import floor, log10
from typing import Final

from pegel.impact.money.net_return import NetReturn, Quantiles
from pegel.words.catalogue import Language, has, quoted, say
from pegel.words.numbers import number, percent
from pegel.words.waits import money

#: A ratio is named only where it does not jump.
_SILENT_RATIO: Final = ("ratio_unstable", "no_ratio_without_costs")


def net_return_in_words(found: NetReturn, language: str) -> str:
    """Return the answer in a few sentences; right for every kind of answer.

    ``language`` other than ``de`` is taken as English.
    """
    chosen: Language = "de" if language == "de" else "en"
    first = _net(found, chosen) if found.status == "value" else _without(found, chosen)
    parts = [first, *_capacity(found, chosen), *_break_even(found, chosen)]
    if found.status == "value":
        parts += [*_largest(found, chosen), *_ratio(found, chosen), *_billed(found, chosen)]
    parts += [say(f"impact.caveat.{one.code}", chosen, **one.values) for one in found.caveats]
    return " ".join(part for part in parts if part)


def assumption_name(name: str, language: Language) -> str:
    """Return the name of an assumption of the tornado, as a reader knows it."""
    return say(f"impact.return_input.{name}", language)


def _net(found: NetReturn, language: Language) -> str:
    assert found.net is not None  # noqa: S101 - the status says so
    values = {**_amounts(found.net, found.currency, language), "chance": percent(found.p_positive or 0.0, language)}
    if found.period:
        return say("impact.net_return.net_of_period", language, period=quoted(found.period, language), **values)
    return say("impact.net_return.net", language, **values)


def _without(found: NetReturn, language: Language) -> str:
    text = say(f"impact.net_return.{found.reason}", language)
    if not found.missing:
        return text
    names = [assumption_name(name, language) for name in found.missing]
    return f"{text} {say('impact.net_return.missing', language, names=names)}"


def _capacity(found: NetReturn, language: Language) -> list[str]:
    parts = []
    hours, value = found.capacity_freed
    if hours is not None:
        shown = {name: number(amount, language) for name, amount in hours._asdict().items()}
        parts.append(say("impact.net_return.hours", language, **shown))
    if value is not None:
        parts.append(say("impact.net_return.capacity", language, **_amounts(value, found.currency, language)))
    if found.cash_saved is None:
        return parts
    if not any(found.cash_saved):
        return [*parts, *_no_cash(found, language)]
    parts.append(say("impact.net_return.cash", language, **_amounts(found.cash_saved, found.currency, language)))
    if found.net_cash is not None and found.p_positive_cash is not None:
        values = _amounts(found.net_cash, found.currency, language)
        chance = percent(found.p_positive_cash, language)
        parts.append(say("impact.net_return.net_cash", language, chance=chance, **values))
    return parts


def _no_cash(found: NetReturn, language: Language) -> list[str]:
    if found.cost is None or not found.cost.median:
        return [say("impact.net_return.no_cash", language)]
    cost = money(found.cost.median, found.currency, language)
    return [say("impact.net_return.no_cash_against_costs", language, cost=cost)]


def _break_even(found: NetReturn, language: Language) -> list[str]:
    if found.break_even is None:
        return []
    effect, unit = _figure(found.break_even, language), unit_name(found.value_unit, language)
    return [say("impact.net_return.break_even", language, effect=effect, unit=unit)]


def unit_name(unit: str, language: Language) -> str:
    """Return a unit of value in the language, if it is a known one; else as it was given."""
    code = f"impact.value_unit.{unit.strip().lower()}"
    return say(code, language) if has(code) else unit


def _largest(found: NetReturn, language: Language) -> list[str]:
    if found.tornado.empty:
        return []
    row = found.tornado.iloc[0]
    ends = sorted([float(row["net_low"]), float(row["net_high"])])
    return [
        say(
            "impact.net_return.largest",
            language,
            name=assumption_name(str(row["assumption"]), language),
            low=money(ends[0], found.currency, language),
            high=money(ends[1], found.currency, language),
        )
    ]


def _ratio(found: NetReturn, language: Language) -> list[str]:
    if found.ratio is None or any(one.code in _SILENT_RATIO for one in found.caveats):
        return []
    shown = {name: number(value, language, decimals=1) for name, value in found.ratio._asdict().items()}
    return [say("impact.net_return.ratio", language, **shown)]


def _billed(found: NetReturn, language: Language) -> list[str]:
    names = {
        kind: [assumption_name(name, language) for name in found.costs.loc[found.costs["provenance"] == kind, "cost"]]
        for kind in ("billed", "given")
    }
    return [say(f"impact.net_return.costs_{kind}", language, names=listed) for kind, listed in names.items() if listed]


def _amounts(amounts: Quantiles, currency: str, language: Language) -> dict[str, str]:
    return {name: money(value, currency, language) for name, value in amounts._asdict().items()}


def _figure(value: float, language: Language) -> str:
    """Return a number with two significant digits behind the point, where it is small."""
    decimals = 0 if value == 0 or abs(value) >= 100 else min(max(1 - floor(log10(abs(value))), 1), 6)
    return number(value, language, decimals=decimals)
