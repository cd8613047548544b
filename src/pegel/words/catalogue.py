"""The catalogue of words: one entry per code, German and English side by side, in ``texts/*.yaml``.

An entry is a text with placeholders, or two forms of it (``one``, ``other``) chosen by the value ``n``. Entries of
errors have two parts: what happened (``error.CODE``) and what to do about it (``error.CODE.do``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any, Final, Literal, get_args
from unicodedata import category

import yaml

from pegel.errors import InternalError
from pegel.words.dates import date_text
from pegel.words.numbers import number

Language = Literal["de", "en"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

#: Packages that bring words; the library's own come first.
_PACKAGES: Final = [__package__]
#: Where words are shown at the moment; empty: on the library's own command line.
_PLACE: Final[ContextVar[str]] = ContextVar("pegel_words_place", default="")
_PARTS: Final = {"says": "", "do": ".do"}
_LONGEST_VALUE: Final = 300
_LONGEST_LIST: Final = 12
#: Control characters, halves of characters, and signs that turn the direction of writing: they can forge a text.
_UNSEEN: Final = frozenset({"Cc", "Cs"})
_INSTEAD: Final = "\N{REPLACEMENT CHARACTER}"
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Quotation marks around names.
_QUOTES: Final[dict[Language, tuple[str, str]]] = {"de": ("„", "“"), "en": ("“", "”")}


def say(code: str, language: Language, /, **values: object) -> str:
    """Return the words for a code, with the values put in as this language writes them.

    Numbers, dates and lists are written by the rules of the language; a value ``n`` also chooses between the forms for
    one and for many.

    Raises
    ------
    InternalError: ``words_missing`` when the catalogue has no such code.
    KeyError: a placeholder has no value.

    >>> say("count.items", "en", n=1), say("count.items", "de", n=1200)
    ('1 item', '1.200 Arbeitseinheiten')
    """
    forms = forms_of(code, language)
    form = "one" if values.get("n") == 1 and "one" in forms else "other"
    return forms[form].format_map({name: shown(value, language) for name, value in values.items()})


def include(package: str) -> None:
    """Add the words of another package (its ``texts/*.yaml``), such as an app of the application; once is enough."""
    if package not in _PACKAGES:
        _PACKAGES.append(package)
        _catalogue.cache_clear()


def has(code: str) -> bool:
    """Tell whether there are words for a code."""
    return code in _catalogue()


def codes() -> tuple[str, ...]:
    """Return every code of the catalogue, sorted."""
    return tuple(sorted(_catalogue()))


@contextmanager
def shown_in(place: str) -> Iterator[None]:
    """Prefer the words ``PLACE.CODE`` to those of ``CODE``, where there are any.

    Hints name what a person can use where they read them: options on the command line, fields on a page.
    """
    before = _PLACE.set(place)
    try:
        yield
    finally:
        _PLACE.reset(before)


def forms_of(code: str, language: Language) -> Mapping[str, str]:
    """Return the forms of an entry: ``other``, and ``one`` where the number matters; those of the place come first."""
    entries, place = _catalogue(), _PLACE.get()
    if place and (own := entries.get(f"{place}.{code}")) is not None:
        return own[language]
    try:
        return entries[code][language]
    except KeyError:
        raise InternalError("words_missing", name=code, language=language) from None


def placeholders(text: str) -> frozenset[str]:
    """Return the names of the placeholders in a text.

    >>> sorted(placeholders("{n} of {total}"))
    ['n', 'total']
    """
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def quoted(name: str, language: Language) -> str:
    """Return a name in quotation marks.

    >>> quoted("Review", "de"), quoted("Review", "en")
    ('„Review“', '“Review”')
    """
    opening, closing = _QUOTES[language]
    return f"{opening}{name}{closing}"


def shown(value: object, language: Language) -> str:
    """Return a value as a person of this language reads it; long and unprintable ones are made harmless.

    >>> shown(1234.5, "de"), shown(["a", "b"], "en"), shown(None, "en")
    ('1.234,5', 'a, b', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return say("yes" if value else "no", language)
    if isinstance(value, int):
        return number(value, language)
    if isinstance(value, float):
        return number(value, language, decimals=1)
    if isinstance(value, date):
        return date_text(value, language)
    if isinstance(value, list | tuple | set | frozenset):
        listed = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
        named = [shown(one, language) for one in listed[:_LONGEST_LIST]]
        more = len(listed) - len(named)
        return ", ".join([*named, say("list.more", language, n=more)] if more else named) or say("list.none", language)
    return _harmless(str(value))


def _harmless(text: str) -> str:
    """Cut a long text, and replace what would disturb a terminal or a page by a visible sign."""
    cut = text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
    if cut.isprintable():  # nearly every text; letter by letter it was some 7 % of a page with a table
        return cut
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if sign in _TURNING or category(sign) in _UNSEEN else sign for sign in cut
    )


@cache
def _catalogue() -> dict[str, dict[Language, dict[str, str]]]:
    entries: dict[str, dict[Language, dict[str, str]]] = {}
    folders = [files(package).joinpath("texts") for package in _PACKAGES]
    for folder in (one for one in folders if one.is_dir()):
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if not file.name.endswith(".yaml"):
                continue
            # Our own files, read at every start: libyaml takes a thirtieth of the time of the strict reader for
            # people's files, with which a test reads them.
            tree: Any = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
            for code, language, forms in _entries(tree):
                if language in entries.setdefault(code, {}):
                    raise InternalError("words_twice", name=code)
                entries[code][language] = forms
    return entries


def _entries(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Language, dict[str, str]]]:
    """Walk through nested names down to entries, which are the nodes with a text per language."""
    for name, node in tree.items():
        code = f"{path}.{name}" if path else str(name)
        if not set(node) <= set(LANGUAGES):
            yield from _entries(node, code)
            continue
        for language, body in node.items():
            if isinstance(body, str):
                yield code, language, {"other": body}
            elif set(body) <= set(_PARTS):
                for part, text in body.items():
                    yield code + _PARTS[part], language, {"other": text}
            else:
                yield code, language, dict(body)
