"""What kinds of work were finished, beside the mix that is meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pegel.charts.stacking import KINDS
from pegel.flow.flow_distribution import FlowDistribution
from pegel.words import Language, say
from pegel.words.names import term
from pegel.words.numbers import percent
from pegel_web.flow.contracts.declared import Declared
from pegel_web.flow.contracts.reports import KindShare


def kind_shares(found: FlowDistribution, declared: Declared, language: Language) -> tuple[KindShare, ...]:
    """Return each kind that was finished or that is meant to be."""
    meant = {one.kind: (one.least, one.most) for one in declared.shares}
    return tuple(
        KindShare(
            kind=kind,
            kind_name=term("kind", kind, language),
            share=found.shares.get(kind, 0.0),
            least=meant.get(kind, (None, None))[0],
            most=meant.get(kind, (None, None))[1],
            verdict=verdict_of(found.shares.get(kind, 0.0), *meant.get(kind, (None, None))),
        )
        for kind in KINDS
        if found.n and (kind in found.shares or kind in meant)
    )


def verdict_of(share: float, least: float | None, most: float | None) -> Literal["below", "within", "above"] | None:
    """Tell whether a share is as it is meant to be; None: nobody has said.

    >>> verdict_of(0.1, 0.2, None), verdict_of(0.2, 0.2, 0.3), verdict_of(0.5, None, 0.3), verdict_of(0.5, None, None)
    ('below', 'within', 'above', None)
    """
    if least is None and most is None:
        return None
    if least is not None and share < least:
        return "below"
    return "above" if most is not None and share > most else "within"


def target_sentence(lines: Iterable[KindShare], language: Language) -> str:
    """Say which kinds are not as they are meant to be; empty where nothing was finished."""
    judged = [one for one in lines if one.verdict is not None]
    off = [one for one in judged if one.verdict != "within"]
    if not judged:
        return ""
    if not off:
        return say("flow.kinds.as_meant", language)
    told = [
        say(
            f"flow.kinds.{one.verdict}",
            language,
            kind=one.kind_name,
            share=percent(one.share, language),
            meant=meant_text(one, language),
        )
        for one in off
    ]
    return say("flow.kinds.not_as_meant", language, kinds=told)


def meant_text(one: KindShare, language: Language) -> str:
    """Return what share is meant, such as “at least 20%”; empty where nobody has said."""
    if one.least is not None and one.most is not None:
        return say("flow.kinds.between", language, least=percent(one.least, language), most=percent(one.most, language))
    if one.least is not None:
        return say("flow.kinds.at_least", language, share=percent(one.least, language))
    return "" if one.most is None else say("flow.kinds.at_most", language, share=percent(one.most, language))
