"""The mail itself: words of the person, links into this installation, nothing that could become a header."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from pegel.words import LANGUAGES, Language, say
from pegel_web.notifications.digests.registry import DigestLine, Mailbox
from pegel_web.notifications.mail.settings import MailServer
from pegel_web.notifications.place import MailPlace

#: Things that one mail lists at most; the page has the others.
MOST_LISTED: Final = 50
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPart:
    """What one source has to say. ``new``: not told before; ``still``: how many things told before go on."""

    name: str
    url_name: str
    new: tuple[DigestLine, ...]
    still: int


def digest_message(
    parts: Sequence[DigestPart], mailbox: Mailbox, *, number: UUID, at: datetime, place: MailPlace, server: MailServer
) -> EmailMultiAlternatives:
    """Return the mail that tells of some parts, as plain text and as HTML."""
    language = _language(mailbox)
    n = sum(len(part.new) for part in parts)
    page = {
        "language": language,
        "title": say("notifications.digest.subject", language, n=n),
        "lead": say("notifications.digest.mail_lead", language),
        "parts": [_part(part, language, place.origin) for part in parts if part.new],
        "why": say("notifications.digest.mail_why", language),
        "stop": say("notifications.digest.mail_stop", language),
        "settings": f"{place.origin}{reverse('own_digest')}",
    }
    return _message(page, "digest", mailbox, number=number, at=at, place=place, server=server)


def check_message(
    mailbox: Mailbox, *, number: UUID, at: datetime, place: MailPlace, server: MailServer
) -> EmailMultiAlternatives:
    """Return a mail that says nothing but that it arrived."""
    language = _language(mailbox)
    page = {
        "language": language,
        "title": say("notifications.mail.test_subject", language),
        "lead": say("notifications.mail.test_lead", language, origin=place.origin),
        "parts": (),
    }
    return _message(page, "digest", mailbox, number=number, at=at, place=place, server=server)


def one_line(text: str) -> str:
    """Return a text without line breaks, without signs that nobody sees or that turn the line around, and not too long.

    >>> one_line("Claims\\r\\nBcc: all@example.org \\u202e x")
    'Claims Bcc: all@example.org x'
    """
    seen = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return seen if len(seen) <= _LONGEST else f"{seen[: _LONGEST - 1]}…"


def _message(
    page: dict[str, Any],
    template: str,
    mailbox: Mailbox,
    *,
    number: UUID,
    at: datetime,
    place: MailPlace,
    server: MailServer,
) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=one_line(str(page["title"])),
        body=render_to_string(f"notifications/{template}.txt", page),
        from_email=f"Pegel <{server.sender}>",
        to=[mailbox.address],
        headers={
            # Made from the number, so that a message that was taken twice can be seen to be one.
            "Message-ID": f"<{number}@{server.sender.rsplit('@', 1)[1]}>",
            "Date": format_datetime(at),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{place.origin}{reverse('own_digest')}>",
            "Content-Language": str(page["language"]),
        },
    )
    message.attach_alternative(render_to_string(f"notifications/{template}.html", page), "text/html")
    return message


def _part(part: DigestPart, language: Language, origin: str) -> dict[str, Any]:
    listed = part.new[:MOST_LISTED]
    more, address = len(part.new) - len(listed), f"{origin}{reverse(part.url_name)}"
    return {
        "title": say(f"notifications.digest.source.{part.name}", language),
        "address": address,
        "groups": [
            {
                "name": one_line(name),
                "address": f"{origin}{path}",
                "lines": [{"text": one_line(one.text), "address": f"{origin}{one.path}"} for one in lines],
            }
            for (name, path), lines in groupby(listed, key=lambda one: (one.group, one.group_path))
        ],
        "more": say("notifications.digest.mail_more", language, n=more) if more else "",
        "still": say("notifications.digest.mail_still", language, n=part.still) if part.still else "",
        "all": say("notifications.digest.mail_all", language),
    }


def _language(mailbox: Mailbox) -> Language:
    return mailbox.language if mailbox.language in LANGUAGES else "de"
