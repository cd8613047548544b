"""What the pages of digests and of the mail server are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from pegel.words import say
from pegel_web.notifications.digests.contracts import DigestDay, DigestReport, MailReport, OwnDigest
from pegel_web.notifications.forms import DigestForm
from pegel_web.ui.components import (
    Action,
    Badge,
    Column,
    EmptyState,
    Facts,
    FormCard,
    Notice,
    PageHeader,
    Table,
    Tone,
    table_of,
)
from pegel_web.ui.worded import language_now

_TONES: Final[Mapping[str, Tone]] = {
    "waiting": "neutral", "sending": "neutral", "sent": "good", "nothing": "neutral", "unclear": "warning",
    "given_up": "bad",
}  # fmt: skip


def own_digest_page(request: HttpRequest, found: OwnDigest, form: DigestForm) -> dict[str, Any]:
    """Return the context of a person's own choice."""
    language = language_now()
    title = say("notifications.digest.title", language)
    return {
        "title": title,
        "header": PageHeader(title=title, lead=say("notifications.digest.lead", language)),
        "parts": (
            _own_notice(found),
            Facts(
                pairs=(
                    (
                        say("notifications.digest.goes_to", language),
                        found.address or say("notifications.digest.no_address", language),
                    ),
                    (
                        say("notifications.digest.next", language),
                        found.next_at or say("notifications.digest.no_next", language),
                    ),
                )
            ),
            FormCard(form=form, submit_label=say("notifications.digest.save", language)),
        ),
        "table": _own_table(request, found),
    }


def mail_page(request: HttpRequest, found: MailReport) -> dict[str, Any]:
    """Return the context of the page about the mail server."""
    language = language_now()
    title = say("notifications.mail.title", language)
    test = Action(
        label=say("notifications.mail.test", language), href=reverse("ask_for_test_mail"), kind="primary", method="post"
    )
    return {
        "title": title,
        "header": PageHeader(
            title=title,
            lead=say("notifications.mail.lead", language),
            actions=(test,) if found.may_test else (),
        ),
        "parts": (_mail_notice(found), Facts(pairs=_mail_facts(found))),
        "table": _days_table(request, found),
    }


def _own_notice(found: OwnDigest) -> Notice | None:
    if not found.configured:
        return Notice(kind="info", text=say("notifications.digest.not_configured", language_now()))
    if found.address is None:
        return Notice(kind="warning", text=say("notifications.digest.without_address", language_now()))
    return None


def _mail_notice(found: MailReport) -> Notice | None:
    if found.host is None:
        return Notice(kind="info", text=say("notifications.mail.not_configured", language_now()))
    untaken = sum(one.digests for one in found.days if one.state in ("given_up", "unclear"))
    if untaken:
        return Notice(kind="bad", text=say("notifications.mail.untaken", language_now(), n=untaken))
    return None


def _mail_facts(found: MailReport) -> tuple[tuple[str, object], ...]:
    language = language_now()
    people: tuple[tuple[str, object], ...] = (
        (say("notifications.mail.daily", language), str(found.daily)),
        (say("notifications.mail.weekly", language), str(found.weekly)),
    )
    if found.host is None:
        return people
    sign_in = "signs_in" if found.signs_in else "signs_not_in"
    return (
        (say("notifications.mail.host", language), f"{found.host}:{found.port}"),
        (
            say("notifications.mail.encryption", language),
            say(f"notifications.mail.security.{found.security}", language),
        ),
        (say("notifications.mail.sign_in", language), say(f"notifications.mail.{sign_in}", language)),
        (say("notifications.mail.sender", language), found.sender),
        *people,
    )


def _own_table(request: HttpRequest, found: OwnDigest) -> Table:
    language = language_now()
    return table_of(
        request,
        identity="digests",
        caption=say("notifications.digest.caption", language),
        columns=(
            Column(key="day", label=say("notifications.digest.column.day", language), kind="date"),
            Column(key="state", label=say("notifications.digest.column.state", language), kind="badge"),
            Column(key="count", label=say("notifications.digest.column.count", language), kind="number"),
            Column(key="problem", label=say("notifications.digest.column.problem", language)),
            Column(key="tried_at", label=say("notifications.digest.column.tried_at", language), kind="datetime"),
            Column(key="next_at", label=say("notifications.digest.column.next_at", language), kind="datetime"),
        ),
        rows=[_own_row(one) for one in found.digests],
        empty=EmptyState(
            title=say("notifications.digest.none_title", language), text=say("notifications.digest.none_text", language)
        ),
    )


def _own_row(one: DigestReport) -> dict[str, object]:
    return {
        "day": one.day,
        "state": _badge(one.state),
        "count": one.count,
        "problem": _problem(one.problem),
        "tried_at": one.tried_at,
        "next_at": one.next_at,
    }


def _days_table(request: HttpRequest, found: MailReport) -> Table:
    language = language_now()
    return table_of(
        request,
        identity="days",
        caption=say("notifications.mail.caption", language),
        columns=(
            Column(key="day", label=say("notifications.digest.column.day", language), kind="date"),
            Column(key="state", label=say("notifications.digest.column.state", language), kind="badge"),
            Column(key="problem", label=say("notifications.digest.column.problem", language)),
            Column(key="digests", label=say("notifications.digest.column.digests", language), kind="number"),
        ),
        rows=[_day_row(one) for one in found.days],
        empty=EmptyState(
            title=say("notifications.mail.none_title", language), text=say("notifications.mail.none_text", language)
        ),
    )


def _day_row(one: DigestDay) -> dict[str, object]:
    return {"day": one.day, "state": _badge(one.state), "problem": _problem(one.problem), "digests": one.digests}


def _badge(state: str) -> Badge:
    return Badge(text=say(f"notifications.digest.state.{state}", language_now()), tone=_TONES[state])


def _problem(code: str) -> str:
    return say(f"notifications.mail.problem.{code}", language_now()) if code else ""
