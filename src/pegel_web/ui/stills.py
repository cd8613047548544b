"""Still drawings for browsers without scripts: made only when one asks, since making one takes a tenth of a second.

A page keeps the specification of a chart under a name that only its reader is given; the address of the drawing
carries that name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from django.core.cache import caches
from django.utils.crypto import salted_hmac

from pegel.charts.palette import COLOURS
from pegel.errors import NotFoundError

_WIDTH: Final = 760
_DARK: Final = dict(COLOURS.values())
_COLOUR: Final = re.compile(r'(?<=(?:fill|roke)=")#[0-9a-f]{6}(?=")')


def keep_specification(specification: Mapping[str, Any], *, reader: str) -> str:
    """Keep a specification for its reader and return its name."""
    text = json.dumps(specification)
    name = salted_hmac("pegel_web.ui.stills", f"{reader}\n{text}", algorithm="sha256").hexdigest()
    if not caches["charts"].has_key(name):
        caches["charts"].set(name, (reader, text))
    return name


def still(name: str, *, reader: str, dark: bool) -> str:
    """Return a drawing as SVG.

    Raises
    ------
    NotFoundError: ``still_unknown``: of another reader, or drawn too long ago.
    """
    kept = caches["charts"].get(name)
    if not isinstance(kept, tuple) or kept[0] != reader:
        raise NotFoundError("still_unknown")
    drawn: str | None = caches["charts"].get(f"{name}.svg")
    if drawn is None:
        specification = {**json.loads(kept[1]), "width": _WIDTH}
        drawn = str(import_module("vl_convert").vegalite_to_svg(specification, show_warnings=False))
        caches["charts"].set(f"{name}.svg", drawn)
    return _COLOUR.sub(lambda found: _DARK.get(found[0], found[0]), drawn) if dark else drawn
