"""A component: a frozen dataclass and the template of the same name. Pages show components; nothing else makes HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString


class Component:
    """What a page is made of.

    A subclass is a frozen dataclass; ``EmptyState`` is drawn by ``ui/empty_state.html``, which knows it as ``it``.
    """

    __slots__ = ()

    def html(self, language: str, page: Mapping[str, Any] | None = None) -> SafeString:
        """Return the component as HTML in a language.

        ``page``: what it needs to know of the page around it (``csrf_token``, ``request``, ``theme``), as
        ``{% show %}`` hands it on.
        """
        known = {} if page is None else dict(page)
        return render_to_string(_template_of(type(self).__name__), {**known, "it": self, "language": language})


@cache
def _template_of(name: str) -> str:
    return f"ui/{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', name).lower()}.html"
