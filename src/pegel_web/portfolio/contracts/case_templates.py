"""A use case to begin from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTemplate:
    """What a use case of a function usually says, in the reader's language.

    ``likely_risk``: minimal, limited or high; ``risk_hint`` says why, with the article. It is a hint: somebody declares
    the class of the use case itself.
    """

    code: str
    function: str
    title: str
    pain: str
    hoped_effect: str
    ai_acts: str
    person_decides: str
    data_class: str
    likely_risk: str
    risk_hint: str
