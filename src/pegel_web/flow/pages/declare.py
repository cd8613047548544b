"""The page on which people declare how a stream is counted and what it is measured against."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel.words.names import policy_name, state_name, term
from pegel_web.flow.contracts.declared import DeclaredStream, FieldFilter, FilterEffect, FilterLine, TypeShare
from pegel_web.flow.declaration_form import DeclarationForm
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.flow.queries.declared import field_label
from pegel_web.ui.components import Facts, Notice, PageHeader
from pegel_web.ui.values import written
from pegel_web.ui.worded import language_now


def declare_page(
    request: HttpRequest,
    found: DeclaredStream,
    form: DeclarationForm,
    *,
    tried: FilterEffect | None = None,
    wrong: str = "",
) -> dict[str, Any]:
    """Return the context of the page.

    ``tried``: what the types and filters on the form would leave. ``wrong``: why what was sent could not be saved.
    """
    language = language_now()
    title = say("flow.declare.title", language, name=found.stream.name)
    trail = (
        (say("flow.overview.title", language), reverse("streams")),
        (found.stream.name, reverse("stream", args=[found.stream.id])),
        (say("flow.tabs.declare_stream", language), None),
    )
    narrowed = found.declared.types or found.declared.filters
    return {
        "title": title,
        "header": PageHeader(title=title, lead=say("flow.declare.lead", language), breadcrumbs=trail),
        "tabs": stream_tabs(request, found.stream, "declare_stream"),
        "notices": [Notice(kind="bad", text=wrong)] if wrong else [],
        "found": found,
        "projects": say("flow.declare.projects", language, names=list(found.stream.lake_names)),
        "tried": [] if tried is None else _effect(tried, language),
        "effect": _effect(found.effect, language) if found.effect is not None and narrowed else [],
        "form": form if found.may_change else None,
        "groups": form.groups(),
        "facts": _facts(found, language),
    }


def _facts(found: DeclaredStream, language: Language) -> Facts:
    """Return what is declared, for people who may only read it."""
    one, none = found.declared, say("flow.declare.no_type", language)
    minutes = one.minutes_per_status_query
    said: dict[str, str | None] = {
        "types": ", ".join(name or none for name in one.types),
        "filters": "; ".join(_filter(each, language) for each in one.filters),
        "policy": None if one.policy is None else policy_name(one.policy, language),
        "calendar_label": next((each.name for each in found.calendars if each.chosen and each.code), None),
        "load_limit": None if one.load_limit is None else written(one.load_limit, "number", language),
        "state_limits": "; ".join(f"{state_name(each.state, language)}: {each.limit}" for each in one.state_limits),
        "target": _target(found, language),
        "mix": "; ".join(_share(each, language) for each in one.shares),
        "cost_of_delay": _money(one.cost_of_delay, one.currency, language),
        "labour_rate": _money(one.labour_rate, one.currency, language),
        "minutes": None if minutes is None else written(minutes, "number", language),
    }
    nothing = say("status.not_configured", language)
    return Facts(pairs=tuple((say(f"flow.declare.{code}", language), value or nothing) for code, value in said.items()))


def _filter(one: FieldFilter | FilterLine, language: Language) -> str:
    """Return a filter in words: which field, and which of its values count or do not."""
    none = say("flow.declare.filter.no_value", language)
    values = [value or none for value in one.values]
    code = "include" if one.include else "exclude"
    return say(f"flow.declare.filter.{code}_said", language, field=field_label(one.field, language), values=values)


def _effect(effect: FilterEffect, language: Language) -> list[str]:
    """Return how many items types and filters leave, a sentence for each."""

    def number(n: int) -> str:
        return written(n, "number", language)

    said = [say("flow.declare.filter.of_types", language, n=number(effect.of_types), total=number(effect.items))]
    said += [
        say(
            "flow.declare.filter.leaves",
            language,
            filter=_filter(one, language),
            n=number(one.left),
            total=number(effect.of_types),
            left_out=number(one.left_out),
        )
        for one in effect.lines
    ]
    return [*said, say("flow.declare.filter.together", language, n=number(effect.counted), total=number(effect.items))]


def _target(found: DeclaredStream, language: Language) -> str | None:
    one = found.declared
    if one.target_days is None or one.target_share is None:
        return None
    share, days = written(one.target_share, "percent", language), written(one.target_days, "days", language)
    return say("flow.declare.target_said", language, share=share, days=days)


def _share(one: TypeShare, language: Language) -> str:
    least, most = (
        written(value, "percent", language) for value in (one.least or 0.0, 1.0 if one.most is None else one.most)
    )
    return f"{term('kind', one.kind, language)} {least}–{most}"


def _money(amount: float | None, currency: str | None, language: Language) -> str | None:
    return None if amount is None else f"{written(amount, 'number', language)} {currency or ''}"
