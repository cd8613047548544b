"""The search, for programs."""

from __future__ import annotations

from ninja import Router

from pegel_web.core.rest import ApiRequest
from pegel_web.search import queries
from pegel_web.search.contracts import Found

router = Router(tags=["search"])


@router.get("/search", response=Found)
def found(request: ApiRequest, q: str) -> Found:
    """What a text finds among everything you may see, by kind; at least two characters."""
    return queries.found(actor=request.actor, text=q)
