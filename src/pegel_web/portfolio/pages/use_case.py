"""One use case: what hurts, where, who answers for it, what it lacks, what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.portfolio.contracts.use_cases import CaseReport, CriterionLine, MoveLine
from pegel_web.portfolio.pages.requests import STANDING, criterion_evidence, request_table
from pegel_web.portfolio.pages.score_actions import score_actions
from pegel_web.portfolio.pages.use_cases import case_title, range_words, state_badge
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    Component,
    Contents,
    EmptyState,
    Facts,
    Missing,
    Notice,
    PageHeader,
    Table,
    table_of,
)
from pegel_web.ui.worded import language_now

_W: Final = "portfolio"
#: Where a criterion is mended: the address, and what it takes besides the use case.
_FIX: Final = {"about": "change_use_case", "estimates": "give_estimate", "duties": "give_duty", "pilot": "plan_pilot"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section of the page."""

    identity: str
    title: str
    parts: Sequence[Component]
    actions: Sequence[Action] = ()
    lead: str = ""

    @property
    def bare(self) -> bool:
        """Tell whether it is tables only: they have their own cards and headings."""
        return all(isinstance(one, Table | Notice) for one in self.parts)


def use_case_page(request: HttpRequest, found: CaseReport) -> dict[str, Any]:
    """Return everything about one use case."""
    language = language_now()
    sections = list(_sections(request, found, language))
    return {
        "header": PageHeader(
            title=case_title(found),
            breadcrumbs=[(say(f"{_W}.list.title", language), reverse("use_case_list")), (case_title(found), None)],
            actions=list(_steps(found, language)),
        ),
        "state": state_badge(found.line.state, language),
        "sentence": sentence(found, language),
        "notices": list(_notices(found, language)),
        "contents": Contents(places=[(one.title, one.identity) for one in sections]),
        "chapters": sections,
        "tables": [part for one in sections for part in one.parts if isinstance(part, Table)],
    }


def sentence(found: CaseReport, language: Language) -> str:
    """Return where it stands in one sentence, with what is next."""
    line = found.line
    state = say(f"{_W}.state.{line.state}", language)
    here = say(f"{_W}.case.stands", language, state=state, n=line.days, unit=line.unit_name)
    if line.waiting_at_gate is not None:
        return f"{here} {say(f'{_W}.case.waits', language, gate=say(f'{_W}.gate.{line.waiting_at_gate}', language))}"
    if found.gate is None:
        return here
    left = sum(one.standing != "met" for one in found.criteria)
    gate = say(f"{_W}.gate.{found.gate}", language)
    return f"{here} {say(f'{_W}.case.ahead' if left else f'{_W}.case.ready', language, gate=gate, n=left)}"


def move_label(one: MoveLine, language: Language) -> str:
    """Return what a step is called on a button."""
    if one.gate is not None and one.direction == "forward":
        return say(f"{_W}.case.ask", language, gate=say(f"{_W}.gate.{one.gate}", language))
    return say(f"{_W}.move.{one.direction}", language, state=say(f"{_W}.state.{one.target}", language))


def _steps(found: CaseReport, language: Language) -> Iterator[Action]:
    """Return what can be done now: the next step first; the ways aside stand at the end of the page."""
    one = found.line.use_case_id
    for step in found.moves:
        if step.direction != "forward" or not step.may:
            continue
        if step.gate is not None:
            href = reverse("ask_gate", args=[one, step.gate])
        else:
            href = reverse("move_use_case", args=[one, step.target])
        # The end of its life is a step like the others, but not the one to invite to.
        kind: Literal["primary", "secondary"] = "secondary" if step.target == "retired" else "primary"
        yield Action(label=move_label(step, language), href=href, kind=kind)
    if found.may_change:
        yield Action(label=say(f"{_W}.case.change", language), href=reverse("change_use_case", args=[one]))
    if found.may_change and found.line.state in {"idea", "assessed", "prioritised"}:
        label = say(f"{_W}.case.experiment", language)
        yield Action(label=label, href=reverse("start_experiment", args=[one]))


