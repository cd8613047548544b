"""Which values a declaration takes, who may make it, and which of them let a use case pass. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from pegel_web.core.actor import Risk
from pegel_web.portfolio.models.declarations import DeclarationValue as V
from pegel_web.portfolio.models.declarations import Subject

_CARE: Final = (V.UNCLEAR, V.REQUIRED, V.DONE, V.NOT_NEEDED)
_PROOF: Final = (V.UNCLEAR, V.REQUIRED, V.DONE)

#: Risk classes of Regulation (EU) 2024/1689 (AI Act): Art. 5 prohibited, Art. 6 high, Art. 50 limited, else minimal.
VALUES: Final = MappingProxyType(
    {
        Subject.RISK_CLASS: (V.UNCLEAR, V.PROHIBITED, V.HIGH, V.LIMITED, V.MINIMAL),
        Subject.POLICY_BUCKET: (V.UNCLEAR, V.PROHIBITED, V.WITH_GUARDRAILS, V.ALLOWED),
        Subject.DATA_PROTECTION: _CARE,
        Subject.WORKS_COUNCIL: _CARE,
        Subject.BASELINE: _PROOF,
        Subject.MONITORING: _PROOF,
        Subject.FALLBACK: _PROOF,
        Subject.TECHNICAL: _PROOF,
        Subject.ORGANISATIONAL: _PROOF,
        Subject.ECONOMIC: _PROOF,
    }
)
PASSING: Final = frozenset({V.HIGH, V.LIMITED, V.MINIMAL, V.WITH_GUARDRAILS, V.ALLOWED, V.DONE, V.NOT_NEEDED})
_LAW: Final = "portfolio.declaration.law"
_OPERATION: Final = "portfolio.declaration.operation"
PERMISSION: Final = MappingProxyType(
    {
        Subject.RISK_CLASS: _LAW,
        Subject.POLICY_BUCKET: _LAW,
        Subject.DATA_PROTECTION: "portfolio.declaration.data_protection",
        Subject.WORKS_COUNCIL: "portfolio.declaration.works_council",
        Subject.BASELINE: _OPERATION,
        Subject.MONITORING: _OPERATION,
        Subject.FALLBACK: _OPERATION,
        Subject.TECHNICAL: _OPERATION,
        Subject.ORGANISATIONAL: _OPERATION,
        Subject.ECONOMIC: _OPERATION,
    }
)
#: Up to what risk somebody has to be allowed to decide; unclear and prohibited are covered by no limit.
RISK: Final = MappingProxyType({V.HIGH: Risk.HIGH, V.LIMITED: Risk.MEDIUM, V.MINIMAL: Risk.LOW})
