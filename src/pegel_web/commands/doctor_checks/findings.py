"""A finding of ``pegel doctor``: what was looked at, how it is, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

State = Literal["good", "warning", "bad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one thing is. ``code``: words ``doctor.CODE``, and ``doctor.CODE.do`` where there is something to do.

    ``bad``: Pegel does not work, or not safely. ``warning``: it works, but not for long or not as it should.
    """

    state: State
    code: str
    values: dict[str, object] = field(default_factory=dict)


def good(code: str, **values: object) -> Finding:
    """Return a finding about something in order."""
    return Finding(state="good", code=code, values=values)


def warning(code: str, **values: object) -> Finding:
    """Return a finding about something that should be looked after."""
    return Finding(state="warning", code=code, values=values)


def bad(code: str, **values: object) -> Finding:
    """Return a finding about something that has to be put right."""
    return Finding(state="bad", code=code, values=values)
