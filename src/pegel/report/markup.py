"""HTML made of elements: text is escaped wherever it comes from, only this file makes markup."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import Final

_VOID: Final = frozenset({"meta", "link", "br", "hr", "col"})


class Markup(str):
    """Text that is HTML already; every other text is escaped when it is put into an element."""

    __slots__ = ()


#: What an element can contain; None is left out.
Content = str | Iterable["str | Markup | None"] | None


def tag(name: str, /, *contents: Content, **attributes: str | bool | None) -> Markup:
    """Return an element. Attribute names: ``class_`` is class, ``data_x`` is data-x; True: without value; None: absent.

    >>> tag("p", "a < b", tag("b", "c"), class_="x")
    '<p class="x">a &lt; b<b>c</b></p>'
    """
    parts = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        parts.append(f" {attribute}" if value is True else f' {attribute}="{escape(value, quote=True)}"')
    opening = f"<{name}{''.join(parts)}>"
    return Markup(opening) if name in _VOID else Markup(f"{opening}{joined(*contents)}</{name}>")


def joined(*contents: Content) -> Markup:
    """Return contents one after the other, escaped where they are not markup."""
    out: list[str] = []
    for content in contents:
        if content is None:
            continue
        if isinstance(content, str):
            out.append(content if isinstance(content, Markup) else escape(content, quote=False))
        else:
            out.extend(joined(one) for one in content)
    return Markup("".join(out))


def json_data(value: object, *, identity: str) -> Markup:
    r"""Return data for a script as an element that no text inside can end.

    >>> json_data({"a": "</script>"}, identity="x")
    '<script type="application/json" id="x">{"a":"\\u003c/script\\u003e"}</script>'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(f'<script type="application/json" id="{escape(identity)}">{text}</script>')


def inline(name: str, text: str) -> Markup:
    """Return a ``style`` or ``script`` element with our own text.

    Raises
    ------
    ValueError: the text could end the element.
    """
    if f"</{name}" in text.lower() or "<!--" in text:
        raise ValueError(name)
    return Markup(f"<{name}>{text}</{name}>")
