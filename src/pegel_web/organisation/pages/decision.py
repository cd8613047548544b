"""One question of the decision log, with what the reader may do about it."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.urls import reverse

from pegel.words import Language, say
from pegel_web.organisation.contracts.decisions import DecisionRecord, DecisionState
from pegel_web.organisation.pages.decision_words import level_words, outcome_badge, who_decides
from pegel_web.organisation.pages.shared import risk_words
from pegel_web.ui.components import Facts, FormCard, Notice, PageHeader
from pegel_web.ui.values import money, written
from pegel_web.ui.worded import language_now

_W: Final = "organisation.decisions"


def decision_page(found: DecisionRecord, *, answer: forms.Form, withdraw: forms.Form) -> dict[str, Any]:
    """Return one question with what the reader may do about it."""
    language = language_now()
    notices = []
    if found.nobody_may:
        notices.append(Notice(kind="warning", text=say(f"{_W}.nobody_may", language)))
    elif found.state is DecisionState.OPEN and not found.may_take:
        notices.append(Notice(kind="info", text=say(f"{_W}.waits_for", language, names=list(found.deciders))))
    if found.above_its_level:
        notices.append(
            Notice(
                kind="info",
                text=say(
                    f"{_W}.decided_above",
                    language,
                    level=say(f"organisation.level.{found.level}", language),
                    routed=say(f"organisation.level.{found.routed_level}", language),
                ),
            )
        )
    parts = [
        ("options", found.options),
        ("question", found.question),
        ("conditions", found.conditions),
        ("reason", found.reason),
    ]
    cards = []
    here = reverse("decision", args=[found.decision_id])
    if found.may_take:
        cards.append(
            FormCard(
                form=answer,
                title=say(f"{_W}.decide", language),
                submit_label=say(f"{_W}.decide", language),
                action=f"{here}take/",
            )
        )
    if found.may_withdraw:
        cards.append(
            FormCard(
                form=withdraw,
                title=say(f"{_W}.withdraw", language),
                submit_label=say(f"{_W}.withdraw", language),
                action=f"{here}withdraw/",
                danger=True,
            )
        )
    return {
        "header": PageHeader(
            title=found.title, breadcrumbs=[(say(f"{_W}.title", language), reverse("decisions")), (found.title, None)]
        ),
        "notices": notices,
        "facts": _facts(found, language),
        "texts": [(say(f"{_W}.form.{name}", language), text) for name, text in parts if text],
        "forms": cards,
    }


def _facts(one: DecisionRecord, language: Language) -> Facts:
    pairs: list[tuple[str, object]] = [
        (say("organisation.word.state", language), outcome_badge(one, language)),
        (say(f"{_W}.column.asked_by", language), one.asked_by_unit_name),
        (
            say(f"{_W}.raised_by", language),
            one.raised_by_name or say(f"{_W}.not_named", language),
        ),
        (say(f"{_W}.column.raised", language), one.raised_at),
        (
            say(f"{_W}.column.amount", language),
            say("organisation.risk.unknown", language) if one.amount is None else money(one.amount, language),
        ),
        (say(f"{_W}.column.risk", language), risk_words(one.risk, language, none="organisation.risk.unknown")),
        (
            say(f"{_W}.waits_at" if one.state is DecisionState.OPEN else f"{_W}.decided_at_level", language),
            level_words(one, language),
        ),
    ]
    if one.state is DecisionState.OPEN:
        pairs.append((say(f"{_W}.may_decide", language), who_decides(one, language)))
    else:
        pairs.append(
            (say(f"{_W}.column.who", language), who_decides(one, language) or say(f"{_W}.not_named", language))
        )
        pairs.append((say(f"{_W}.decided_at", language), one.decided_at))
    pairs.append((say(f"{_W}.column.days", language), written(one.days, "days", language)))
    if one.review_date is not None:
        pairs.append((say(f"{_W}.column.review", language), one.review_date))
    return Facts(pairs=pairs)
