"""The criteria of gates: who knows something about a use case registers what it takes; the gates ask them all.

    declare_criterion(Criterion(code="monitoring", gates=(PRODUCTION, SCALED), order=60, check=_monitoring))

Words: ``portfolio.criterion.CODE.name`` and ``.wanted``. Rooms above (governance, impact) register theirs when they are
ready, and by the same code replace what is only declared here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from pegel_web.portfolio.case_facts import CaseFacts
from pegel_web.portfolio.lifecycle import CaseState

#: met; missing: nobody has said or done it; unclear: somebody has said that it is not known; failed: it is known and
#: stands in the way. Only ``met`` lets pass.
Standing = Literal["met", "missing", "unclear", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How a criterion stands. ``evidence``: words ``portfolio.evidence.CODE`` with ``values``; None: nothing to show.

    ``declared``: it rests on what somebody declared and nobody evaluated.
    """

    standing: Standing
    evidence: str | None = None
    values: dict[str, object] = field(default_factory=dict)
    declared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What a use case needs before it enters a state.

    ``gates``: the states it is needed for. ``binding``: nobody may decide past it; otherwise it can be left open with
    a condition. ``check``: pure, from the facts to how it stands. ``fix``: the place of the page where it is mended.
    """

    code: str
    gates: tuple[CaseState, ...]
    order: int
    check: Callable[[CaseFacts], Finding]
    binding: bool = True
    fix: str = "about"


_DECLARED: Final[dict[str, Criterion]] = {}


def declare_criterion(criterion: Criterion) -> None:
    """Declare a criterion, or replace the one of the same code: what is evaluated counts before what is declared."""
    _DECLARED[criterion.code] = criterion


def criteria_for(gate: CaseState) -> tuple[Criterion, ...]:
    """Return what it takes to enter a state, in order."""
    found = [one for one in _DECLARED.values() if gate in one.gates]
    return tuple(sorted(found, key=lambda one: (one.order, one.code)))


def criteria() -> tuple[Criterion, ...]:
    """Return every criterion, in order."""
    return tuple(sorted(_DECLARED.values(), key=lambda one: (one.order, one.code)))
