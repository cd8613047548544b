"""What other apps and interfaces learn about background work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

State = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """Where a job is.

    ``label_code``, ``label_values``: what it is about, in words of the catalogue. ``done``, ``total``: how far it is;
    None: it has not said. ``progress_code``: what it does just now; empty: it has not said. ``error_code``: why it
    failed; empty: it did not. ``mine``: the actor asked for it; ``by_pegel``: nobody did. ``may_cancel``: the actor may
    stop it, and there is something left to stop. ``cancelling``: somebody has asked it to stop. ``attempts``: how often
    it was begun.
    """

    id: UUID
    kind: str
    label_code: str
    label_values: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    state: State
    done: int | None
    total: int | None
    progress_code: str
    progress_values: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    error_code: str
    error_values: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    attempts: int
    mine: bool
    by_pegel: bool
    may_cancel: bool
    cancelling: bool

    @property
    def open(self) -> bool:
        """Tell whether it is still going to do something."""
        return self.state in ("waiting", "running")
