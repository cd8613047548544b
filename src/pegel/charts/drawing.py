"""What every chart shares: Altair (loaded when first needed), time axes, legends, look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from importlib import import_module
from threading import RLock
from typing import Any, Final

from pegel.charts.palette import Mode, colour
from pegel.errors import UserError
from pegel.words import Language, say

#: A chart as Altair makes it (``altair.Chart`` or ``altair.LayerChart``).
Drawing = Any
Row = dict[str, Any]

HEIGHT: Final = 240
FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
_MONTHS: Final[dict[Language, tuple[str, ...]]] = {
    "de": ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
_NUMBERS: Final[dict[Language, Row]] = {
    "de": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", " €"]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["£", ""]},
}


def altair() -> Any:
    """Return the Altair module.

    Raises
    ------
    UserError: ``extra_missing`` when it is not installed.
    """
    try:
        return import_module("altair")
    except ImportError:
        raise UserError("extra_missing", extra="report") from None


def millis(moment_us: int) -> int:
    """Return a moment as Vega counts time."""
    return moment_us // 1000


class _Aside:
    """What Altair need not look into: it copies and converts every value of a chart, several times."""

    def __init__(self, content: Any) -> None:
        self.content = content


_SPECIFYING: ContextVar[bool] = ContextVar("_SPECIFYING", default=False)
# Whether Altair looks into what it is given is one switch of its module: a second thread that leaves would switch it on
# again under the first. Drawing holds the interpreter anyway, so taking turns costs nothing.
_TRUSTING: Final = RLock()


def specification(draw: Callable[[], Drawing]) -> dict[str, Any]:
    """Return what ``draw`` draws as a Vega-Lite specification.

    Altair trusts what it is given: charts of this package are checked against the schema by their tests.
    """
    mark = _SPECIFYING.set(True)
    try:
        with _TRUSTING, altair().utils.schemapi.debug_mode(False):
            found: dict[str, Any] = draw().to_dict(validate=False)
    finally:
        _SPECIFYING.reset(mark)
    return _put_back(found)


def _put_back(part: dict[str, Any]) -> dict[str, Any]:
    data = part.get("data")
    if isinstance(data, dict) and isinstance(data.get("values"), _Aside):
        part["data"] = {**data, "values": data["values"].content}
    if isinstance(part.get("config"), dict):
        part["config"] = {name: one.content if isinstance(one, _Aside) else one for name, one in part["config"].items()}
    for layer in part.get("layer", ()):
        _put_back(layer)
    return part


def _aside(content: Any) -> Any:
    return _Aside(content) if _SPECIFYING.get() else content


def values(rows: Sequence[Row]) -> Any:
    """Return rows as data of a chart."""
    return altair().Data(values=_aside(list(rows)))


def time_axis(field: str = "at", *, every_days: int | None = None) -> Any:
    """Return the x encoding of a moment in milliseconds, UTC, with few labels.

    Months are labelled as such; ticks between them, as a period of some weeks has, by their day. ``every_days``: days
    from one tick to the next, for axes so short that a day would be labelled twice; None: where it suits.
    """
    alt = altair()
    label = "utcdate(datum.value) == 1 ? utcFormat(datum.value, '%b %Y') : utcFormat(datum.value, '%-d %b')"
    count = 8 if every_days is None else {"interval": "day", "step": every_days}
    axis = alt.Axis(title=None, grid=False, labelOverlap=True, tickCount=count, labelExpr=label)
    return alt.X(f"{field}:T", scale=alt.Scale(type="utc"), axis=axis)


def colours(
    names: Sequence[str], roles: Sequence[str], mode: Mode, field: str, *, symbol: str | None = "square"
) -> Any:
    """Return a colour encoding whose legend lists ``names`` in this order above the chart."""
    alt = altair()
    scale = alt.Scale(domain=list(names), range=[colour(role, mode) for role in roles])
    return alt.Color(
        f"{field}:N",
        scale=scale,
        sort=list(names),
        legend=alt.Legend(title=None, **({"symbolType": symbol} if symbol else {})),
    )


def finished(chart: Drawing, language: Language, mode: Mode, *, title: str, height: int = HEIGHT) -> Drawing:
    """Return a chart with size, description, look and the number and date signs of the language."""
    ink, muted, line, grid = (colour(role, mode) for role in ("ink", "muted", "line", "grid"))
    text = {"labelColor": muted, "titleColor": muted, "labelFontSize": 12, "titleFontSize": 12}
    months = list(_MONTHS[language])
    days = [say(f"weekday.{number}", language) for number in range(7)]
    return chart.properties(width="container", height=height, description=title).configure(
        background=colour("paper", mode),
        font=FONT,
        autosize={"type": "fit-x", "contains": "padding"},
        padding={"left": 2, "right": 12, "top": 4, "bottom": 2},
        view={"stroke": None},
        axis=_aside(
            {
                **text,
                "titleFontWeight": "normal",
                "domainColor": line,
                "tickColor": line,
                "gridColor": grid,
                "labelLimit": 230,
            }
        ),
        legend=_aside(
            {
                **text,
                "labelColor": ink,
                "orient": "top",
                "direction": "horizontal",
                "symbolSize": 110,
                "columns": 6,
                "labelLimit": 260,
                "offset": 6,
            }
        ),
        text={"fontSize": 12, "color": ink},
        locale=_aside(
            {
                "number": _NUMBERS[language],
                "time": {
                    "dateTime": "%x, %X",
                    "date": "%d.%m.%Y" if language == "de" else "%d %b %Y",
                    "time": "%H:%M:%S",
                    "periods": ["AM", "PM"],
                    "days": days,
                    "shortDays": [name[:2] for name in days],
                    "months": months,
                    "shortMonths": months,
                },
            }
        ),
    )
