"""How long things are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionLine:
    """A kind of data: kept ``days`` (``least`` to ``most``); ``due``: how much would go now, ``before`` when."""

    kind: str
    days: int
    default: int
    least: int
    most: int
    before: datetime
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRun:
    """What went: how much of each kind."""

    at: datetime
    gone: tuple[tuple[str, int], ...]
