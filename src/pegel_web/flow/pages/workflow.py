"""The page on which people say what the states of a stream mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from pegel.eventlog.workflow import FlowItemKind, Friction, Phase
from pegel.words import Language, say
from pegel.words.dates import date_text
from pegel.words.names import policy_name, term
from pegel.words.numbers import percent
from pegel_web.flow.computing.mapping import CATEGORIES
from pegel_web.flow.contracts.figures import StreamFigure
from pegel_web.flow.contracts.reports import Choice
from pegel_web.flow.contracts.workflow import (
    FigureEffect,
    RuleChange,
    StateMeaning,
    StreamWorkflow,
    Trust,
    WorkflowEffect,
    WorkflowVersion,
)
from pegel_web.flow.pages.cells import missing_of
from pegel_web.flow.pages.tabs import stream_tabs
from pegel_web.flow.workflow_form import MOST_ROWS, Added, Chosen, key_text, kind_text, now, row_text
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Notice,
    PageHeader,
    Tab,
    Table,
    Tabs,
    Tone,
    table_of,
)
from pegel_web.ui.values import written
from pegel_web.ui.worded import language_now

_TRUST: Final[dict[Trust, Tone]] = {"high": "good", "medium": "neutral", "low": "warning"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """A line of the form. ``number``: its place; ``text``: see ``row_text``; ``hint``: what would be suggested."""

    number: int
    text: str
    line: StateMeaning
    about: str
    sure: Badge
    why: str
    time: str
    entries: str
    categories: Sequence[Choice]
    phases: Sequence[Choice]
    frictions: Sequence[Choice]
    hint: str
    changed: bool
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRow:
    """An item type on the form. ``text``: see ``kind_text``."""

    number: int
    text: str
    type: str
    kinds: Sequence[Choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedRow:
    """The line of the form for a rule of one type or period: what can be chosen, and what was entered."""

    added: Added
    states: Sequence[Choice]
    types: Sequence[Choice]
    categories: Sequence[Choice]
    phases: Sequence[Choice]
    frictions: Sequence[Choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One figure before and after."""

    name: str
    before: str
    after: str
    change: str


def workflow_page(
    request: HttpRequest,
    found: StreamWorkflow,
    *,
    chosen: Chosen | None = None,
    effect: WorkflowEffect | None = None,
    wrong: str = "",
) -> dict[str, Any]:
    """Return the context of the page. ``chosen``: what was chosen and is not saved; ``wrong``: why it could not be."""
    language = language_now()
    editable = found.may_change and found.in_force and found.has_data
    text = chosen.text if chosen is not None else request.GET.get("q", "").replace("\0", "")[:200]
    rows = _rows(found, chosen, text, language) if editable else []
    return {
        "title": say("flow.workflow.title", language, name=found.stream.name),
        "header": _header(found, language),
        "tabs": stream_tabs(request, found.stream, "stream_workflow"),
        "names": _names(request, found, language),
        "of": found.lake_name if len(found.stream.lake_names) > 1 else "",
        "notices": [Notice(kind="bad", text=wrong)] if wrong else [],
        "found": found,
        "empty": None if found.has_data else _empty(found, language),
        "summary": _summary(found, language) if found.has_data else [],
        "editable": editable,
        "rows": rows,
        "cut": len(found.states) - len(rows) if editable else 0,
        "text": text,
        "add": _added_row(found, chosen.added if chosen is not None else Added(), language) if editable else None,
        "kinds": _kind_rows(found, chosen, language) if editable else [],
        "kind_facts": [] if editable else [(one.type, one.kind_name) for one in found.kinds[:MOST_ROWS]],
        "table": state_table(request, found, language),
        "versions": _versions(found, language),
        "confirm": say("flow.workflow.confirm" if found.status == "suggested" else "flow.workflow.save", language),
        **effect_panel(found.stream.id, effect, revision=found.revision),
    }


