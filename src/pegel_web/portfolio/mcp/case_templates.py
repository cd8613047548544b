"""Templates of use cases, for agents and the command line."""

from __future__ import annotations

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.portfolio.contracts.case_templates import CaseTemplate
from pegel_web.portfolio.models.use_cases import BusinessFunction
from pegel_web.portfolio.queries import case_templates as queries
from pegel_web.portfolio.queries.use_cases import VIEW


@tool(permission=VIEW)
def case_templates(actor: Actor, *, function: BusinessFunction | None = None) -> tuple[CaseTemplate, ...]:
    """List templates of AI use cases: pain, hoped effect, where AI acts, where a person decides, likely risk.

    function: customer_service, development, it, hr, finance, marketing, operations; left out: all.
    """
    return queries.case_templates(actor=actor, function=function)
