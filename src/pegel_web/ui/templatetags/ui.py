"""Tags and filters that every template has: words, components, numbers and dates by language."""

from __future__ import annotations

from typing import Any, cast

from django import template
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from pegel.words import Language
from pegel.words.catalogue import say as _say
from pegel_web.ui.component import Component

register = template.Library()


def language_of(context: Context) -> Language:
    """Return the language of a page, or of the request where a template was not given one."""
    return cast(Language, context.get("language") or get_language() or "de")


@register.simple_tag(takes_context=True)
def say(context: Context, code: str, **values: Any) -> str:
    """``{% say "code" n=3 %}``: the words for a code; escaped like any text."""
    return _say(code, language_of(context), **values)


@register.simple_tag(takes_context=True)
def show(context: Context, component: Component | None) -> SafeString | str:
    """``{% show table %}``: a component; nothing for None."""
    return "" if component is None else component.html(language_of(context))
