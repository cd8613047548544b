"""Functions of the line organisation in product teams, for agents and the command line."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pegel_web.core.actor import Actor
from pegel_web.core.tools import tool
from pegel_web.organisation.contracts.coverage import FunctionCoverage, WantedFunctions
from pegel_web.organisation.queries import coverage as queries
from pegel_web.organisation.services import coverage as services


@tool(permission=queries.VIEW)
def function_coverage(actor: Actor, *, on: date | None = None) -> FunctionCoverage:
    """Tell which functions (departments) take part in which product, which are missing against what was declared, the
    share of products that have all they need, and the share of people in the line organisation only.

    on: a day, today where it is left out. People are numbers; null where there are some, but fewer than five.
    """
    return queries.function_coverage(actor=actor, on=on)


@tool(permission=queries.CHANGE, reads=False)
def set_wanted_functions(actor: Actor, *, unit_ids: list[UUID], product_id: UUID | None = None) -> WantedFunctions:
    """Say which functions a product team needs from today on.

    unit_ids: from function_coverage; an empty list: nothing is declared any more. product_id: left out: every product
    without a declaration of its own.
    """
    return services.set_wanted_functions(actor=actor, product_id=product_id, unit_ids=unit_ids)
