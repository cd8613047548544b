"""What labels mean by convention, where a tool has labels instead of fields (Trello, GitHub).

| label | meaning |
|---|---|
| contains the word "blocked", "blockiert" or "gesperrt" | flag |
| "priority: high", "priority/high", "prio high", "Priorität: hoch"; "P0" to "P4" | priority |
| "status: in review", "state: in review" (also with "/" or "::") | state |
"""

from __future__ import annotations

import re
from typing import Final

_BLOCKED: Final = re.compile(r"(?<![^\W_])(blocked|blockiert|gesperrt)(?![^\W_])", re.IGNORECASE)
_NOT: Final = re.compile(r"(?<![^\W_])(not|no|nicht|un)[\s_-]", re.IGNORECASE)
_PRIORITY: Final = re.compile(r"(?:priority|prio|priorität)(?:\s*(?:::?|/|-|=)\s*|\s+)(\S.*)", re.IGNORECASE)
_SHORT_PRIORITY: Final = re.compile(r"p[0-4]", re.IGNORECASE)
_STATE: Final = re.compile(r"(?:status|state)\s*(?:::?|/)\s*(\S.*)", re.IGNORECASE)


def is_blocked(label: str) -> bool:
    """Tell whether a label says that work is blocked.

    >>> is_blocked("Blocked"), is_blocked("status/blocked"), is_blocked("unblocked"), is_blocked("blocker")
    (True, True, False, False)
    """
    return _BLOCKED.search(label) is not None and _NOT.search(label) is None


def priority_of(label: str) -> str | None:
    """Priority that a label names, or None.

    >>> priority_of("Priority: high"), priority_of("P1"), priority_of("prioritise me"), priority_of("bug")
    ('high', 'P1', None, None)
    """
    label = label.strip()
    found = _PRIORITY.fullmatch(label)
    return found.group(1) if found else label.upper() if _SHORT_PRIORITY.fullmatch(label) else None


def state_of(label: str) -> str | None:
    """State that a label names, or None.

    >>> state_of("status: in review"), state_of("State::Ready"), state_of("statement: of work")
    ('in review', 'Ready', None)
    """
    found = _STATE.fullmatch(label.strip())
    return found.group(1) if found else None
