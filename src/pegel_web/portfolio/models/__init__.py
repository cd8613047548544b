"""Records of the portfolio."""

from pegel_web.portfolio.models.declarations import Declaration, DeclarationValue, Subject
from pegel_web.portfolio.models.duties import CaseDuty, Duty, Letter
from pegel_web.portfolio.models.estimates import CaseEstimate
from pegel_web.portfolio.models.gates import GateDecision, GateOutcome, GateRequest
from pegel_web.portfolio.models.imports import CaseImport, CaseImportState, CaseSource
from pegel_web.portfolio.models.limits import IntroductionLimit
from pegel_web.portfolio.models.patterns import ExperimentPattern
from pegel_web.portfolio.models.pilots import Pilot
from pegel_web.portfolio.models.scores import CaseScore, CriteriaWeights, RealisedBenefit, ScoredBy
from pegel_web.portfolio.models.stalls import CaseStall, StallCause
from pegel_web.portfolio.models.use_cases import (
    BusinessFunction,
    CaseNumbering,
    CaseRevision,
    CaseStep,
    CaseTool,
    DataClass,
    Origin,
    Usage,
    UseCase,
)

__all__ = [
    "BusinessFunction",
    "CaseDuty",
    "CaseEstimate",
    "CaseImport",
    "CaseImportState",
    "CaseNumbering",
    "CaseRevision",
    "CaseScore",
    "CaseSource",
    "CaseStall",
    "CaseStep",
    "CaseTool",
    "CriteriaWeights",
    "DataClass",
    "Declaration",
    "DeclarationValue",
    "Duty",
    "ExperimentPattern",
    "GateDecision",
    "GateOutcome",
    "GateRequest",
    "IntroductionLimit",
    "Letter",
    "Origin",
    "Pilot",
    "RealisedBenefit",
    "ScoredBy",
    "StallCause",
    "Subject",
    "Usage",
    "UseCase",
]
