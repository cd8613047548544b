"""Why an item was flagged, as one of a few codes: what people wrote is read once and never kept."""

from __future__ import annotations

import re
from typing import Final

#: Codes of what blocks; 0 stands for "nothing". A flag that says nothing recognisable is "other".
REASONS: Final = ("", "approval", "supplier", "customer", "environment", "information", "other", "dependency")
OTHER: Final = REASONS.index("other")
#: Blocked by a link to another item, not by a flag.
DEPENDENCY: Final = REASONS.index("dependency")
#: The reason is looked for in the beginning of a long text only.
_LONGEST: Final = 500

#: Beginnings of words, German and English, in the order in which they are looked for.
_WORDS: Final = {
    "approval": ("approv", "sign-off", "signoff", "sign off", "freigabe", "genehmig", "zustimmung", "authori"),
    "supplier": ("supplier", "vendor", "third party", "third-party", "3rd party", "lieferant", "dienstleister",
                 "hersteller", "drittanbieter", "zuliefer"),
    "customer": ("customer", "client", "caller", "requester", "kunde", "antragsteller", "melder", "besteller"),
    "environment": ("environment", "infrastructure", "server", "outage", "test system", "umgebung", "testumgebung",
                    "infrastruktur", "testsystem", "ausfall", "system down"),
    "information": ("information", "info", "clarif", "question", "requirement", "rückfrage", "klärung", "unklar",
                    "frage", "angaben", "unterlagen"),
}  # fmt: skip
_PATTERNS: Final = {
    reason: re.compile("|".join(rf"(?<!\w){re.escape(word)}" for word in words)) for reason, words in _WORDS.items()
}


def reason_number(value: str | None) -> int:
    """Return the number of the reason in ``REASONS`` that a flag's value names; 0: the flag is down.

    >>> [REASONS[reason_number(text)] for text in ("Waiting for customer", "Freigabe fehlt", "Impediment", " ", None)]
    ['customer', 'approval', 'other', '', '']
    """
    text = (value or "").strip().lower()[:_LONGEST]
    if not text or text in ("false", "no", "nein", "none", "0"):
        return 0
    return next((REASONS.index(reason) for reason, pattern in _PATTERNS.items() if pattern.search(text)), OTHER)
