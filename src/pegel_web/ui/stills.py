"""Still drawings for browsers without scripts: made only when one asks, since making one takes a tenth of a second.

A page keeps the specification of a chart under a name that only its reader is given; the address of the drawing
carries that name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib import import_module
from typing import Any, Final, TypeVar

from django.core.cache import caches
from django.utils.crypto import salted_hmac

from pegel.charts.palette import COLOURS
from pegel.errors import NotFoundError

T = TypeVar("T", str, bytes)

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
    return svg_of(kept[1], dark=dark)


def svg_of(text: str, *, dark: bool = False) -> str:
    """Return the drawing of a specification as SVG; ``text``: the specification as JSON."""
    drawn = _kept(text, "svg", lambda: str(_renderer().vegalite_to_svg(_fixed(text), show_warnings=False)))
    return _COLOUR.sub(lambda found: _DARK.get(found[0], found[0]), drawn) if dark else drawn


def png_of(text: str) -> bytes:
    """Return the drawing of a specification as PNG, in twice the size of a screen so that it is sharp on paper."""
    return _kept(text, "png", lambda: bytes(_renderer().vegalite_to_png(_fixed(text), scale=2, show_warnings=False)))


def _kept(text: str, form: str, draw: Callable[[], T]) -> T:
    name = f"{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}.{form}"
    found: T | None = caches["charts"].get(name)
    if found is None:
        found = draw()
        caches["charts"].set(name, found)
    return found


def _fixed(text: str) -> dict[str, Any]:
    return {**json.loads(text), "width": _WIDTH}


def _renderer() -> Any:
    return import_module("vl_convert")