def _notices(found: CaseReport, language: Language) -> Iterator[Notice]:
    for code in found.warnings:
        yield Notice(kind="warning", text=say(f"{_W}.warning.{code}", language))
    if found.line.source_state:
        said = say(f"{_W}.state.{found.line.source_state}", language)
        yield Notice(text=say(f"{_W}.import.says_state", language, source=found.line.source, state=said))
    if found.source_details:
        details = "; ".join(f"{name}: {value[:200]}" for name, value in found.source_details.items())
        yield Notice(title=say(f"{_W}.import.says_also", language), text=details)
    if found.line.shadow:
        yield Notice(kind="info", text=say(f"{_W}.case.shadow", language))
    if found.other_title is not None:
        yield Notice(kind="info", text=say(f"{_W}.case.other", language, title=found.other_title))
    if found.parked_until is not None:
        yield Notice(kind="info", text=say(f"{_W}.case.parked_until", language, day=found.parked_until))


def _sections(request: HttpRequest, found: CaseReport, language: Language) -> Iterator[Part]:
    one = found.line.use_case_id
    left = [each for each in found.criteria if each.standing != "met"]
    met = [each for each in found.criteria if each.standing == "met"]
    if left:
        yield Part(
            identity="gate",
            title=say(f"{_W}.gate.{found.gate}", language),
            lead=say(f"{_W}.case.gate_lead", language),
            parts=[_open_criteria(request, found, left, language)],
        )
    yield Part(identity="about", title=say(f"{_W}.case.about", language), parts=[_about(found, language)])
    yield Part(
        identity="duties",
        title=say(f"{_W}.case.duties", language),
        lead=say(f"{_W}.case.duties_open", language, n=len(found.duties_open)) if found.duties_open else "",
        parts=[_duties(request, found, language)],
        actions=_offer(found.may_change, f"{_W}.case.give_duty", reverse("give_duty", args=[one]), language),
    )
    yield Part(
        identity="declarations",
        title=say(f"{_W}.case.declarations", language),
        lead=say(f"{_W}.case.declarations_lead", language),
        parts=[_declarations(request, found, language)],
    )
    yield Part(
        identity="estimates",
        title=say(f"{_W}.case.estimates", language),
        parts=[_estimates(request, found, language)],
        actions=[
            *_offer(found.may_estimate, f"{_W}.case.estimate", reverse("give_estimate", args=[one]), language),
            *score_actions(found, language),
        ],
    )
    plannable = found.may_change and found.line.state in {"idea", "assessed", "prioritised", "pilot"}
    tells = found.may_change and any(each.closed_at or found.line.state == "pilot" for each in found.pilots)
    yield Part(
        identity="pilot",
        title=say(f"{_W}.case.pilot", language),
        parts=_pilots(found, language),
        actions=[
            *_offer(plannable, f"{_W}.case.plan_pilot", reverse("plan_pilot", args=[one]), language),
            *_offer(tells, f"{_W}.case.learning", reverse("close_pilot", args=[one]), language),
        ],
    )
    if found.requests:
        yield Part(
            identity="decisions",
            title=say(f"{_W}.case.decisions", language),
            parts=[request_table(request, found.requests, language, of_one=True)],
        )
    if met:
        title = say(f"{_W}.case.criteria_met", language)
        yield Part(identity="met", title=title, parts=[_met_criteria(request, met, language)])
    yield Part(
        identity="life",
        title=say(f"{_W}.case.life", language),
        parts=[_life(request, found, language)],
        actions=[
            Action(
                label=move_label(step, language), href=reverse("move_use_case", args=[one, step.target]),
                kind="danger" if step.target in {"killed", "rejected"} else "secondary",
            )
            for step in found.moves
            if step.may and step.direction != "forward"
        ],
    )  # fmt: skip


def _offer(may: object, code: str, href: str, language: Language) -> list[Action]:
    return [Action(label=say(code, language), href=href)] if may else []


def _met_criteria(request: HttpRequest, met: Sequence[CriterionLine], language: Language) -> Table:
    return table_of(
        request,
        identity="met",
        caption=say(f"{_W}.case.criteria_met", language),
        columns=[
            Column(key="name", label=say(f"{_W}.column.criterion", language)),
            Column(key="evidence", label=say(f"{_W}.column.evidence", language)),
        ],
        rows=[{"name": one.name, "evidence": criterion_evidence(one, language) or one.wanted} for one in met],
        empty=EmptyState(title="", text=""),
    )


