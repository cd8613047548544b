"""Marks of events over a drawing that is made already: dashed lines with a number at the top."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pegel.charts.drawing import Row, altair, millis, specification, time_axis, values
from pegel.charts.palette import colour
from pegel.eventlog.schema import DAY_US
from pegel.words import Language, say
from pegel.words.dates import day_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An event: when, the sign that stands for it in a table beside the drawing, and what happened."""

    at_us: int
    sign: str
    text: str


def with_marks(specification: Mapping[str, Any], marks: Sequence[Mark], language: Language) -> dict[str, Any]:
    """Return a layered drawing over time with those marks that lie in the time it shows; events of a day share a line.

    ``specification``: of a drawing whose moments stand in the field ``at``. It is not changed.

    >>> drawn = {"layer": [{"data": {"values": [{"at": 0}, {"at": 864000000}]}}]}
    >>> len(with_marks(drawn, [Mark(at_us=86400000000, sign="1", text="New rule")], "en")["layer"])
    3
    >>> len(with_marks(drawn, [Mark(at_us=-86400000000, sign="1", text="Before")], "en")["layer"])
    1
    """
    made = copy.deepcopy(dict(specification))
    moments = list(_moments(made))
    # A week is drawn at its first day: what happened in the last one lies up to six days behind it.
    last = max(moments, default=0) + millis(6 * DAY_US)
    shown = [one for one in marks if moments and min(moments) <= millis(one.at_us) <= last]
    if not shown:
        return made
    made["layer"] = [*made["layer"], *_layers(shown, language)]
    return made


def _layers(marks: Iterable[Mark], language: Language) -> list[dict[str, Any]]:
    alt = altair()
    by_day: dict[int, list[Mark]] = {}
    for one in marks:
        by_day.setdefault(one.at_us, []).append(one)
    rows: list[Row] = [
        {
            "at": millis(at_us),
            "day": day_text(at_us, language),
            "sign": ", ".join(one.sign for one in mine),
            "event": "; ".join(one.text for one in mine),
        }
        for at_us, mine in sorted(by_day.items())
    ]
    tooltip = [
        alt.Tooltip("day:N", title=say("column.day", language)),
        alt.Tooltip("event:N", title=say("legend.event", language)),
    ]
    base = alt.Chart(values(rows)).encode(x=time_axis(), tooltip=tooltip)
    line = base.mark_rule(color=colour("ink", "light"), strokeDash=[6, 2, 1, 2], strokeWidth=1)
    sign = base.mark_text(baseline="top", align="left", dx=3, fontWeight="bold", color=colour("ink", "light"))
    layers = [specification(lambda: line), specification(lambda: sign.encode(text=alt.Text("sign:N"), y=alt.value(0)))]
    return [{key: layer[key] for key in ("data", "mark", "encoding")} for layer in layers]


def _moments(specification: Mapping[str, Any]) -> Iterable[int]:
    for layer in specification.get("layer", ()):
        for row in layer.get("data", {}).get("values", ()):
            if isinstance(row.get("at"), int):
                yield row["at"]
