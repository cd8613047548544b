"""A form: fields, help and errors beside each other, and one clear way to send it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.safestring import SafeString

from pegel_web.ui.component import Component


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCard(Component):
    """A Django form, sent by POST to ``action`` (empty: the page itself).

    ``request``: needed only where the card is drawn outside a page; in a page ``{% show %}`` brings the token along.
    ``danger``: what it does cannot be undone.
    """

    form: BaseForm
    submit_label: str
    action: str = ""
    title: str | None = None
    cancel_href: str | None = None
    danger: bool = False
    request: HttpRequest | None = None
    lead: str | None = None

    def html(self, language: str, page: Mapping[str, Any] | None = None) -> SafeString:
        """Return the form as HTML; see :meth:`Component.html`."""
        known = dict(page or {})
        if not known.get("csrf_token") and self.request is not None:
            known["csrf_token"] = get_token(self.request)
        return Component.html(self, language, known)
