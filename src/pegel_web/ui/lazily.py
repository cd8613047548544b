"""Rows that are made when they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

S = TypeVar("S")
T = TypeVar("T")


class Lazily(Sequence[T], Generic[S, T]):
    """A sequence made from another, one by one; a part of it costs what that part costs.

    >>> Lazily(range(1_000_000), str)[10:12]
    ['10', '11']
    """

    def __init__(self, source: Sequence[S], make: Callable[[S], T]) -> None:
        self._source, self._make = source, make

    def __len__(self) -> int:
        return len(self._source)

    @overload
    def __getitem__(self, at: int) -> T: ...

    @overload
    def __getitem__(self, at: slice) -> list[T]: ...

    def __getitem__(self, at: int | slice) -> T | list[T]:
        if isinstance(at, slice):
            return [self._make(one) for one in self._source[at]]
        return self._make(self._source[at])

    def __iter__(self) -> Iterator[T]:
        return map(self._make, self._source)
