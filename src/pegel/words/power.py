"""The sentences of power and of a designed roll-out: what could be shown, how sure, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, isfinite, log10
from typing import TYPE_CHECKING, Any, Final

from pegel.words.catalogue import Language, say
from pegel.words.impact import relative_bound
from pegel.words.numbers import number, percent

if TYPE_CHECKING:  # they need pandas, words do not
    from pegel.impact.planning.design import Design
    from pegel.impact.planning.power import Power, Recommendation

_DIGITS: Final = 3


def power_in_words(power: Power, language: Language, *, scale: str = "level") -> str:
    """Return the smallest effect that would be found, whether waiting helps, and the recommendation.

    ``scale``: ``log`` says effects on logarithms in per cent.
    """
    unit = str(power.diagnostics["period"])
    parts = [_found(power, language, scale)]
    if power.flat_in_time and power.recommendation.code not in ("enough", "waiting_will_not_help"):
        parts.append(say("impact.power.flat", language))
    parts.append(_advice(power.recommendation, unit, language, scale))
    parts += [
        say("impact.power.or", language, advice=_advice(one, unit, language, scale)) for one in power.alternatives
    ]
    parts += [say(f"impact.caveat.{one.code}", language, **_worded(one.values, unit, language))
              for one in power.caveats if one.code in _SAID]  # fmt: skip
    return " ".join(parts)


def design_in_words(design: Design, language: Language) -> str:
    """Return the waves, the lot and its proof, what could be shown, and whether another design would show more."""
    order = design.order
    waves = order[order["wave"] > 0]
    never = len(order) - len(waves)
    n = int(waves["wave"].max())
    figures = {"n": n, "units": len(waves), "first": str(waves["date"].iloc[0]), "last": str(waves["date"].iloc[-1])}
    parts = [say("impact.design.waves" if n > 1 else "impact.design.one_wave", language, **figures)]
    if never:
        parts.append(say("impact.design.never", language, n=never))
    parts.append(say("impact.design.lot", language, seed=str(design.seed), hash=design.hash[:12]))
    if design.power is not None:
        parts.append(_found(design.power, language))
    best = dict(design.best.values)
    best |= {name: amount(best[name], language) for name in ("mde", "mde_asked") if name in best}
    if "never_share" in best:
        best["never_share"] = percent(best["never_share"], language)
    return " ".join([*parts, say(f"impact.recommendation.{design.best.code}", language, **best)])


def amount(value: float, language: Language) -> str:
    """Return a measured figure with three digits that count.

    >>> amount(1234.5, "en"), amount(1.2345, "de"), amount(0.012345, "en")
    ('1,234', '1,23', '0.0123')
    """
    if not value or not isfinite(value):
        return number(value, language) if isfinite(value) else "∞"
    return number(value, language, decimals=min(max(_DIGITS - 1 - floor(log10(abs(value))), 0), 9))


#: Values of a recommendation that are effects.
_EFFECTS: Final = ("mde", "mde_now", "mde_later", "effect", "best")
#: Caveats of power itself; those of the panel stand beside every estimate.
_SAID: Final = ("power_modelled", "power_gaps_filled", "past_too_short_for_persistence", "outcome_never_moves")


def _found(power: Power, language: Language, scale: str = "level") -> str:
    if power.mde is None:
        return say(f"impact.power.{power.mde_reason}", language)
    figures = {"mde": _size(power.mde, scale, language), "power": percent(power.power, language)}
    if power.baseline and scale != "log":  # a share of a logarithm says nothing
        share = percent(power.mde / abs(power.baseline), language)
        found = say("impact.power.mde_share", language, share=share, **figures)
    else:
        found = say("impact.power.mde", language, **figures)
    if power.effect_that_matters is None:
        return found
    now = power.curve[(power.curve["periods_more"] == 0) & (power.curve["units_more"] == 0)]
    chance = percent(float(now["chance"].iloc[0]), language)
    effect = _size(power.effect_that_matters, scale, language)
    return f"{found} {say('impact.power.chance', language, effect=effect, chance=chance)}"


def _size(value: float, scale: str, language: Language) -> str:
    return relative_bound(value, scale, language, size=True) if scale == "log" else amount(value, language)


def _advice(advice: Recommendation, unit: str, language: Language, scale: str = "level") -> str:
    worded = _worded(advice.values, unit, language)
    worded |= {name: _size(value, scale, language) for name in _EFFECTS
               if isinstance(value := advice.values.get(name), float)}  # fmt: skip
    return say(f"impact.recommendation.{advice.code}", language, **worded)


def _worded(values: Mapping[str, Any], unit: str, language: Language) -> dict[str, Any]:
    """Return figures as texts; ``time`` says n periods in the panel's own unit."""
    worded = {name: value for name, value in values.items() if not isinstance(value, float)}
    worded |= {name: amount(value, language) for name, value in values.items() if isinstance(value, float)}
    worded |= {name: percent(values[name], language) for name in ("share", "chance") if values.get(name) is not None}
    for name in ("n", "periods"):
        if isinstance(values.get(name), int):
            worded["time"] = say(f"impact.power.period.{unit}", language, n=values[name])
    return worded
