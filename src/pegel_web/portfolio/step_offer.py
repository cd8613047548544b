"""A step that is provably too slow is where a use case begins: use case first, tool second."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse

from pegel_web.flow.step_offers import StepOffer, declare_step_offer
from pegel_web.portfolio.queries.use_cases import REGISTER


def idea_address(unit: UUID, stream: UUID, step: str) -> str:
    """Return the form of an idea about a step, with its place filled in."""
    return f"{reverse('register_idea')}?{urlencode({'unit': unit, 'stream': stream, 'step': step})}"


declare_step_offer(StepOffer(words="portfolio.list.register_here", permission=REGISTER, href=idea_address))