def effect_panel(stream_id: object, effect: WorkflowEffect | None, *, revision: str, wrong: str = "") -> dict[str, Any]:
    """Return the context of the panel alone. ``revision``: of the mapping that the person sees."""
    language = language_now()
    panel: dict[str, Any] = {"stream_id": stream_id, "effect": effect, "effect_wrong": wrong}
    if effect is None:
        return panel
    if revision and effect.revision != revision:
        return {**panel, "effect": None, "effect_wrong": say("flow.workflow.effect.outdated", language)}
    if effect.changed == 0:
        return {**panel, "effect_notes": [], "figures": [], "said": say("flow.workflow.effect.unchanged", language)}
    return {
        **panel,
        "said": effect.sentence,
        "effect_notes": list(_notes(effect, language)),
        "figures": [_figure_row(one, language) for one in effect.figures],
    }


def state_table(request: HttpRequest, found: StreamWorkflow, language: Language) -> Table:
    """Return the states as a table to read, sort and export."""
    rows = [
        {
            "state": one.state_name,
            "about": _about(one, language),
            "category": one.category_name,
            "phase": one.phase_name,
            "friction": one.friction_name,
            "origin": _sure(one, language),
            "share": one.share,
            "days": one.days,
            "entries": one.entries,
        }
        for one in found.states
    ]
    return table_of(
        request,
        identity="meanings",
        caption=say("flow.workflow.caption", language),
        columns=(
            Column(key="state", label=say("column.state", language)),
            *(
                (Column(key="about", label=say("flow.workflow.about", language)),)
                if any(row["about"] for row in rows)
                else ()
            ),
            Column(key="category", label=say("column.category", language)),
            Column(key="phase", label=say("column.phase", language)),
            Column(key="friction", label=say("column.friction", language)),
            Column(key="origin", label=say("flow.workflow.origin_head", language), kind="badge"),
            Column(key="share", label=say("flow.workflow.share", language), kind="percent"),
            Column(key="days", label=say("column.days", language), kind="days"),
            Column(key="entries", label=say("flow.workflow.entries", language), kind="number"),
        ),
        rows=rows,
        empty=EmptyState(title=say("status.no_data", language), text=say("flow.workflow.no_states", language)),
    )


def _rows(found: StreamWorkflow, chosen: Chosen | None, text: str, language: Language) -> list[StateRow]:
    words = text.casefold().split()
    matching = {id(one): all(word in _searched(one, language) for word in words) for one in found.states}
    listed = list(found.states)
    sent = {} if chosen is None else {key_text(one): one for one in chosen.changes}
    if len(listed) > MOST_ROWS:
        # Changes are told one by one, so what is not on the form stays as it is.
        listed = sorted(listed, key=lambda one: (key_text(one) not in sent, not matching[id(one)]))[:MOST_ROWS]
    return [
        _row(number, one, sent.get(key_text(one)), language, hidden=not matching[id(one)])
        for number, one in enumerate(listed)
    ]


def _row(number: int, line: StateMeaning, sent: RuleChange | None, language: Language, *, hidden: bool) -> StateRow:
    shown = now(line) if sent is None else (sent.category or "", sent.phase or "", sent.friction or "")
    hint = ""
    if line.suggested is not None:
        hint = say(
            "flow.workflow.hint",
            language,
            category=term("category", line.suggested.category, language),
            confidence=percent(line.suggested.confidence, language),
        )
    return StateRow(
        number=number,
        text=row_text(line),
        line=line,
        about=_about(line, language),
        sure=_sure(line, language),
        why=line.why_name,
        time=_time(line, language),
        entries="" if line.entries is None else say("flow.workflow.times", language, n=line.entries),
        categories=_choices("category", (one.value for one in CATEGORIES), shown[0], language, none="unmapped"),
        phases=_choices("phase", (one.value for one in Phase), shown[1], language),
        frictions=_choices("friction", (one.value for one in Friction), shown[2], language),
        hint=hint,
        changed=shown != now(line),
        hidden=hidden,
    )


