"""Two people wrote the same: both versions side by side, so that a person can put them together."""

from __future__ import annotations

from typing import Any, Final

from django.forms import BaseForm
from django.http import QueryDict

from pegel.words import say
from pegel_web.portfolio.contracts.use_cases import CaseReport
from pegel_web.portfolio.pages.use_cases import trail
from pegel_web.ui.components import Notice, PageHeader
from pegel_web.ui.components.forms import FormCard
from pegel_web.ui.worded import language_now

_W: Final = "portfolio"


def merge_page(form: BaseForm, found: CaseReport, fields: list[str]) -> dict[str, Any]:
    """Return what is kept now beside what was entered, and the form to save what is right.

    The form carries the newest revision from here on: whoever saves it has seen both.
    """
    language = language_now()
    entered = QueryDict(mutable=True)
    for name, value in form.data.items():
        entered[name] = value
    entered["based_on"] = str(found.line.revision)
    form.data = entered
    pairs = [
        (
            str(form.fields[name].label) if name in form.fields else name,
            _shown(getattr(found.content, name)),
            _shown(form.cleaned_data.get(name)),
        )
        for name in fields
    ]
    title = say(f"{_W}.merge.title", language)
    return {
        "header": PageHeader(title=title, breadcrumbs=[*trail(found), (title, None)]),
        "notice": Notice(kind="warning", text=say(f"{_W}.merge.lead", language)),
        "pairs": pairs,
        "card": FormCard(
            form=form, submit_label=say(f"{_W}.merge.save", language), lead=say(f"{_W}.merge.form", language)
        ),
    }


def _shown(value: object) -> str:
    return "" if value is None else str(value)
