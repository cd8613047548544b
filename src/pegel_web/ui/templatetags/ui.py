"""Tags and filters that every template has: words, components, numbers and dates by language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from django import template
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from pegel.words import Language
from pegel.words.catalogue import say as _say
from pegel_web.ui.component import Component
from pegel_web.ui.values import Kind, is_missing, machine
from pegel_web.ui.values import written as _written

register = template.Library()

#: What a component may know of the page around it.
_HANDED_ON = ("csrf_token", "request", "theme")


def language_of(context: Context) -> Language:
    """Return the language of a page, or of the request where a template was not given one."""
    return cast(Language, context.get("language") or get_language() or "de")


@register.simple_tag(takes_context=True)
def say(context: Context, code: str, **values: Any) -> str:
    """``{% say "code" n=3 %}``: the words for a code; escaped like any text."""
    return _say(code, language_of(context), **values)


@register.simple_tag(takes_context=True)
def say_values(context: Context, code: str, values: Mapping[str, Any]) -> str:
    """``{% say_values code values %}``: the words for a code whose values come as one mapping."""
    return _say(code, language_of(context), **values)


@register.simple_tag(takes_context=True)
def show(context: Context, component: Component | Literal[""] | None) -> SafeString | str:
    """``{% show table %}``: a component; nothing for None and for what the page has not."""
    if not component:
        return ""
    return component.html(language_of(context), {name: context.get(name) for name in _HANDED_ON})


@register.simple_tag(takes_context=True)
def written(context: Context, value: object, kind: Kind = "text") -> SafeString | str:
    """``{% written value "days" %}``: a raw value in the language of the page; a component is drawn."""
    if isinstance(value, Component):
        return cast(SafeString, show(context, value))
    return _written(value, kind, language_of(context))


register.filter("is_missing", is_missing)


@register.filter
def machine_time(value: object) -> str:
    """Return a date or moment for ``<time datetime>``; empty for anything else."""
    return machine(value)


@register.simple_tag(takes_context=True)
def change_of(context: Context, figure: Any) -> str:
    """``{% change_of figure %}``: the change of a figure with its sign."""
    return cast(str, figure.signed_change(language_of(context)))
