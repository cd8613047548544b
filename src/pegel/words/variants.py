"""The sentences about the ways by which work really goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from pegel.flow.answer import Status
from pegel.flow.variants import Variants, ways
from pegel.words.catalogue import Language, say
from pegel.words.names import state_name
from pegel.words.numbers import number, percent

#: The part of the items for which it is said how few ways they take.
MOST: Final = 0.8
_LONGEST: Final = 12


def variants_sentences(found: Variants, language: Language) -> list[str]:
    """Return how many ways there are, which is gone most, and how much comes back."""
    if found.status is not Status.VALUE:
        return [say(f"reason.{found.reason}", language)]
    first = found.variants.row(0, named=True)
    listed = ways_sentence(found.n, found.variants.height, ways(found, MOST).variants, language)
    out = [
        listed,
        say(
            "variants.first", language,
            way=way_text(first["states"], language, cut=first["cut"]), share=percent(first["share"], language),
        ),
    ]  # fmt: skip
    back = int(found.variants.filter(pl.col("returns") > 0)["items"].sum())
    if back:
        out.append(say("variants.returned", language, share=percent(back / found.n, language)))
    return out


def ways_sentence(items: int, variants: int, most: int, language: Language) -> str:
    """Return how many variants there are of how many items, and how few of them (``most``) cover most items."""
    said = {"items": number(items, language), "share": percent(MOST, language), "most": number(most, language)}
    return say("variants.one_way" if variants == 1 else "variants.ways", language, n=variants, **said)


def way_text(states: Iterable[str], language: Language, *, cut: bool = False) -> str:
    """Return a sequence of states as one text; of long ones the beginning and the end.

    >>> way_text(["Doing", "Review", "Done"], "en"), way_text(list("abcdefghijklmnop"), "en")
    ('Doing → Review → Done', 'a → b → c → d → e → f → … → k → l → m → n → o → p')
    """
    names = [state_name(one, language) for one in states]
    if len(names) > _LONGEST:
        names = [*names[: _LONGEST // 2], "…", *names[-_LONGEST // 2 :]]
    return " → ".join([*names, *(["…"] if cut else [])])