def _open_criteria(request: HttpRequest, found: CaseReport, left: Sequence[CriterionLine], language: Language) -> Table:
    return table_of(
        request,
        identity="criteria",
        caption=say(f"{_W}.case.criteria", language),
        columns=[
            Column(key="name", label=say(f"{_W}.column.criterion", language), href_key="href"),
            Column(key="standing", label=say(f"{_W}.column.standing", language), kind="badge"),
            Column(key="wanted", label=say(f"{_W}.column.wanted", language)),
            Column(key="evidence", label=say(f"{_W}.column.evidence", language)),
            Column(key="binding", label=say(f"{_W}.column.binding", language)),
        ],
        rows=[
            {
                "name": each.name,
                "href": _fix(found, each),
                "standing": Badge(text=say(f"{_W}.standing.{each.standing}", language), tone=STANDING[each.standing]),
                "wanted": each.wanted,
                "evidence": criterion_evidence(each, language),
                "binding": say(f"{_W}.case.binding" if each.binding else f"{_W}.case.with_condition", language),
            }
            for each in left
        ],
        empty=EmptyState(title="", text=""),
    )


def _fix(found: CaseReport, each: CriterionLine) -> str | None:
    """Return where a criterion that is not met is mended, for who may."""
    if each.standing == "met":
        return None
    one = found.line.use_case_id
    if each.fix == "declarations":
        may = any(line.subject == each.code and line.may for line in found.declarations)
        return reverse("declare_status", args=[one, each.code]) if may else None
    if each.fix == "estimates":
        return reverse("give_estimate", args=[one]) if found.may_estimate else None
    if each.code == "learning":
        return reverse("close_pilot", args=[one]) if found.may_change and found.pilots else None
    return reverse(_FIX[each.fix], args=[one]) if found.may_change and each.fix in _FIX else None


def _about(found: CaseReport, language: Language) -> Facts:
    content = found.content

    def word(kind: str, value: str) -> object:
        return say(f"{_W}.{kind}.{value}", language) if value else Missing.NO_DATA

    place = " › ".join(text for text in (found.stream_name, content.step) if text)
    pairs: list[tuple[str, object]] = [
        ("pain", content.pain),
        ("hoped_effect", content.hoped_effect),
        ("place", place or content.place_note),
        ("wait", found.wait.sentence),
        ("phase", word("phase", content.phase)),
        ("friction", word("friction", content.friction)),
        ("origin", word("origin", content.origin)),
        ("goal", content.goal),
        ("function", word("function", content.function)),
        ("usage", word("usage", content.usage)),
        ("horizon", content.horizon),
        ("ai_acts", content.ai_acts),
        ("person_decides", content.person_decides),
        ("data_needs", content.data_needs),
        ("data_class", word("data_class", content.data_class)),
        ("tools", ", ".join(found.tools)),
        ("champion", found.champion_name),
        ("amount", content.amount),
        ("submitted_at", found.line.submitted_at),
        ("submitted_by", found.submitted_by),
    ]
    return Facts(
        pairs=[
            (say(f"{_W}.fact.{name}", language), Missing.NO_DATA if value in ("", None) else value)
            for name, value in pairs
        ]
    )


def _duties(request: HttpRequest, found: CaseReport, language: Language) -> Table:
    return table_of(
        request,
        identity="duties",
        caption=say(f"{_W}.case.duties", language),
        columns=[
            Column(key="duty", label=say(f"{_W}.column.duty", language)),
            Column(key="letter", label=say(f"{_W}.column.letter", language)),
            Column(key="who", label=say(f"{_W}.column.who", language)),
            Column(key="end", label=say(f"{_W}.column.step", language), href_key="href", sortable=False),
        ],
        rows=[
            *(
                {
                    "duty": say(f"{_W}.duty.{each}", language),
                    "letter": say(f"{_W}.letter.A", language),
                    "who": say(f"{_W}.nobody", language),
                    "end": say(f"{_W}.case.give_duty", language) if found.may_change else "",
                    "href": f"{reverse('give_duty', args=[found.line.use_case_id])}?duty={each}&letter=A"
                    if found.may_change
                    else None,
                }
                for each in found.duties_open
                if not any(line.duty == each and line.letter == "A" for line in found.duties)
            ),
            *(
                {
                    "duty": say(f"{_W}.duty.{line.duty}", language),
                    "letter": say(f"{_W}.letter.{line.letter}", language),
                    "who": say(f"{_W}.has_left", language, name=line.name) if line.gone else line.name,
                    "end": say(f"{_W}.case.end_duty", language) if found.may_change else "",
                    "href": reverse("end_duty", args=[found.line.use_case_id, line.duty_id])
                    if found.may_change
                    else None,
                }
                for line in found.duties
            ),
        ],
        empty=EmptyState(title="", text=""),
    )


