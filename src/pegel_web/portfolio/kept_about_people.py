"""What is kept about single people here: duties for use cases, ideas, estimates, declarations, decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pegel_web.organisation.personal_registry import PersonalRecords, declare_personal_records
from pegel_web.portfolio.models import (
    CaseDuty,
    CaseEstimate,
    CaseScore,
    CriteriaWeights,
    GateDecision,
    RealisedBenefit,
    UseCase,
)

_WHY = "a person may see what is kept about them, and have it forgotten"


def _duties(person: UUID) -> Any:
    return CaseDuty.objects.filter(person=person)


def own_duties(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return what a person answers for or does."""
    return list(_duties(person).order_by("pk").values("use_case__title", "duty", "letter", "since"))


def forget_duties(person: UUID) -> int:
    """End the duties of a person; the gaps show on the pages."""
    found: int = _duties(person).delete()[0]
    return found


def own_ideas(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return the ideas a person has registered."""
    rows = UseCase.objects.everything(because=_WHY).filter(submitted_by=person)
    return list(rows.order_by("number").values("number", "title", "submitted_at"))


def forget_ideas(person: UUID) -> int:
    """Take a person out of the ideas they registered and of those they are a champion of."""
    rows = UseCase.objects.everything(because=_WHY)
    found: int = rows.filter(submitted_by=person).update(submitted_by=None)
    champion: int = rows.filter(champion=person).update(champion=None)
    return found + champion


def own_estimates(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return what a person has estimated."""
    rows = CaseEstimate.objects.filter(author=person).order_by("pk")
    return list(rows.values("use_case__title", "value_likely", "effort_likely", "evidence", "estimated_at"))


def forget_estimates(person: UUID) -> int:
    """Take a person out of their estimates; the numbers stay."""
    found: int = CaseEstimate.objects.filter(author=person).update(author=None)
    return found


def own_gate_decisions(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return what a person has decided at gates; it stays, with a number that no longer leads to a name."""
    rows = GateDecision.objects.filter(decided_by=person).order_by("decided_at")
    return list(rows.values("request__use_case__title", "request__gate", "outcome", "decided_at"))


def own_scores(person: UUID) -> Sequence[Mapping[str, object]]:
    """Return what a person has entered for scores, weighed, and declared to have come of use cases."""
    entered = CaseScore.objects.filter(author=person).order_by("pk")
    weighed = CriteriaWeights.objects.filter(set_by=person).order_by("pk")
    declared = RealisedBenefit.objects.filter(declared_by=person).order_by("pk")
    return [
        *entered.values("use_case__title", "method", "entered", "scored_at"),
        *weighed.values("version", "weights", "reason", "set_at"),
        *declared.values("use_case__title", "amount", "seen_on", "document", "declared_at"),
    ]


def forget_scores(person: UUID) -> int:
    """Take a person out of what they entered, weighed and declared; the numbers stay."""
    entered: int = CaseScore.objects.filter(author=person).update(author=None)
    weighed: int = CriteriaWeights.objects.filter(set_by=person).update(set_by=None)
    declared: int = RealisedBenefit.objects.filter(declared_by=person).update(declared_by=None)
    return entered + weighed + declared


for _subject, _own, _forget in (
    ("use_case_duties", own_duties, forget_duties),
    ("ideas", own_ideas, forget_ideas),
    ("case_estimates", own_estimates, forget_estimates),
    ("case_scores", own_scores, forget_scores),
    ("gate_decisions", own_gate_decisions, None),
):
    declare_personal_records(PersonalRecords(subject=_subject, own=_own, forget=_forget))
