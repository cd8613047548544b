r"""Reads records out of saved JSON answers of any size, one by one.

The text may hold one document, an array of documents, or several documents one after another (JSON Lines, or pages
appended with ``cat``). A document whose member has one of the named ``arrays`` (``issues``, ``result`` …) is a page:
the array's elements are its records, and the page's other members are given afterwards. A document without such a
member is itself a record.

Only one record is in memory at a time. A record larger than :data:`LARGEST_RECORD` characters or nested too deeply
ends in an ``InputError``; so does text that is not JSON, or that ends in the middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final, NamedTuple, TextIO

from pegel.errors import InputError

#: Longest accepted record (characters). The longest real issues, with thousands of changes, have a few million.
LARGEST_RECORD: Final = 32 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
#: Documents may stand in arrays and under named members this deep: ``[{"incident": {"result": [record]}}]``.
_DEEPEST_PAGE: Final = 4
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_ESCAPED_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
#: How far from the end of the text a decoder may complain about a value that is merely not complete yet.
_CUT: Final = 16
_WORDS: Final = ("true", "false", "null")


class Record(NamedTuple):
    """One record, or (``page``) the members of a page beside its records.

    ``name``: member that the record stood under, "" at the top. ``digest``: 8 bytes that equal records share.
    """

    name: str
    value: Any
    digest: bytes
    page: bool = False


class JsonRecords:
    r"""Iterates over the records of a text; reads it once.

    >>> import io
    >>> text = io.StringIO('{"total": 2, "issues": [{"key": "A-1"}, {"key": "A-2"}]}\n{"key": "A-3"}')
    >>> [(record.name, record.value, record.page) for record in JsonRecords(text, arrays=frozenset({"issues"}))]
    [('issues', {'key': 'A-1'}, False), ('issues', {'key': 'A-2'}, False), ('', {'total': 2}, True),
     ('', {'key': 'A-3'}, False)]
    """

    def __init__(self, text: TextIO, *, arrays: frozenset[str]) -> None:
        self._text = text
        self._arrays = arrays
        self._decoder = JSONDecoder(strict=False)  # raw control characters inside strings occur in the wild
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._dropped = 0  # characters that stood before the buffer

    def __iter__(self) -> Iterator[Record]:
        """Yield the records in their order.

        Raises
        ------
        InputError: ``json_invalid``, ``json_truncated``, ``json_too_deep``, ``json_record_too_large``.
        """
        while self._next():
            yield from self._document("", 0)

    def _document(self, name: str, depth: int) -> Iterator[Record]:
        opening = self._next()
        if opening == "{" and (record := self._small_record(name)):
            yield record
        elif depth >= _DEEPEST_PAGE or opening not in ("[", "{"):
            yield Record(name, *self._value())
        elif opening == "[" and name:
            for _ in self._elements("]"):
                yield Record(name, *self._value())
        elif opening == "[":
            for _ in self._elements("]"):
                yield from self._document(name, depth + 1)
        else:
            yield from self._members(name, depth)

    def _small_record(self, name: str) -> Record | None:
        """Decode the object that begins here at once, unless it is a page, long or broken: :meth:`_members` does that.

        Which of the two reads an object depends on the object alone, so that equal ones have equal digests.
        """
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except (ValueError, RecursionError):
                if len(self._buffer) - self._at > _CHUNK or not self._more():
                    return None
                continue
            if end - self._at > _CHUNK or not self._arrays.isdisjoint(value):
                return None
            return Record(name, *self._accept(value, end))

    def _members(self, name: str, depth: int) -> Iterator[Record]:
        """Yield what an object holds: its records if it is a page, else the object itself."""
        members: dict[str, Any] = {}
        digest = blake2b(digest_size=8)
        size, page = 0, False
        for _ in self._elements("}"):
            if self._next() != '"':
                raise self._invalid("member name")
            key, key_digest = self._value()
            if self._next() != ":":
                raise self._invalid(":")
            self._at += 1
            if key in self._arrays and self._next() in ("[", "{"):
                page = True
                yield from self._document(key, depth + 1)
                continue
            before = self._taken
            value, value_digest = self._value()
            size += self._taken - before
            if size > LARGEST_RECORD:
                raise InputError("json_record_too_large", characters=LARGEST_RECORD)
            members[key] = value
            digest.update(key_digest + value_digest)
        yield Record(name, members, digest.digest(), page)

    def _elements(self, closing: str) -> Iterator[None]:
        """Step from element to element of the array or object that begins here, and past its end."""
        self._at += 1
        if self._next() == closing:
            self._at += 1
            return
        while True:
            yield None
            mark = self._next()
            self._at += 1
            if mark == closing:
                return
            if mark != ",":
                self._at -= 1
                raise self._invalid(f", {closing}")

    def _value(self) -> tuple[Any, bytes]:
        """Decode the value that begins here, with its digest."""
        self._next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except JSONDecodeError as error:
                cut = error.pos >= len(self._buffer) - _CUT or error.msg.startswith("Unterminated string")
                if not (cut and self._more()):
                    raise self._invalid(error.msg, error.pos) from None
            except RecursionError:
                raise InputError("json_too_deep") from None
            except ValueError as error:  # a number of more digits than Python converts
                raise self._invalid(str(error)) from None
            else:
                # A number near the end of what was read so far may go on: "2" is the beginning of "2.5".
                whole = isinstance(value, str | list | dict) or end < len(self._buffer) - _CUT
                if whole or not self._more():
                    break
        return self._accept(value, end)

    def _accept(self, value: Any, end: int) -> tuple[Any, bytes]:
        """Step past a decoded value; return it with its digest, fit to be written."""
        raw = self._buffer[self._at : end]
        self._at = end
        if _ESCAPED_SURROGATE.search(raw):
            try:
                value = _without_lone_surrogates(value)
            except RecursionError:
                raise InputError("json_too_deep") from None
        return value, blake2b(raw.encode("utf-8", "surrogatepass"), digest_size=8).digest()

    def _next(self) -> str:
        """Skip space; return the character that follows, "" at the end of the text."""
        while True:
            found = _SPACE.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read on, at least as much as is waiting, so that a long value is tried only a few times."""
        waiting = len(self._buffer) - self._at
        if waiting > LARGEST_RECORD:
            raise InputError("json_record_too_large", characters=LARGEST_RECORD)
        chunk = "" if self._ended else self._text.read(max(_CHUNK, waiting))
        if not chunk:
            self._ended = True
            return False
        self._dropped += self._at
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return True

    @property
    def _taken(self) -> int:
        return self._dropped + self._at

    def _invalid(self, expected: str, position: int | None = None) -> InputError:
        at = self._at if position is None else position
        rest = self._buffer[at:]
        if not rest or expected.startswith("Unterminated") or any(word.startswith(rest) for word in _WORDS):
            return InputError("json_truncated", character=self._dropped + at)
        return InputError("json_invalid", character=self._dropped + at, detail=expected[:100])


def _without_lone_surrogates(value: Any) -> Any:
    """Replace halves of surrogate pairs, which no encoding can write, by the replacement character."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_lone_surrogates(one) for one in value]
    if isinstance(value, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(one) for key, one in value.items()}
    return value
