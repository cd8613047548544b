"""What a document is made of. Plain words only: numbers and dates are written already, in the reader's language.

``document.typ`` draws each block by its ``kind``. Words reach it as data, never as markup, so that no name can say
anything to the typesetter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Look = Literal["plain", "good", "bad", "warning", "neutral", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The title of a part (``level`` 2) or of a part of that (3)."""

    text: str
    level: Literal[2, 3] = 2
    kind: str = field(init=False, default="heading")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph; ``quiet``: beside the point."""

    text: str
    quiet: bool = False
    kind: str = field(init=False, default="paragraph")


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    """What has to be seen first."""

    text: str
    label: str = ""
    look: Look = "neutral"
    kind: str = field(init=False, default="callout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A list."""

    texts: Sequence[str]
    kind: str = field(init=False, default="points")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """What is known: name and value."""

    pairs: Sequence[tuple[str, str]]
    kind: str = field(init=False, default="pairs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One figure: its value, what that says, its change, whether that is news, what it rests on."""

    label: str
    value: str
    missing: bool
    meaning: str
    change: str
    verdict: str
    look: Look
    notes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """Figures side by side."""

    cards: Sequence[Card]
    kind: str = field(init=False, default="cards")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a column.

    ``share``: of the width that is left over. ``signs``: else, as wide as so many signs. Neither: as wide as what is
    in it.
    """

    label: str
    end: bool = False
    share: float = 0.0
    signs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell. ``bar``: drawn before the text, as a share of the widest; ``hatched``: as waiting is drawn."""

    text: str
    look: Look = "plain"
    bar: float | None = None
    hatched: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table; its head is repeated on every page that it reaches."""

    caption: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    kind: str = field(init=False, default="grid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing by its name, with the sentence that says the same; the sentence is what is read aloud."""

    name: str
    title: str
    sentence: str
    kind: str = field(init=False, default="picture")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Words and what they mean; ``id``: of the definition."""

    terms: Sequence[tuple[str, str, str]]
    kind: str = field(init=False, default="terms")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """What follows begins on a page of its own."""

    kind: str = field(init=False, default="new_page")


Block = Heading | Paragraph | Callout | Points | Pairs | Cards | Grid | Picture | Terms | NewPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document.

    ``kicker``: what kind of document it is, over the title. ``foot``: below every page. ``page_words``: "Page {page} of
    {pages}". ``at``: the moment it tells of, which is its date. ``drawings``: Vega-Lite specifications by name.
    """

    language: Literal["de", "en"]
    kicker: str
    title: str
    lead: str
    foot: str
    page_words: str
    at: datetime
    blocks: Sequence[Block]
    drawings: Mapping[str, str]
