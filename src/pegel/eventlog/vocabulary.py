"""What people mean by the names they give to states, activities and work item types.

The words stand in ``vocabulary.yaml`` beside this file, which says how they are written. Of several words that fit a
name the most specific decides: the whole name before words in it, words marked ``first`` before others, more words
before fewer, longer before shorter (of activities: earlier before later), and of equals the one that stands first in
the file. Words after a negation ("not done", "nicht freigegeben") do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final, Generic, TypeVar

import yaml

from pegel.eventlog.workflow import FlowItemKind, Friction, Phase, StateCategory

_Meaning = TypeVar("_Meaning")

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "'": "", "’": "", "`": ""})
_NUMBERING: Final = re.compile(r"^\W*(?:[A-Za-z]?\d+(?:[-.]\d+)*|[A-Za-z](?=[_:.)]))[\s_:.)\-–]+")
_BRACKETS: Final = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CAMEL: Final = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_LONGEST: Final = 40  # words of a name that are looked at
_WIDEST: Final = 6  # words that "…" may stand for
#: Ranks of a match: the whole name, words marked ``first``, the name without numbering and brackets, other words.
_WHOLE, _FIRST, _CORE, _WORDS = 3, 2, 1, 0
#: A part of a pattern: the words it may be. The empty one is "…".
_Part = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMeaning:
    """What a state's name says; the fields are described in the vocabulary file."""

    category: StateCategory
    phase: Phase | None = None
    friction: Friction | None = None
    first: bool = False
    sure: float | None = None
    final: StateCategory | None = None
    left: Friction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityMeaning:
    """What an activity's name says; the fields are described in the vocabulary file."""

    phase: Phase | None = None
    next: Friction | None = None
    after: Friction | None = None
    ends: StateCategory | None = None


@dataclass(frozen=True, slots=True)
class _Match(Generic[_Meaning]):
    meaning: _Meaning
    exact: bool
    rank: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Pattern(Generic[_Meaning]):
    parts: tuple[_Part, ...]
    meaning: _Meaning
    first: bool
    anchored: bool
    order: int


class _Words(Generic[_Meaning]):
    """Names and word patterns with their meaning, indexed by the first word of a pattern."""

    def __init__(
        self, groups: Mapping[str, list[str]], negations: frozenset[str], *, earlier_first: bool = False
    ) -> None:
        self._groups = groups
        self._negations = negations
        self._earlier_first = earlier_first
        #: Every way to understand a name, the best first.
        self.matches = lru_cache(maxsize=4_096)(self._matches)
        self._names: dict[tuple[str, ...], tuple[_Meaning, int]] = {}
        self._by_word: dict[str, list[_Pattern[_Meaning]]] = {}
        self._order = 0

    def add(self, meaning: _Meaning, *, names: Iterable[str], words: Iterable[str], first: bool = False) -> None:
        self._order += 1
        for name in names:
            self._names.setdefault(tuple(words_of(name)), (meaning, self._order))
        for text in words:
            parts = tuple(self._part(word) for word in _pattern_words(text.removeprefix("^")))
            pattern = _Pattern(parts, meaning, first, text.startswith("^"), self._order)
            for word in parts[0]:
                key = _keys(word.strip("*"))[_form(word)]
                self._by_word.setdefault(key, []).append(pattern)

    def _matches(self, name: str) -> list[_Match[_Meaning]]:
        words = words_of(name)[:_LONGEST]
        plain = _NUMBERING.sub("", name)
        begin = max(0, len(words) - len(words_of(plain)))
        core = words_of(_BRACKETS.sub(" ", plain)) or words
        found: list[_Match[_Meaning]] = []
        for tier, whole in ((_WHOLE, tuple(words)), (_CORE, tuple(core))):
            known = self._names.get(whole)
            if known is not None:
                found.append(_Match(known[0], True, (tier, len(whole), 0, 0, -known[1]), 0, len(words)))
        for start, word in enumerate(words):
            if not self._negations.isdisjoint(words[max(0, start - 2) : start]):
                continue
            for pattern in (found for key in _keys(word) for found in self._by_word.get(key, ())):
                if pattern.anchored and start != begin:
                    continue
                fit = _fit(pattern.parts, words, start)
                if fit is not None:
                    end, count, letters = fit
                    place = -start if self._earlier_first else 0
                    rank = (_FIRST if pattern.first else _WORDS, count, place, letters, -pattern.order)
                    found.append(_Match(pattern.meaning, False, rank, start, end))
        found.sort(key=lambda match: match.rank, reverse=True)
        return found

    def _part(self, word: str) -> _Part:
        if word == "…":
            return ()
        if word.startswith("<"):
            return tuple(_folded(one) for one in self._groups[word[1:-1]])
        return tuple(_folded(one) for one in word.strip("()").split("|"))