def _kind_rows(found: StreamWorkflow, chosen: Chosen | None, language: Language) -> list[KindRow]:
    sent = {} if chosen is None else {one.type: one.kind or "" for one in chosen.kinds}
    return [
        KindRow(
            number=number,
            text=kind_text(one),
            type=one.type,
            kinds=_choices(
                "kind", (kind.value for kind in FlowItemKind), sent.get(one.type, one.kind or ""), language,
                none="unmapped",
            ),
        )
        for number, one in enumerate(found.kinds[:MOST_ROWS])
    ]  # fmt: skip


def _added_row(found: StreamWorkflow, added: Added, language: Language) -> AddedRow:
    states = {one.state: one.state_name for one in found.states}
    return AddedRow(
        added=added,
        states=[Choice(code=one, name=name, chosen=one == added.state) for one, name in sorted(states.items())],
        types=[Choice(code=one, name=one, chosen=one == added.type) for one in found.types],
        categories=_choices("category", (one.value for one in CATEGORIES), added.category, language)[1:],
        phases=_choices("phase", (one.value for one in Phase), added.phase, language),
        frictions=_choices("friction", (one.value for one in Friction), added.friction, language),
    )


def _choices(
    group: str, codes: Iterable[str], chosen: str, language: Language, *, none: str | None = None
) -> list[Choice]:
    empty = term(group, none, language)
    return [
        Choice(code="", name=empty, chosen=chosen == ""),
        *(Choice(code=one, name=term(group, one, language), chosen=one == chosen) for one in codes),
    ]


def _searched(line: StateMeaning, language: Language) -> str:
    return f"{line.state} {line.state_name} {_about(line, language)} {line.category_name}".casefold()


def _about(line: StateMeaning, language: Language) -> str:
    """Return for which type and period a rule is; empty: for all, always."""
    said = [] if line.type is None else [say("flow.workflow.only_type", language, type=line.type)]
    if line.from_date is not None:
        said.append(say("flow.workflow.from_day", language, day=date_text(line.from_date, language)))
    if line.until_date is not None:
        said.append(say("flow.workflow.until_day", language, day=date_text(line.until_date, language)))
    return ", ".join(said)


def _sure(line: StateMeaning, language: Language) -> Badge:
    if line.origin == "unmapped":
        return Badge(text=term("category", "unmapped", language), tone="warning")
    if line.confidence is None or line.trust is None:
        return Badge(text=say("flow.workflow.origin.confirmed", language), tone="neutral")
    trust = say(f"flow.workflow.trust.{line.trust}", language)
    return Badge(text=f"{trust}, {percent(line.confidence, language)}", tone=_TRUST[line.trust])


def _time(line: StateMeaning, language: Language) -> str:
    # Time after the end grows for ever and says nothing.
    if line.days is None or line.share is None:
        return ""
    days = say("flow.workflow.days", language, days=written(line.days, "days", language))
    return f"{percent(line.share, language)} · {days}"


def _header(found: StreamWorkflow, language: Language) -> PageHeader:
    stream = found.stream
    title = say("flow.workflow.link", language)
    page = reverse("stream_workflow", args=[stream.id])
    trail = [
        (say("flow.overview.title", language), reverse("streams")),
        (stream.name, reverse("stream", args=[stream.id])),
        (title, None),
    ]
    actions = []
    if not found.in_force:
        trail[-1:] = [(title, page), (say("flow.workflow.version", language, n=found.version), None)]
        actions.append(Action(label=say("flow.workflow.to_current", language), href=page))
    return PageHeader(
        title=say("flow.workflow.title", language, name=stream.name),
        lead=say("flow.workflow.lead", language),
        breadcrumbs=trail,
        actions=actions,
    )


def _summary(found: StreamWorkflow, language: Language) -> list[str]:
    """Return how the mapping stands, in some sentences."""
    if found.version is None:
        said = [say("flow.workflow.is_suggested", language)]
    else:
        code = "is_confirmed" if found.in_force else "is_older"
        said = [say(f"flow.workflow.{code}", language, n=found.version)]
    if found.confidence is not None:
        said.append(say("flow.workflow.confidence", language, share=percent(found.confidence, language)))
    if found.unmapped and found.unmapped_share is not None:
        share = percent(found.unmapped_share, language)
        said.append(say("flow.workflow.hidden_time", language, n=found.unmapped, share=share))
    elif found.unmapped:
        said.append(say("flow.workflow.hidden", language, n=found.unmapped))
    if found.withheld:
        said.append(say("flow.workflow.withheld", language))
    return said


