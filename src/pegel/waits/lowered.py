"""Whether a change of priority or rank put an item further back: read from what tools write."""

from __future__ import annotations

import re
from typing import Final

#: Names of priorities by urgency, the most urgent first; names on one line are equals.
_LADDER: Final = (
    ("blocker", "highest", "critical", "kritisch", "very high", "sehr hoch", "höchste", "urgent", "dringend",
     "immediate", "sofort", "showstopper"),
    ("high", "hoch", "major", "important", "wichtig"),
    ("medium", "mittel", "normal", "moderate", "standard", "default"),
    ("low", "niedrig", "gering", "minor", "planning", "planung"),
    ("lowest", "very low", "sehr niedrig", "niedrigste", "trivial"),
)  # fmt: skip
_URGENCY: Final = {name: step for step, names in enumerate(_LADDER) for name in names}
_NUMBERED: Final = re.compile(r"(?:p|prio|priority|priorität)?\s*(\d{1,9})\b", re.IGNORECASE)
_LEXORANK: Final = re.compile(r"\d\|[0-9a-z]+:[0-9a-z]*")


def lowered(field: str, before: str | None, after: str | None) -> bool:
    """Tell whether a change of ``priority`` or ``rank`` is known to have put the item further back.

    Numbers count from 1, the most urgent, as in ServiceNow and Azure Boards ("1 - Critical", "P2"); names are those of
    the usual tools; ranks are numbers, Jira's "Ranked lower", or its sortable texts. Anything else says nothing.

    >>> lowered("priority", "High", "Low"), lowered("priority", "2 - High", "1 - Critical")
    (True, False)
    >>> lowered("rank", None, "Ranked lower"), lowered("rank", "3", "17"), lowered("priority", "Blue", "Green")
    (True, True, False)
    """
    new, old = (after or "").strip().lower(), (before or "").strip().lower()
    if field == "rank" and new in ("ranked lower", "niedriger eingestuft"):
        return True
    if not new or not old:
        return False
    if field == "rank" and _LEXORANK.fullmatch(new) and _LEXORANK.fullmatch(old):
        return new > old
    places = [_place(one) for one in (old, new)]
    if places[0] is None or places[1] is None or places[0][0] != places[1][0]:
        return False
    return places[1][1] > places[0][1]


def _place(text: str) -> tuple[str, int] | None:
    """Which scale a value is on, and where; larger is less urgent."""
    if text in _URGENCY:
        return "names", _URGENCY[text]
    number = _NUMBERED.match(text)
    return ("numbers", int(number[1])) if number else None
