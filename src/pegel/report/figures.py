"""A chart on the page: heading, one sentence, the drawing (still, and alive where scripts run), its table."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Final

from pegel.charts.drawing import Drawing, specification
from pegel.charts.palette import COLOURS
from pegel.errors import UserError
from pegel.report.markup import Markup, tag
from pegel.words import Language, say

#: Width of still drawings, over the whole page or half of it; they scale with the page.
_STILL_WIDTH: Final = {True: 720, False: 460}


@dataclass(slots=True)
class Figures:
    """Makes the figures of a page and collects the specifications that its script draws."""

    language: Language
    specifications: dict[str, Any] = field(default_factory=dict)

    def figure(
        self,
        identity: str,
        draw: Callable[[], Drawing] | None,
        *,
        metric: str,
        sentence: str,
        twin: Markup | None,
        note: str | None = None,
        wide: bool = False,
    ) -> Markup:
        """Return a figure; ``draw`` None: nothing to draw, the sentence says why. ``metric``: its definition."""
        drawing = None if draw is None else self._drawing(identity, draw, sentence, wide=wide)
        return tag(
            "figure",
            tag("figcaption", tag("h3", definition_link(metric, self.language)), tag("p", sentence)),
            drawing,
            tag("p", note, class_="quiet") if note and drawing else None,
            twin,
            class_="figure wide" if wide else "figure",
            id=identity,
        )

    def _drawing(self, identity: str, draw: Callable[[], Drawing], sentence: str, *, wide: bool) -> Markup:
        drawn = specification(draw)
        # Two legends of a chart stand below each other, so that they fit on a narrow page; Altair cannot say it.
        drawn["config"]["legend"]["layout"] = {"anchor": "start", "direction": "vertical"}
        self.specifications[identity] = drawn
        return tag(
            "div",
            tag("div", still(drawn, width=_STILL_WIDTH[wide]), class_="still"),
            tag("div", class_="live", id=f"{identity}-live", hidden=True),
            class_="chart",
            role="img",
            aria_label=sentence,
        )


def definition_link(metric: str, language: Language) -> Markup:
    """Return the name of a metric, linked to its definition on the page."""
    name = say(f"metric.{metric}.label", language)
    return tag("a", name, href=f"#define-{metric}", title=say("report.definition_of", language, name=name))


def still(specification: dict[str, Any], *, width: int) -> Markup:
    """Return a drawing as SVG, made here; it needs no script and prints well."""
    text: str = _vega().vegalite_to_svg({**specification, "width": width}, show_warnings=False)
    sized = re.sub(
        r'(<svg[^>]*?) width="[\d.]+" height="[\d.]+"', r'\1 aria-hidden="true" focusable="false"', text, count=1
    )
    return Markup(sized)


@cache
def vega_bundle() -> str:
    """Return Vega, Vega-Lite, Vega-Embed and the expression interpreter as one script."""
    text: str = _vega().javascript_bundle()
    return text


def recolouring() -> str:
    """Return the style rules that give drawings, made for a light page, the colours of a dark one."""
    return "".join(
        f'.chart [fill="{light}"]{{fill:{dark}}}.chart [stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in COLOURS.values()
    )


def _vega() -> Any:
    try:
        return import_module("vl_convert")
    except ImportError:
        raise UserError("extra_missing", extra="report") from None
