"""The map of responsibilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from pegel.words import Language, say
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.responsibilities import Finding, ResponsibilityLine, ResponsibilityMap
from pegel_web.organisation.pages.shared import unit_choice
from pegel_web.organisation.queries.responsibilities import VIEW
from pegel_web.ui.components import (
    Badge,
    Column,
    EmptyState,
    Figure,
    FigureRow,
    Notice,
    PageHeader,
    Tab,
    Table,
    Tabs,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_W: Final = "organisation.responsibilities"
_TONES: Final[dict[Finding, Tone]] = {Finding.GAP: "bad", Finding.ENDED: "bad", Finding.DOUBLE: "warning"}
_LETTERS: Final = ("A", "R", "C", "I")


def map_page(request: HttpRequest, found: ResponsibilityMap, *, actor: Actor, unit_id: UUID | None) -> dict[str, Any]:
    """Return the counts, what is wrong with the next step, and the whole map."""
    language = language_now()
    wrong = [line for line in found.lines if line.finding is not None]
    figures = FigureRow(
        figures=[
            Figure(
                label=say(f"{_W}.figure.in_order", language),
                value=found.in_order,
                note=say(f"{_W}.figure.of_expected", language, n=found.expected),
            ),
            *(
                Figure(
                    label=say(f"{_W}.figure.{name}", language),
                    value=count,
                    note=say(f"{_W}.figure.{name}_note", language),
                    rows_href="#table-findings" if count else None,
                )
                for name, count in (("gaps", found.gaps), ("doubles", found.doubles), ("ended", found.ended))
            ),
        ]
    )
    tables = [_map(request, found.lines, language)]
    parts: list[object] = [figures, *tables]
    if wrong:
        findings = findings_table(request, wrong, language)
        tables.insert(0, findings)
        parts.insert(1, findings)
    elif found.expected:
        parts.insert(1, Notice(kind="good", text=say(f"{_W}.all_in_order", language)))
    return {
        "header": PageHeader(title=say(f"{_W}.title", language), lead=say(f"{_W}.lead", language)),
        "tabs": responsibility_tabs("responsibility_map", language),
        "choice": unit_choice(actor, VIEW, unit_id),
        "parts": parts,
        "tables": tables,
    }


def findings_table(
    request: HttpRequest, lines: Sequence[ResponsibilityLine], language: Language, *, page_size: int = 50
) -> Table:
    """Return what is wrong, each with the next step."""
    return table_of(
        request,
        identity="findings",
        caption=say(f"{_W}.findings", language),
        columns=[
            Column(key="unit", label=say("organisation.word.unit", language)),
            Column(key="area", label=say(f"{_W}.column.area", language)),
            Column(key="finding", label=say(f"{_W}.column.finding", language), kind="badge"),
            Column(key="who", label=say(f"{_W}.letter.A", language)),
            Column(key="step", label=say(f"{_W}.column.step", language), href_key="href", sortable=False),
        ],
        rows=[
            {
                "unit": line.path,
                "area": area_words(line, language),
                "finding": Badge(text=say(f"{_W}.finding.{line.finding}", language), tone=_TONES[line.finding]),
                "who": _names(line, "A", language),
                "step": say(f"{_W}.step.{line.finding}" if line.may_change else f"{_W}.step.ask", language),
                "href": line_href(line) if line.may_change else None,
            }
            for line in lines
            if line.finding is not None
        ],
        empty=EmptyState(title=say(f"{_W}.all_in_order", language), text=""),
        page_size=page_size,
    )


def line_page(found: ResponsibilityLine) -> dict[str, Any]:
    """Return the words around the form with which somebody is made responsible."""
    language = language_now()
    title = say(f"{_W}.assign_to", language, area=area_words(found, language), unit=found.unit_name)
    notices = []
    if found.finding is not None:
        notices.append(Notice(kind="warning", text=say(f"{_W}.finding_text.{found.finding}", language)))
    return {
        "header": PageHeader(
            title=title,
            breadcrumbs=[(say(f"{_W}.title", language), reverse("responsibility_map")), (title, None)],
        ),
        "parts": notices,
    }


def held_choices(found: ResponsibilityLine) -> list[tuple[str, str]]:
    """Return the entries of a line as choices."""
    language = language_now()
    return [
        (
            str(one.responsibility_id),
            say(f"{_W}.entry", language, name=one.name, letter=say(f"{_W}.letter.{one.letter}", language)),
        )
        for one in found.people
    ]


def responsibility_tabs(current: str, language: Language) -> Tabs:
    """Return the parts of the map."""
    return Tabs(
        items=[
            Tab(label=say(f"{_W}.tab.{name}", language), href=reverse(name), current=name == current)
            for name in ("responsibility_map", "tool_map")
        ]
    )


def area_words(line: ResponsibilityLine, language: Language) -> str:
    """Return what is answered for."""
    if line.product_name is not None:
        return say(f"{_W}.product", language, name=line.product_name)
    return say(f"{_W}.area.{line.area}", language)


def line_href(line: ResponsibilityLine) -> str:
    """Return the address at which a line is changed."""
    about = {"product": str(line.product_id)} if line.product_id else {"unit": str(line.unit_id), "area": line.area}
    return f"{reverse('assign_responsibility')}?{urlencode(about)}"


def _map(request: HttpRequest, lines: Sequence[ResponsibilityLine], language: Language) -> Table:
    return table_of(
        request,
        identity="map",
        caption=say(f"{_W}.map", language),
        columns=[
            Column(key="unit", label=say("organisation.word.unit", language)),
            Column(key="area", label=say(f"{_W}.column.area", language), href_key="href"),
            *(Column(key=letter, label=say(f"{_W}.letter.{letter}", language)) for letter in _LETTERS),
            Column(key="finding", label=say(f"{_W}.column.finding", language), kind="badge"),
        ],
        rows=[
            {
                "unit": line.path,
                "area": area_words(line, language),
                "href": line_href(line) if line.may_change else None,
                **{letter: _names(line, letter, language) for letter in _LETTERS},
                "finding": _badge(line, language),
            }
            for line in lines
        ],
        empty=EmptyState(
            title=say("organisation.no_units.title", language), text=say("organisation.no_units.text", language)
        ),
    )


def _badge(line: ResponsibilityLine, language: Language) -> Badge:
    if line.finding is None:
        return Badge(text=say(f"{_W}.finding.none", language), tone="good")
    return Badge(text=say(f"{_W}.finding.{line.finding}", language), tone=_TONES[line.finding])


def _names(line: ResponsibilityLine, letter: str, language: Language) -> str:
    return ", ".join(
        say(f"{_W}.has_left", language, name=one.name) if one.ended else one.name
        for one in line.people
        if one.letter == letter
    )
