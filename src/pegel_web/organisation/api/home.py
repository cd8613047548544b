"""The first page, for programs."""

from __future__ import annotations

from ninja import Router

from pegel_web.core.rest import ApiRequest
from pegel_web.organisation.contracts.home import Home
from pegel_web.organisation.queries import home as queries

router = Router(tags=["home"])


@router.get("/home", response=Home)
def home(request: ApiRequest) -> Home:
    """What waits for you today."""
    return queries.home(actor=request.actor)
