"""Works-council mode and group floor: what holds, what is proposed, what was decided."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pegel.words import say
from pegel_web.core.entry import acting
from pegel_web.privacy import queries, services
from pegel_web.privacy.contracts import RuleProposal, RulesReport
from pegel_web.privacy.forms import FloorForm, ModeForm
from pegel_web.privacy.views.entry import answered, privacy_tabs, status_of
from pegel_web.privacy.views.law import law
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Facts,
    FormCard,
    Notice,
    PageHeader,
    Tone,
    exported,
    table_of,
)
from pegel_web.ui.worded import language_now, worded

_TONES: dict[str, Tone] = {"open": "info", "confirmed": "good"}


@require_safe
def rules_report(request: HttpRequest) -> HttpResponse:
    """Show what holds and what is proposed."""
    found = queries.rules_report(actor=acting(request))
    table = table_of(
        request,
        identity="changes",
        caption=str(worded("privacy.rules.changes")),
        columns=[
            Column(key="at", label=str(worded("privacy.rules.proposed_at")), kind="datetime"),
            Column(key="change", label=str(worded("privacy.rules.change"))),
            Column(key="reason", label=str(worded("privacy.form.reason"))),
            Column(key="by", label=str(worded("privacy.rules.proposed_by"))),
            Column(key="outcome", label=str(worded("privacy.rules.outcome")), kind="badge"),
            Column(key="decided_by", label=str(worded("privacy.rules.decided_by"))),
            Column(key="decided_at", label=str(worded("privacy.rules.decided_at")), kind="datetime"),
        ],
        rows=[_row(one) for one in found.proposals],
        empty=EmptyState(
            title=str(worded("privacy.rules.no_changes")), text=str(worded("privacy.rules.no_changes_text"))
        ),
    )
    if (file := exported(request, table)) is not None:
        return file
    proposals = [one for one in found.proposals if one.outcome == "open"]
    page = {
        "header": PageHeader(
            title=worded("privacy.rules.title"), lead=worded("privacy.rules.lead"), actions=_actions(found)
        ),
        "tabs": privacy_tabs(request),
        "notices": _notices(found),
        "facts": _facts(found),
        "proposals": [(one, _said(one), _confirmer(one.confirmer_role), _proposal_actions(one)) for one in proposals],
        "confirmer": _confirmer(found.confirmer_role),
        "tables": [table],
        "law": law("co_determination", "works_council_watches", "by_design", "minimisation"),
    }
    return render(request, "privacy/rules.html", page)


@require_http_methods(["GET", "POST"])
def propose_rule_change(request: HttpRequest, *, rule: str) -> HttpResponse:
    """Propose another mode or another floor."""
    if rule not in {"works_council_mode", "group_floor"}:
        raise Http404
    actor = acting(request)
    actor.require("privacy.settings.change")
    found = queries.rules_report(actor=actor)
    form: forms.Form
    if rule == "group_floor":
        form, kind = FloorForm(request.POST or None, initial={"value": found.set_floor}), "floor"
    else:
        kind = "off" if found.rules.works_council_mode else "on"
        form = ModeForm(request.POST or None, initial={"value": int(kind == "on")})
    if (
        request.method == "POST"
        and (made := answered(form, services.propose_rule_change, actor=actor, rule=rule)) is not None
    ):
        code = "privacy.rules.protected" if made.outcome == "confirmed" else "privacy.rules.waiting"
        messages.success(request, worded(code))
        return redirect("privacy_rules")
    title, back = worded(f"privacy.rules.propose_{kind}"), reverse("privacy_rules")
    page = {
        "header": PageHeader(
            title=title,
            lead=worded(f"privacy.rules.propose_{kind}_lead"),
            breadcrumbs=[(worded("privacy.rules.title"), back), (title, None)],
        ),
        "parts": [FormCard(form=form, submit_label=title, cancel_href=back, danger=kind == "off")],
    }
    return render(request, "privacy/parts.html", page, status=status_of(form))


@require_POST
def confirm_rule_change(request: HttpRequest, *, proposal_id: UUID) -> HttpResponse:
    """Confirm what somebody else proposed."""
    services.confirm_rule_change(actor=acting(request), proposal_id=proposal_id)
    messages.success(request, worded("privacy.rules.now_holds"))
    return redirect("privacy_rules")


@require_POST
def end_proposal(request: HttpRequest, *, proposal_id: UUID) -> HttpResponse:
    """Withdraw or refuse a proposal."""
    ended = services.end_proposal(actor=acting(request), proposal_id=proposal_id)
    messages.success(request, worded(f"privacy.rules.ended_{ended.outcome}"))
    return redirect("privacy_rules")


def _notices(found: RulesReport) -> list[Notice]:
    on = found.rules.works_council_mode
    code = "privacy.rules.is_on" if on else "privacy.rules.is_off"
    return [
        Notice(
            kind="good" if on else "warning",
            title=str(worded(code)),
            text=str(worded(f"{code}_text", n=found.rules.group_floor)),
        )
    ]


def _facts(found: RulesReport) -> Facts:
    held, always = found.rules, str(worded("privacy.rules.since_installation"))
    mode = Badge(
        text=str(worded("privacy.rules.state_on" if held.works_council_mode else "privacy.rules.state_off")),
        tone="good" if held.works_council_mode else "warning",
    )
    pseudonyms = worded("privacy.rules.pseudonyms_on" if held.pseudonyms else "privacy.rules.pseudonyms_off")
    return Facts(
        pairs=[
            (str(worded("privacy.rules.mode")), mode),
            (str(worded("privacy.rules.mode_since")), found.mode_since or always),
            (str(worded("privacy.rules.pseudonyms")), str(pseudonyms)),
            (str(worded("privacy.rules.floor")), say("privacy.rules.floor_people", language_now(), n=held.group_floor)),
            (str(worded("privacy.rules.floor_since")), found.floor_since or always),
            (str(worded("privacy.rules.figures")), str(worded("privacy.rules.figures_never"))),
        ]
    )


def _actions(found: RulesReport) -> list[Action]:
    if not found.may_propose:
        return []
    on = found.rules.works_council_mode
    return [
        Action(
            label=str(worded("privacy.rules.propose_off" if on else "privacy.rules.propose_on")),
            href=reverse("propose_rule_change", args=["works_council_mode"]),
            kind="secondary" if on else "primary",
        ),
        Action(
            label=str(worded("privacy.rules.propose_floor")), href=reverse("propose_rule_change", args=["group_floor"])
        ),
    ]


def _confirmer(role: str) -> str:
    if not role:
        return str(worded("privacy.rules.nobody_confirms"))
    return say("privacy.rules.who_confirms", language_now(), role=str(worded(f"role.{role}")))


def _said(one: RuleProposal) -> str:
    code = "floor_to" if one.rule == "group_floor" else "mode_on" if one.value else "mode_off"
    return say(f"privacy.rules.{code}", language_now(), n=one.value)


def _row(one: RuleProposal) -> dict[str, object]:
    forgotten = str(worded("privacy.audit.who_forgotten"))
    return {
        "at": one.proposed_at,
        "change": _said(one),
        "reason": one.reason,
        "by": one.proposed_by or forgotten,
        "outcome": Badge(
            text=str(worded(f"privacy.rules.outcome_{one.outcome}")), tone=_TONES.get(one.outcome, "neutral")
        ),
        "decided_by": None if one.decided_by is None else one.decided_by or forgotten,
        "decided_at": one.decided_at,
    }


def _proposal_actions(one: RuleProposal) -> list[Action]:
    found = []
    if one.may_confirm:
        label, href = worded("privacy.rules.confirm"), reverse("confirm_rule_change", args=[one.proposal_id])
        found.append(Action(label=str(label), href=href, kind="danger", method="post"))
    code = "privacy.rules.withdraw" if one.mine else "privacy.rules.refuse"
    found.append(Action(label=str(worded(code)), href=reverse("end_proposal", args=[one.proposal_id]), method="post"))
    return found
