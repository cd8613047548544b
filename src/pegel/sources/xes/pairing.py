"""Finds out, before the first trace is read, whether a log has starts and ends of activities.

How an event changes the state of its case depends on it, from the first case on. Only the bytes around the few words
of the lifecycle are looked at, and only until both kinds are found; a log with starts usually shows one in its first
case. The search needs no decoding: the words are ASCII in every encoding once the zero bytes of UTF-16 are removed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pegel.sources.activities import ENDS, STARTS
from pegel.sources.reading import open_bytes

_BLOCK: Final = 1 << 20
#: Longest tag that is still recognised when it lies across two blocks.
_OVERLAP: Final = 4096


def has_pairs(path: Path, key: str) -> bool:
    """Tell whether some event has a start and some event an end as the value of its attribute ``key``.

    Raises
    ------
    InputError: as :func:`pegel.sources.reading.open_bytes`.
    """
    wanted = key.lower().encode()
    sought = [_Words(STARTS, wanted), _Words(ENDS, wanted)]
    before = b""
    with open_bytes(path) as stream:
        wide = b"\x00" in stream.peek(64)[:64]
        while sought and (data := stream.read(_BLOCK)):
            block = before + (data.replace(b"\x00", b"") if wide else data).lower()
            sought = [words for words in sought if not words.stand_in(block)]
            before = block[-_OVERLAP:]
    return not sought


class _Words:
    """Words of one kind, as values of an attribute with a given key."""

    def __init__(self, words: frozenset[str], key: bytes) -> None:
        self._words = tuple(word.encode() for word in sorted(words))
        self._quoted = tuple(quote + word + quote for word in self._words for quote in (b'"', b"'"))
        self._value = re.compile(b"[\"'](?:" + b"|".join(map(re.escape, self._words)) + b")[\"']")
        self._key = re.compile(b"[\"']" + re.escape(key) + b"[\"']")

    def stand_in(self, block: bytes) -> bool:
        """Tell whether one of the words stands there; plain searches first, because they are ten times faster."""
        if not any(word in block for word in self._words) or not any(word in block for word in self._quoted):
            return False
        for match in self._value.finditer(block):
            end = block.find(b">", match.end())
            if end >= 0 and self._key.search(block, block.rfind(b"<", 0, match.start()) + 1, end):
                return True
        return False
