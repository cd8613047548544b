"""Kinds of data with a period of retention that apps above keep: they say what is due, and let it go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pegel.errors import InternalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A kind of ``retention.yaml``. Both functions take the moment before which things go, and return how many."""

    kind: str
    due: Callable[[datetime], int]
    let_go: Callable[[datetime], int]


_DECLARED: Final[dict[str, Kept]] = {}


def declare_kept(kept: Kept) -> None:
    """Declare a kind, once, when the app that keeps it is ready."""
    _DECLARED[kept.kind] = kept


def kept_elsewhere(kind: str) -> Kept:
    """Return a declared kind.

    Raises
    ------
    InternalError: ``retention_undeclared``: a period that nobody applies must not stand in the file.
    """
    try:
        return _DECLARED[kind]
    except KeyError:
        raise InternalError("retention_undeclared", name=kind) from None