class Vocabulary:
    """Looks names up. Reading it again and again gives the same object: see :func:`vocabulary`."""

    def __init__(self, text: str) -> None:
        data: dict[str, Any] = yaml.safe_load(text)
        negations = frozenset(data["negations"])
        self._states: _Words[StateMeaning] = _Words(data["groups"], negations)
        for entry in data["states"]:
            meaning = StateMeaning(
                category=StateCategory(entry["category"]),
                phase=_optional(Phase, entry, "phase"),
                friction=_optional(Friction, entry, "friction"),
                first=entry.get("first", False),
                sure=entry.get("sure"),
                final=_optional(StateCategory, entry, "final"),
                left=_optional(Friction, entry, "left"),
            )
            words = entry.get("words", ())
            self._states.add(meaning, names=entry.get("names", ()), words=words, first=meaning.first)
        self._activities: _Words[ActivityMeaning] = _Words(data["groups"], negations, earlier_first=True)
        for entry in data["activities"]:
            activity = ActivityMeaning(
                phase=_optional(Phase, entry, "phase"),
                next=_optional(Friction, entry, "next"),
                after=_optional(Friction, entry, "after"),
                ends=_optional(StateCategory, entry, "ends"),
            )
            self._activities.add(activity, names=(), words=entry["words"], first=entry.get("first", False))
        self._items: _Words[FlowItemKind] = _Words(data["groups"], negations)
        for kind, words in data["items"].items():
            self._items.add(FlowItemKind(kind), names=(), words=words)

    def state(self, name: str) -> tuple[StateMeaning, bool] | None:
        """What a state's name says, and whether it is known as a whole; None: nothing.

        >>> meaning, exact = vocabulary().state("03 - Wartet auf Freigabe (Fachbereich)")
        >>> meaning.category.value, meaning.friction.value, exact
        ('waiting', 'approval', False)
        """
        matches = self._states.matches(name)
        if not matches:
            return None
        best = matches[0]
        if _names_a_finished_stage(matches):
            # "Development done", "Test: fertig": one stage is done, the next has not begun.
            stage = StateMeaning(
                category=StateCategory.WAITING,
                phase=Phase.EXECUTION,
                friction=Friction.HAND_OFF,
                sure=0.6,
                final=StateCategory.DONE,
            )
            return stage, False
        return best.meaning, best.exact

    def activity(self, name: str) -> ActivityMeaning | None:
        """What an activity's name says.

        >>> vocabulary().activity("Declaration FINAL_APPROVED by SUPERVISOR").next.value
        'approval'
        """
        matches = self._activities.matches(name)
        return matches[0].meaning if matches else None

    def kind(self, name: str) -> FlowItemKind | None:
        """Kind of work of a work item type.

        >>> vocabulary().kind("User Story").value, vocabulary().kind("Störung").value, vocabulary().kind("Task")
        ('feature', 'defect', None)
        """
        matches = self._items.matches(name)
        return matches[0].meaning if matches else None


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary that comes with Pegel, read once."""
    return Vocabulary(resources.files("pegel.eventlog").joinpath("vocabulary.yaml").read_text(encoding="utf-8"))


def words_of(name: str) -> list[str]:
    """Split a name into comparable words.

    >>> words_of("Zurückgestellt / WON'T_DO"), words_of("InProgress")
    (['zurueckgestellt', 'wont', 'do'], ['in', 'progress'])
    """
    if not re.search(r"[\s_-]", name):
        name = _CAMEL.sub(" ", name)
    return re.findall(r"[^\W_]+", _folded(name))


def _folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold().translate(_UMLAUTS)
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def _pattern_words(text: str) -> Iterator[str]:
    yield from re.findall(r"\([^)]*\)|<\w+>|…|\S+", text)


def _fit(parts: tuple[_Part, ...], words: list[str], at: int) -> tuple[int, int, int] | None:
    """Where a pattern that begins at a word ends, how many words and letters it named; None: it does not fit."""
    if not parts:
        return at, 0, 0
    part, rest = parts[0], parts[1:]
    if not part:
        for skipped in range(min(_WIDEST, len(words) - at) + 1):
            fit = _fit(rest, words, at + skipped)
            if fit is not None:
                return fit[0], fit[1], 0  # how long the words after a gap are says nothing: the file's order decides
        return None
    if at >= len(words):
        return None
    letters = max((_letters(one, words[at]) for one in part), default=-1)
    if letters < 0:
        return None
    fit = _fit(rest, words, at + 1)
    return fit and (fit[0], fit[1] + 1, fit[2] + letters)


def _keys(word: str) -> tuple[str, str, str]:
    """Under what a pattern can be filed that means this word, its beginning or its end."""
    return word, f"{word[:2]}*", f"*{word[-2:]}"


def _form(wanted: str) -> int:
    """Which of the keys a pattern word is filed under: 0 the word, 1 a beginning, 2 an end."""
    return 1 if wanted.endswith("*") else 2 if wanted.startswith("*") else 0


def _letters(wanted: str, word: str) -> int:
    """Letters of a word that a pattern word names, -1 where it does not fit."""
    stem = wanted.strip("*")
    fits = (word == stem, word.startswith(stem), word.endswith(stem))[_form(wanted)]
    return len(stem) if fits else -1


def _names_a_finished_stage(matches: list[_Match[StateMeaning]]) -> bool:
    best = matches[0]
    if best.rank[0] == _WHOLE or best.meaning.category not in (StateCategory.DONE, StateCategory.ACTIVE):
        return False
    finished = [match for match in matches if match.meaning.category is StateCategory.DONE]
    stages = [match for match in matches if match.meaning.category is StateCategory.ACTIVE]
    return any(stage.end <= done.start or stage.start >= done.end for done in finished for stage in stages)


_Word = TypeVar("_Word", Phase, Friction, StateCategory)


def _optional(kind: type[_Word], entry: Mapping[str, Any], key: str) -> _Word | None:
    return kind(entry[key]) if key in entry else None
