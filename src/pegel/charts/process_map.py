"""The ways of the work as a map: the main path from left to right, side paths below it, arrows by how often.

Pure: it lays out, whoever shows it draws. A browser needs no script for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from textwrap import wrap
from typing import Any, Final

from pegel.words import Language, say
from pegel.words.durations import duration
from pegel.words.names import state_name, term
from pegel.words.numbers import number

#: States and steps drawn, the most frequent; the table has all. The main path is always drawn.
MOST_STATES: Final = 20
MOST_STEPS: Final = 28
BOX_WIDTH: Final = 132
BOX_HEIGHT: Final = 80
_GAP: Final = 92
_LANE: Final = 144
_PITCH: Final = BOX_WIDTH + _GAP
_MARGIN: Final = 12
_PHASES: Final = 26
_THINNEST, _THICKEST = 1.5, 9.0
_LETTERS: Final = 15
_LETTER: Final = 6.6
_LINES: Final = 3
_LINE: Final = 15
#: How far an arc above the main path rises, and how much more for each further state that it passes.
_RISE, _MORE = 34, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text, ``y`` from the top of its box."""

    text: str
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A state at a place: ``lines`` of its name, ``note``: its category and items; ``full``: its whole name."""

    state: str
    full: str
    lines: tuple[Line, ...]
    note: str
    category: str
    x: float
    y: float
    main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """A step: ``path`` as an SVG path, ``width`` by how often, ``full``: the step in a sentence.

    ``label`` stands at (x, y); where there is a ``time`` of its own, above and below the arrow.
    """

    path: str
    width: float
    label: str
    time: str
    full: str
    x: float
    y: float
    above: float
    below: float
    back: bool
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSpan:
    """Where a phase of the main path begins and ends."""

    name: str
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessMap:
    """A map of ``width`` × ``height`` points. ``states_left_out``, ``steps_left_out``: how many are not drawn.

    Every box is ``box_width`` × ``box_height``; its note stands at ``note_y``.
    """

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    phases: tuple[PhaseSpan, ...]
    states_left_out: int
    steps_left_out: int
    reading: str
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT
    note_y: int = BOX_HEIGHT - 8


def process_map(
    states: Sequence[Mapping[str, Any]],
    steps: Sequence[Mapping[str, Any]],
    main: Sequence[str],
    language: Language,
    *,
    unit: str = "days",
) -> ProcessMap:
    """Lay out a map.

    Parameters
    ----------
    states, steps: rows with the columns of ``flow.variants.Variants``; states in their order.
    main: the states of the most frequent variant.
    """
    path = list(dict.fromkeys(main))
    order = {row["state"]: place for place, row in enumerate(states)}
    touched = {name for row in steps for name in (row["from_state"], row["to_state"])} | set(path)
    known = [row for row in states if row["state"] in touched]
    side = sorted((row for row in known if row["state"] not in path), key=lambda row: (-row["items"], row["state"]))
    kept = {*path, *(row["state"] for row in side[: max(0, MOST_STATES - len(path))])}
    shown = {row["state"]: row for row in known if row["state"] in kept}
    drawn = _drawn_steps(steps, path, kept)
    columns, lanes = _places(shown, path, order)
    rise = _highest(drawn, columns, lanes)
    top = _MARGIN + (_PHASES if any(shown[one]["phase"] for one in path if one in shown) else 0) + rise
    corners = {name: (_MARGIN + columns[name] * _PITCH, top + lanes[name] * _LANE) for name in shown}
    boxes = tuple(
        _box(row, corners[name], language, main=name in path) for name, row in shown.items() if name in corners
    )
    labels: list[tuple[float, float, float, float]] = [
        (x, y, x + BOX_WIDTH, y + BOX_HEIGHT) for x, y in corners.values()
    ]
    most = max((row["moves"] for row in drawn), default=1)
    arrows = tuple(_arrow(row, shown, corners, lanes, labels, most, language, unit) for row in drawn)
    lowest = max((box[3] for box in labels), default=float(top))
    return ProcessMap(
        width=_MARGIN * 2 + BOX_WIDTH + _PITCH * max(columns.values(), default=0),
        height=lowest + _MARGIN,
        boxes=boxes,
        arrows=arrows,
        phases=_phases([one for one in path if one in shown], shown, columns, language),
        states_left_out=len(known) - len(shown),
        steps_left_out=len(steps) - len(drawn),
        reading=say("variants.reading", language),
    )


def _drawn_steps(steps: Sequence[Mapping[str, Any]], path: Sequence[str], kept: set[str]) -> list[Mapping[str, Any]]:
    """Return the most frequent steps between drawn states, those of the main path always, the rarest first."""
    main = set(pairwise(path))
    among = [row for row in steps if row["from_state"] in kept and row["to_state"] in kept]
    ranked = sorted(
        among,
        key=lambda row: (
            (row["from_state"], row["to_state"]) not in main, -row["moves"], row["from_state"], row["to_state"]
        ),
    )  # fmt: skip
    return list(reversed(ranked[:MOST_STEPS]))


def _places(
    shown: Mapping[str, Mapping[str, Any]], path: Sequence[str], order: Mapping[str, int]
) -> tuple[dict[str, float], dict[str, int]]:
    """Return column and lane of each state: side paths stand between the states they usually come between.

    A state stands within its phase, where the main path has that phase.
    """
    columns: dict[str, float] = {name: float(place) for place, name in enumerate(path)}
    lanes = dict.fromkeys(path, 0)
    by_phase: dict[str, list[int]] = {}
    for place, name in enumerate(path):
        if name in shown and shown[name]["phase"]:
            by_phase.setdefault(shown[name]["phase"], []).append(place)
    for name in sorted((one for one in shown if one not in lanes), key=lambda one: order[one]):
        column = sum(order.get(one, 0) < order[name] for one in path) - 0.5
        within = by_phase.get(shown[name]["phase"] or "")
        if within:
            column = min(max(column, within[0] - 0.5), within[-1] + 0.5)
        column, lane = _free_place(column, len(path), columns, lanes)
        columns[name], lanes[name] = column, lane
    least = min(columns.values(), default=0.0)
    return {name: column - least for name, column in columns.items()}, lanes


def _free_place(
    wanted: float, states: int, columns: Mapping[str, float], lanes: Mapping[str, int]
) -> tuple[float, int]:
    """Return the nearest free place below the main path: a little aside before a lane further down."""
    lane = 1
    while True:
        for aside in (0, 1, -1):
            column = wanted + aside
            inside = -0.5 <= column <= states - 0.5
            taken = any(abs(columns[one] - column) < 1 for one, its in lanes.items() if its == lane)
            if inside and not taken:
                return column, lane
        lane += 1


def _highest(drawn: Sequence[Mapping[str, Any]], columns: Mapping[str, float], lanes: Mapping[str, int]) -> float:
    spans = [
        (
            abs(columns[row["to_state"]] - columns[row["from_state"]]),
            columns[row["to_state"]] < columns[row["from_state"]],
        )
        for row in drawn
        if lanes[row["from_state"]] == lanes[row["to_state"]] == 0
    ]
    return max((_rise(span, back=back) for span, back in spans if back or span > 1), default=0) + _LINE


def _rise(span: float, *, back: bool) -> float:
    return _RISE + _MORE * (span - 1) + (_LINE if back else 0)


def _box(row: Mapping[str, Any], corner: tuple[float, float], language: Language, *, main: bool) -> Box:
    full = state_name(row["state"], language)
    lines = wrap(" ".join(full.split()), _LETTERS) or ["–"]
    if len(lines) > _LINES:  # names often differ in their last words
        lines = [f"{lines[0]}…", *lines[1 - _LINES :]]
    category = term("category", row["category"], language)
    return Box(
        state=row["state"],
        full=full,
        lines=tuple(Line(text=line, y=18 + _LINE * place) for place, line in enumerate(lines)),
        note=f"{category} · {number(row['items'], language)}",
        category=row["category"],
        x=corner[0],
        y=corner[1],
        main=main,
    )


def _arrow(
    row: Mapping[str, Any],
    shown: Mapping[str, Mapping[str, Any]],
    corners: Mapping[str, tuple[float, float]],
    lanes: Mapping[str, int],
    labels: list[tuple[float, float, float, float]],
    most: int,
    language: Language,
    unit: str,
) -> Arrow:
    one, other = row["from_state"], row["to_state"]
    points = _points(corners[one], corners[other], lanes[one], lanes[other])
    time = "" if row["p50"] is None else duration(row["p50"], language, unit=unit)
    count = number(row["moves"], language)
    x, y = _middle(points)
    straight = points[0][1] == points[3][1] == points[1][1]
    text = [count, time] if straight else [" · ".join(part for part in (count, time) if part)]
    room = _free(x, y, max(map(len, text)) * _LETTER, labels, straight=straight)
    # A label without room would cover another one; the table has it.
    x, y = (x, y) if room is None else room
    waits = shown[one]["category"] in ("waiting", "unmapped")
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
    return Arrow(
        path=f"M{x1:.1f},{y1:.1f} C{x2:.1f},{y2:.1f} {x3:.1f},{y3:.1f} {x4:.1f},{y4:.1f}",
        width=round(_THINNEST + (_THICKEST - _THINNEST) * row["moves"] / most, 2),
        label=text[0] if room is not None else "",
        time=text[1] if straight and room is not None else "",
        full=say(
            "variants.step", language, from_state=state_name(one, language), to_state=state_name(other, language),
            n=count, time=time or "–",
        ),
        x=round(x, 1),
        y=round(y, 1),
        above=round(y - 8, 1),
        below=round(y + 17, 1),
        back=bool(row["back"]),
        waits=waits,
    )  # fmt: skip


_Point = tuple[float, float]


def _points(one: _Point, other: _Point, lane: int, other_lane: int) -> tuple[_Point, _Point, _Point, _Point]:
    """Return the four points of the curve from one box to another."""
    (x1, y1), (x2, y2) = one, other
    forward = x2 > x1
    middle = BOX_HEIGHT / 2
    if lane == other_lane and forward and x2 - x1 <= _PITCH + 1:
        begin, end = (x1 + BOX_WIDTH, y1 + middle), (x2 - 3, y2 + middle)
        return begin, (begin[0] + 20, begin[1]), (end[0] - 20, end[1]), end
    if lane == other_lane:
        # Over the boxes between them; under them where it is a side path, above which the main path lies.
        span = abs(x2 - x1) / _PITCH
        height = _rise(span, back=not forward) * 4 / 3
        off = BOX_WIDTH * (0.68 if forward else 0.32)
        to = BOX_WIDTH * (0.42 if forward else 0.58)
        if lane == 0:
            return (x1 + off, y1), (x1 + off, y1 - height), (x2 + to, y2 - height), (x2 + to, y2 - 3)
        low = BOX_HEIGHT + min(height, 60)
        return (x1 + off, y1 + BOX_HEIGHT), (x1 + off, y1 + low), (x2 + to, y2 + low), (x2 + to, y2 + BOX_HEIGHT + 3)
    if lane < other_lane:
        off = BOX_WIDTH * (0.62 if forward else 0.38)
        begin = (x1 + off, y1 + BOX_HEIGHT)
        end = (x2 + BOX_WIDTH * (0.3 if forward else 0.7), y2 - 3)
        return begin, (begin[0], begin[1] + 34), (end[0], end[1] - 34), end
    off = BOX_WIDTH * (0.7 if forward else 0.3)
    begin = (x1 + off, y1)
    end = (x2 + BOX_WIDTH * (0.3 if forward else 0.7), y2 + BOX_HEIGHT + 3)
    return begin, (begin[0], begin[1] - 34), (end[0], end[1] + 34), end


def _middle(points: Sequence[_Point]) -> _Point:
    weights = (1, 3, 3, 1)
    return (
        sum(weight * point[0] for weight, point in zip(weights, points, strict=True)) / 8,
        sum(weight * point[1] for weight, point in zip(weights, points, strict=True)) / 8,
    )


def _free(
    x: float, y: float, width: float, taken: list[tuple[float, float, float, float]], *, straight: bool
) -> _Point | None:
    """Return where a label has room, near its arrow, and take it; None: nowhere."""
    above, below = (_LINE * 1.2, _LINE * 1.2) if straight else (_LINE * 0.7, _LINE * 0.4)
    shifts = [0.0] if straight else [sign * _LINE * step for step in range(ceil(_LANE / _LINE)) for sign in (-1, 1)]
    for shift in shifts:
        rectangle = (x - width / 2, y + shift - above, x + width / 2, y + shift + below)
        # Between two boxes of the main path there is always room: above and below the arrow.
        if straight or not any(_overlap(rectangle, one) for one in taken):
            break
    else:
        return None
    taken.append(rectangle)
    return x, y + shift


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _phases(
    path: Sequence[str], shown: Mapping[str, Mapping[str, Any]], columns: Mapping[str, float], language: Language
) -> tuple[PhaseSpan, ...]:
    """Return the phases of the main path, states of the same one that follow each other as one span."""
    spans: list[tuple[str, float, float]] = []
    for name in path:
        phase, column = shown[name]["phase"], columns[name]
        if phase and spans and spans[-1][0] == phase and spans[-1][2] == column - 1:
            spans[-1] = (phase, spans[-1][1], column)
        elif phase:
            spans.append((phase, column, column))
    return tuple(
        PhaseSpan(
            name=term("phase", phase, language),
            x=_MARGIN + first * _PITCH,
            width=(last - first) * _PITCH + BOX_WIDTH,
        )
        for phase, first, last in spans
    )
