"""What can be said about a use case beside its estimate: scores, and what it really brings."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from pegel.words import Language, say
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.models.declarations import Subject
from pegel_web.portfolio.scoring import INPUTS
from pegel_web.ui.components import Action


def score_actions(found: CaseReport, language: Language) -> Iterator[Action]:
    """Return a way to each method that needs more than the estimate, for who may estimate."""
    one = found.line.use_case_id
    if found.may_estimate:
        for method in INPUTS:
            label = say("portfolio.score.give", language, method=say(f"portfolio.score.method.{method}", language))
            yield Action(label=label, href=reverse("score_use_case", args=[one, method.value]))
    if any(line.subject == Subject.BASELINE and line.may for line in found.declarations):
        label = say("portfolio.score.realised.declare", language)
        yield Action(label=label, href=reverse("declare_realised", args=[one]))
