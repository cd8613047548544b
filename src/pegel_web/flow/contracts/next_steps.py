"""What is left to do with a stream that is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: In this order: say what states mean, declare targets and costs, look where it stalls, choose where to start.
StepName = Literal["meaning", "targets", "look", "start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """One step. ``ready``: it can be taken now and leaves no trace by which anybody could tell that it was."""

    name: StepName
    state: Literal["done", "open", "ready"]