def _declarations(request: HttpRequest, found: CaseReport, language: Language) -> Table:
    one = found.line.use_case_id
    return table_of(
        request,
        identity="declarations",
        caption=say(f"{_W}.case.declarations", language),
        columns=[
            Column(key="subject", label=say(f"{_W}.column.subject", language), href_key="href"),
            Column(key="value", label=say(f"{_W}.column.value", language), kind="badge"),
            Column(key="day", label=say(f"{_W}.column.declared_on", language), kind="date"),
            Column(key="by", label=say(f"{_W}.column.declared_by", language)),
            Column(key="document", label=say(f"{_W}.column.document", language)),
            Column(key="until", label=say(f"{_W}.column.valid_until", language), kind="date"),
        ],
        rows=[
            {
                "subject": say(f"{_W}.subject.{line.subject}", language),
                "href": reverse("declare_status", args=[one, line.subject]) if line.may else None,
                "value": Badge(text=say(f"{_W}.not_declared", language))
                if line.value is None
                else Badge(
                    text=say(f"{_W}.value.{line.value}", language),
                    tone="good" if line.passes else "bad" if line.value == "unclear" or line.expired else "warning",
                ),
                "day": line.declared_on,
                "by": line.declared_by or "",
                "document": line.document or line.note,
                "until": line.valid_until,
            }
            for line in found.declarations
        ],
        empty=EmptyState(title="", text=""),
    )


def _estimates(request: HttpRequest, found: CaseReport, language: Language) -> Table:
    return table_of(
        request,
        identity="estimates",
        caption=say(f"{_W}.case.estimates", language),
        columns=[
            Column(key="author", label=say(f"{_W}.column.author", language)),
            Column(key="benefit", label=say(f"{_W}.column.benefit", language)),
            Column(key="effort", label=say(f"{_W}.column.effort", language)),
            Column(key="evidence", label=say(f"{_W}.column.evidence", language)),
            Column(key="at", label=say(f"{_W}.column.on", language), kind="date"),
        ],
        rows=[
            {
                "author": say(f"{_W}.case.you", language)
                if line.mine
                else line.author or say(f"{_W}.case.somebody", language),
                "benefit": range_words(line.benefit, language),
                "effort": range_words(line.effort, language),
                "evidence": line.evidence,
                "at": line.estimated_at,
            }
            for line in found.estimates
        ],
        empty=EmptyState(
            title=say(f"{_W}.case.no_estimates.title", language), text=say(f"{_W}.case.no_estimates.text", language)
        ),
    )


def _pilots(found: CaseReport, language: Language) -> list[Component]:
    if not found.pilots:
        return [
            EmptyState(title=say(f"{_W}.case.no_pilot.title", language), text=say(f"{_W}.case.no_pilot.text", language))
        ]
    shown: list[Component] = []
    for line in found.pilots:
        values: list[tuple[str, object]] = [
            ("hypothesis", line.hypothesis),
            ("baseline", line.baseline),
            ("kill_criterion", line.kill_criterion),
            ("starts_on", line.starts_on),
            ("ends_on", line.ends_on),
            ("people", line.people),
            ("pattern", line.pattern),
            ("closed_at", line.closed_at),
        ]
        if line.as_planned is not None:
            said = say(f"{_W}.form.as_planned_{'yes' if line.as_planned else 'not'}", language)
            values += [("as_planned", said), ("why", line.why), ("change", line.change)]
        shown.append(
            Facts(
                pairs=[
                    (say(f"{_W}.fact.{name}", language), Missing.NO_DATA if value in ("", None) else value)
                    for name, value in values
                    if not (name in {"pattern", "closed_at"} and value is None)
                ]
            )
        )
    return shown


def _life(request: HttpRequest, found: CaseReport, language: Language) -> Table:
    return table_of(
        request,
        identity="life",
        caption=say(f"{_W}.case.life", language),
        columns=[
            Column(key="at", label=say(f"{_W}.column.on", language), kind="datetime"),
            Column(key="to", label=say(f"{_W}.column.state", language), kind="badge"),
            Column(key="from", label=say(f"{_W}.column.before", language)),
            Column(key="by", label=say(f"{_W}.column.by", language)),
            Column(key="reason", label=say(f"{_W}.column.reason", language)),
        ],
        rows=[
            {
                "at": line.at,
                "to": state_badge(line.target, language),
                "from": say(f"{_W}.state.{line.source}", language) if line.source else "",
                "by": line.by or "",
                "reason": line.reason
                or ("" if line.pattern is None else say(f"{_W}.case.by_pattern", language, name=line.pattern)),
            }
            for line in found.steps
        ],
        empty=EmptyState(title="", text=""),
    )
