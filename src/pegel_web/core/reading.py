"""What one reading request asks for several times, read once.

A page asks for the tree of units for the rights of its reader, for its rows, and for its choices. While a request only
reads, the first answer holds for all of them, and they even fit together better. A request that writes remembers
nothing: it must see what it has just changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

Answer = TypeVar("Answer")

_MEMORY: Final[ContextVar[dict[Hashable, object] | None]] = ContextVar("pegel_reading", default=None)


@contextmanager
def reading() -> Iterator[None]:
    """Remember answers until the end of the block."""
    token = _MEMORY.set({})
    try:
        yield
    finally:
        _MEMORY.reset(token)


def once(question: Hashable, answer: Callable[[], Answer]) -> Answer:
    """Return the answer to a question: the one that was given before in this ``reading``, otherwise a new one."""
    memory = _MEMORY.get()
    if memory is None:
        return answer()
    if question not in memory:
        memory[question] = answer()
    return memory[question]  # type: ignore[return-value]  # what was stored under this question
