"""Colours for light and dark pages.

The categorical ones keep apart for the common kinds of colour blindness (after Okabe & Ito, *Color Universal Design*,
2008, darkened or lightened to a contrast of at least 3 to 1 with the page); none is ever the only sign.
"""

from __future__ import annotations

from typing import Final, Literal

Mode = Literal["light", "dark"]

#: Role → colour on a light and on a dark page. Every light colour is unique, so that a drawing can be recoloured.
COLOURS: Final[dict[str, tuple[str, str]]] = {
    "paper": ("#fefefe", "#14191f"),
    "ink": ("#1c2630", "#e6ebf0"),
    "muted": ("#55616d", "#a3afba"),
    "line": ("#c9d0d7", "#3c4751"),
    "grid": ("#e6eaee", "#262f38"),
    "accent": ("#12608f", "#6fb7e6"),
    "warning": ("#b8470f", "#ff9a5c"),
    "band_inner": ("#d3e6dc", "#27503f"),
    "band_outer": ("#f3e6bd", "#55481f"),
    # categories of states
    "new": ("#7f8b97", "#8d99a5"),
    "waiting": ("#c4580a", "#f0954a"),
    "active": ("#1f72a8", "#62aee0"),
    "done": ("#2c8468", "#55b795"),
    "cancelled": ("#9a6b8e", "#c195b6"),
    "ignored": ("#a59f94", "#8b857b"),
    "unmapped": ("#8a8a63", "#b3b386"),
    # kinds of work
    "feature": ("#2070a6", "#5fabde"),
    "defect": ("#c8500b", "#f28f44"),
    "risk": ("#a37a05", "#dcb445"),
    "debt": ("#7a5a9e", "#b294d6"),
    "unmapped_kind": ("#808d98", "#8f9ba6"),
}


def colour(role: str, mode: Mode) -> str:
    """Return the colour of a role."""
    return COLOURS[role][mode == "dark"]


def kind_role(kind: str) -> str:
    """Return the role of a kind of work."""
    return "unmapped_kind" if kind == "unmapped" else kind
