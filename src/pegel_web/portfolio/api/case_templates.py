"""Templates of use cases, for programs."""

from __future__ import annotations

from ninja import Router

from pegel_web.core.rest import ApiRequest, paginate
from pegel_web.portfolio.contracts.case_templates import CaseTemplate
from pegel_web.portfolio.models.use_cases import BusinessFunction
from pegel_web.portfolio.queries import case_templates as queries

router = Router(tags=["use cases"])


@router.get("/use-case-templates", response=list[CaseTemplate])
@paginate
def case_templates(request: ApiRequest, function: BusinessFunction | None = None) -> tuple[CaseTemplate, ...]:
    """What use cases of a function usually begin with, with a hint at their risk."""
    return queries.case_templates(actor=request.actor, function=function)
