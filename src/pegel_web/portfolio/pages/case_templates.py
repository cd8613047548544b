"""The page of templates."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from django.urls import reverse

from pegel.words import say
from pegel_web.portfolio.contracts.case_templates import CaseTemplate
from pegel_web.portfolio.pages.use_cases import trail
from pegel_web.ui.components import Badge, PageHeader, Tone
from pegel_web.ui.worded import language_now

_W: Final = "portfolio.template"
_TONES: Final[dict[str, Tone]] = {"minimal": "good", "limited": "info", "high": "warning"}
_SAID: Final = ("pain", "hoped_effect", "ai_acts", "person_decides")


def templates_page(found: Sequence[CaseTemplate], *, may_register: bool) -> dict[str, Any]:
    """Return the templates by function."""
    language = language_now()
    title = say(f"{_W}.page_title", language)
    return {
        "header": PageHeader(title=title, lead=say(f"{_W}.lead", language), breadcrumbs=[*trail(), (title, None)]),
        "groups": [
            {
                "name": say(f"portfolio.function.{function}", language),
                "templates": [
                    {
                        "title": one.title,
                        "risk": Badge(
                            text=say(f"portfolio.value.{one.likely_risk}", language), tone=_TONES[one.likely_risk]
                        ),
                        "said": [(say(f"portfolio.fact.{name}", language), getattr(one, name)) for name in _SAID],
                        "data": say(f"portfolio.data_class.{one.data_class}", language),
                        "hint": one.risk_hint,
                        "href": reverse("begin_from_template", args=[one.code]) if may_register else None,
                    }
                    for one in members
                ],
            }
            for function, members in groupby(found, key=lambda one: one.function)
        ],
    }
