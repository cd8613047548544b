"""Registering an idea that begins from a template: the same fields, and what the template says beyond them."""

from __future__ import annotations

from typing import Any

from django import forms

from pegel_web.core.actor import Actor
from pegel_web.portfolio.forms.fields import choice_field, text_field
from pegel_web.portfolio.forms.use_cases import IdeaForm
from pegel_web.portfolio.models.use_cases import BusinessFunction, DataClass


class TemplateIdeaForm(IdeaForm):
    """What a template says can be changed before it is sent."""

    def __init__(self, *values: Any, actor: Actor, **settings: Any) -> None:
        super().__init__(*values, actor=actor, **settings)
        more: dict[str, forms.Field] = {
            "ai_acts": text_field("ai_acts", most=4000, rows=3),
            "person_decides": text_field("person_decides", most=4000, rows=3),
            "function": choice_field("function", "portfolio.function", BusinessFunction.values),
            "data_class": choice_field("data_class", "portfolio.data_class", DataClass.values),
        }
        self.fields = {"title": text_field("title", most=200), **self.fields, **more}
