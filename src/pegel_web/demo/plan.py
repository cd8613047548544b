"""What the invented organisation is made of, read from ``musterwerke.yaml``; names are drawn with a fixed seed."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from pegel.eventlog.setting_file import read_settings
from pegel.words import Language

#: The same seed, the same people.
SEED: Final = 20_240_501
#: Addresses that can belong to nobody (RFC 2606).
DOMAIN: Final = "@musterwerke.example"
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@cache
def plan() -> Mapping[str, Any]:
    """Return the plan as it stands in the file."""
    text = files(__package__).joinpath("musterwerke.yaml").read_text(encoding="utf-8")
    tree: Any = read_settings(text, unreadable="unexpected")
    found: Mapping[str, Any] = tree
    return found


def in_language(texts: Mapping[str, str], language: Language) -> str:
    """Return a text of the plan in a language."""
    return texts[language]


def teams() -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield every team with its department."""
    for department in plan()["departments"]:
        for team in department["teams"]:
            yield department, team


def names() -> Iterator[str]:
    """Yield invented names, none of them twice, always in the same order."""
    firsts, lasts = list(plan()["first_names"]), list(plan()["last_names"])
    pairs = [(first, last) for first in firsts for last in lasts]
    random.Random(SEED).shuffle(pairs)  # noqa: S311  (invented names, no secret)
    for first, last in pairs:
        yield f"{first} {last}"


def address_of(name: str) -> str:
    """Return the e-mail address of an invented person.

    >>> address_of("Yusuf Krüger")
    'yusuf.krueger@musterwerke.example'
    """
    plain = unicodedata.normalize("NFKD", name.lower().translate(_UMLAUTS)).encode("ascii", "ignore").decode()
    return plain.replace(" ", ".") + DOMAIN
