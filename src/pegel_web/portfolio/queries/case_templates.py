"""Use cases to begin from, by function: a catalogue that comes with Pegel."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.portfolio.contracts.case_templates import CaseTemplate
from pegel_web.portfolio.models.use_cases import BusinessFunction
from pegel_web.portfolio.queries.use_cases import VIEW

_FILE: Final = Path(__file__).parents[1] / "case_templates.yaml"
_TEXTS: Final = ("title", "pain", "hoped_effect", "ai_acts", "person_decides")


def case_templates(*, actor: Actor, function: BusinessFunction | None = None) -> tuple[CaseTemplate, ...]:
    """Return the templates of a function, or all, in the order of the functions.

    Raises
    ------
    NotAllowedError: ``not_allowed``.
    """
    actor.require_somewhere(VIEW)
    order = list(BusinessFunction.values)
    found = [one for one in _all(actor.language) if function is None or one.function == function]
    return tuple(sorted(found, key=lambda one: order.index(one.function)))


def case_template(*, actor: Actor, code: str) -> CaseTemplate:
    """Return one template.

    Raises
    ------
    NotFoundError: ``case_template_unknown``. NotAllowedError: ``not_allowed``.
    """
    found = next((one for one in case_templates(actor=actor) if one.code == code), None)
    if found is None:
        raise NotFoundError("case_template_unknown", name=code[:60])
    return found


@cache
def _all(language: str) -> tuple[CaseTemplate, ...]:
    said: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    risks = said["risks"]
    return tuple(
        CaseTemplate(
            code=code,
            function=one["function"],
            data_class=one["data_class"],
            likely_risk=risks[one["risk"]]["class"],
            risk_hint=risks[one["risk"]][language],
            **{name: one[name][language] for name in _TEXTS},
        )
        for code, one in said["templates"].items()
    )