def _empty(found: StreamWorkflow, language: Language) -> EmptyState:
    return EmptyState(
        title=say("status.no_data", language),
        text=say("flow.workflow.no_data", language, name=", ".join(found.stream.lake_names)),
        action_label=say("flow.workflow.to_stream", language),
        action_href=reverse("stream", args=[found.stream.id]),
    )


def _names(request: HttpRequest, found: StreamWorkflow, language: Language) -> Tabs | None:
    """Return the projects of the stream as links: the same state can mean something else in each."""
    names = found.stream.lake_names
    page = reverse("stream_workflow", args=[found.stream.id])
    items = [
        Tab(label=name, href=f"{page}?{urlencode({'of': name}, errors='replace')}", current=name == found.lake_name)
        for name in names
    ]
    return Tabs(items=items, label=say("flow.workflow.names", language)) if len(names) > 1 else None


def _versions(found: StreamWorkflow, language: Language) -> list[dict[str, Any]]:
    page = reverse("stream_workflow", args=[found.stream.id])
    of = {"of": found.lake_name} if len(found.stream.lake_names) > 1 else {}
    current = f"{page}?{urlencode(of, errors='replace')}" if of else page
    return [
        {
            "line": one,
            "said": _version_said(one, language),
            "href": None
            if one.in_force and found.in_force
            else current
            if one.in_force
            else f"{page}?{urlencode({**of, 'version': one.version}, errors='replace')}",
            "restore": found.may_change and not one.in_force,
        }
        for one in found.versions
    ]


def _version_said(one: WorkflowVersion, language: Language) -> str:
    said = [say("flow.workflow.rules", language, n=one.rules)]
    if one.saved_at is None:
        said.append(say("flow.workflow.set_outside", language))
    elif one.saved_by is None:
        said.append(written(one.saved_at, "datetime", language))
    else:
        at = written(one.saved_at, "datetime", language)
        said.append(say("flow.workflow.saved_by", language, at=at, who=one.saved_by))
    if one.restored is not None:
        said.append(say("flow.workflow.restored_from", language, n=one.restored))
    return " · ".join(said)


def _notes(effect: WorkflowEffect, language: Language) -> Iterable[str]:
    """Yield what else there is to know about an effect."""
    for one in effect.moves:
        code = "states" if len(effect.moves) > 1 else "states_only"
        yield say(f"flow.workflow.effect.{code}", language, way=one.sentence, states=list(one.states))
    if (
        effect.unmapped_before is not None
        and effect.unmapped_after is not None
        and (effect.unmapped_before or effect.unmapped_after)
    ):
        before, after = (percent(one, language) for one in (effect.unmapped_before, effect.unmapped_after))
        yield say("flow.workflow.effect.unmapped", language, before=before, after=after)
    if effect.status == "too_large":
        yield say("flow.workflow.effect.too_large", language)
    if effect.policy_before != effect.policy_after:
        names = {"before": effect.policy_before or "", "after": effect.policy_after or ""}
        shown = {key: policy_name(name, language) for key, name in names.items()}
        yield say("flow.workflow.effect.policy", language, **shown)


def _figure_row(one: FigureEffect, language: Language) -> FigureRow:
    before, after = (_figure_text(figure, language) for figure in (one.before, one.after))
    change = "" if before == after else one.change_text
    return FigureRow(name=say(f"metric.{one.metric}.label", language), before=before, after=after, change=change)


def _figure_text(one: StreamFigure, language: Language) -> str:
    if one.value is None:
        return written(missing_of(one.status), "text", language)
    return f"{one.text} {one.meaning}" if one.metric == "flow_distribution" else one.text
