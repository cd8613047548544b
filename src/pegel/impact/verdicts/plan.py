"""The measurement plan: what will be asked, of which data, and what would count, said before anyone looks.

File form (YAML)::

    plan: 1
    name: Drafting assistant in claims
    data: {panel: panel.csv, unit: team, time: week, cohort: adopted}
    metric: {name: flow_time_p50, better: lower, smallest_effect: 10%, scale: log}
    guards:
      - {name: reopened_share, better: lower, scale: level, smallest_effect: 0.02}
    design: staggered            # randomised, staggered, one_adopter, series, before_after
    chosen_by: management        # lot, management, volunteers, outcome
    window: {from: 2025-01-06, until: 2026-06-28}
    looks: [2026-03-31, 2026-06-30]
    frozen: {date: 2025-12-15, hash: 4f0c…}

``scale: log`` asks for relative effects: the estimate is made on the natural logarithm. An effect of 10% is then
log 1.1 in both directions; on the level scale a percentage is of the adopters' mean before they adopted.

Freezing writes the hash of everything but ``frozen`` and the paths in ``data`` (a file may move, its content has a hash
of its own in every result).
A plan that was changed after it was frozen is refused; one that was never frozen gives exploratory answers.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from pegel.errors import InputError, UserError
from pegel.eventlog.setting_file import read_settings
from pegel.impact.verdicts.verdict import Better, Design

Scale = Literal["level", "log"]
ChosenBy = Literal["lot", "management", "volunteers", "outcome"]
_KEYS: Final = (
    "plan", "name", "use_case", "data", "metric", "guards", "design", "chosen_by", "control", "anticipation",
    "covariates", "window", "looks", "checks", "level", "draws", "seed", "return", "frozen",
)  # fmt: skip
_DATA: Final = ("panel", "lake", "streams", "metrics", "period", "adoption", "unit", "time", "cohort", "policy")
_PATHS: Final = ("panel", "lake", "adoption")
_METRIC: Final = ("name", "better", "smallest_effect", "scale")
#: Columns of the panel that checks read, and events that change a definition.
_CHECKS: Final = ("exposure", "unfinished", "most_unfinished", "definition_changes", "selection_periods")
_PERCENT: Final = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*%\s*$")
_MOST_DRAWS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPlan:
    """A figure, which direction is better, and the smallest effect that matters: a share (``relative``) or a number."""

    name: str
    better: Better
    smallest_effect: float
    relative: bool
    scale: Scale = "level"

    def delta(self, baseline: float | None) -> float | None:
        """Return δ in units of the estimate; None where a share of an unknown or zero baseline is asked for."""
        if self.scale == "log":
            return math.log1p(self.smallest_effect)
        if not self.relative:
            return self.smallest_effect
        return abs(baseline) * self.smallest_effect if baseline else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPlan:
    """Where the panel comes from: a file ``panel``, or a ``lake`` with streams and a table of adoption."""

    panel: str | None = None
    lake: str | None = None
    streams: tuple[str, ...] = ()
    period: str = "week"
    policy: str | None = None
    adoption: str | None = None
    unit: str = "unit"
    time: str = "time"
    cohort: str = "cohort"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksPlan:
    """What checks need: columns of the panel, and when definitions changed (day, unit or None for all, what).

    An empty tuple says that none changed, None that nobody has said.
    """

    exposure: str | None = None
    unfinished: str | None = None
    most_unfinished: float = 0.10
    definition_changes: tuple[tuple[date, str | None, str], ...] | None = None
    selection_periods: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementPlan:
    """A plan as people froze it. ``hash`` is of what it says now; ``frozen_hash`` of what it said when frozen."""

    name: str
    data: DataPlan
    metric: MetricPlan
    guards: tuple[MetricPlan, ...] = ()
    use_case: str | None = None
    design: Design = Design.STAGGERED
    chosen_by: ChosenBy | None = None
    control: Literal["never", "not_yet"] = "not_yet"
    anticipation: int = 0
    covariates: tuple[str, ...] = ()
    window: tuple[date, date] | None = None
    looks: tuple[date, ...] = ()
    checks: ChecksPlan = field(default_factory=ChecksPlan)
    level: float = 0.95
    draws: int = 2_000
    seed: int = 0
    net_return: Mapping[str, Any] | None = None
    hash: str = ""
    frozen_on: date | None = None
    frozen_hash: str | None = None

    @property
    def frozen(self) -> bool:
        """Tell whether the plan was frozen."""
        return self.frozen_hash is not None


def load_plan(text: str) -> MeasurementPlan:
    """Read a plan.

    Raises
    ------
    InputError: ``plan_unreadable``, ``plan_invalid`` with the place and what is allowed there.
    UserError: ``plan_changed_after_freezing``.

    >>> plan = load_plan("{plan: 1, name: A, data: {panel: p.csv}, metric: {name: y, better: lower,"
    ...                  " smallest_effect: 10%, scale: log}}")
    >>> plan.metric.relative, round(plan.metric.delta(None), 4), plan.frozen
    (True, 0.0953, False)
    """
    body = _mapping(read_settings(text, unreadable="plan_unreadable"), "", _KEYS)
    if body.get("plan", 1) != 1:
        raise InputError("plan_invalid", place="plan", detail="1")
    plan = MeasurementPlan(
        name=_text(body, "name", "name"),
        use_case=_optional_text(body, "use_case"),
        data=_data(body.get("data")),
        metric=_metric(body.get("metric"), "metric"),
        guards=tuple(_metric(one, f"guards.{i + 1}") for i, one in enumerate(_list(body, "guards"))),
        design=Design(_choice(body, "design", "staggered", tuple(one.value for one in Design))),
        chosen_by=_choice(body, "chosen_by", None, ("lot", "management", "volunteers", "outcome")),
        control=_choice(body, "control", "not_yet", ("never", "not_yet")),
        anticipation=int(_number(body, "anticipation", 0, whole=True, low=0, high=520)),
        covariates=_names(body, "covariates"),
        window=_window(body.get("window")),
        looks=tuple(_date(one, "looks") for one in _list(body, "looks")),
        checks=_checks(body.get("checks")),
        level=_number(body, "level", 0.95, low=0.5, high=0.999),
        draws=int(_number(body, "draws", 2_000, whole=True, low=20, high=_MOST_DRAWS)),
        seed=int(_number(body, "seed", 0, whole=True, low=0, high=2**31)),
        net_return=None if body.get("return") is None else _mapping(body["return"], "return", None),
        hash=plan_hash(body),
        **_frozen(body.get("frozen")),
    )
    if plan.frozen_hash is not None and plan.frozen_hash != plan.hash:
        raise UserError("plan_changed_after_freezing", frozen=plan.frozen_hash[:12], now=plan.hash[:12])
    names = [plan.metric.name, *(guard.name for guard in plan.guards)]
    if len(set(names)) < len(names):
        raise InputError("plan_invalid", place="guards", detail=", ".join(sorted(set(names))))
    return plan


def plan_hash(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a plan says, whatever the order and layout of its file."""
    said = {key: value for key, value in body.items() if key not in ("frozen", "data")}
    data = body.get("data")
    if isinstance(data, Mapping):
        said["data"] = {key: value for key, value in data.items() if key not in _PATHS}
    said = _plain(said)
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str, ensure_ascii=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value whose keys are all texts: YAML also allows numbers and dates."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def frozen_text(text: str, *, on: date) -> str:
    """Return the text of a plan with its hash added; what people wrote stays as it is, comments included.

    Raises
    ------
    UserError: ``plan_frozen_already``; else as ``load_plan``.
    """
    plan = load_plan(text)
    if plan.frozen:
        raise UserError("plan_frozen_already", on=plan.frozen_on)
    ending = "" if text.endswith("\n") else "\n"
    frozen = f"{text}{ending}frozen: {{date: {on.isoformat()}, hash: {plan.hash}}}\n"
    try:
        load_plan(frozen)
    except InputError:  # keys in braces, indented ones, an end of the document: a line cannot be added there
        raise InputError("plan_invalid", place="plan", detail="name: …") from None
    return frozen


def _frozen(body: object) -> dict[str, Any]:
    if body is None:
        return {}
    said = _mapping(body, "frozen", ("date", "hash"))
    if not re.fullmatch("[0-9a-f]{64}", str(said.get("hash"))):
        raise InputError("plan_invalid", place="frozen.hash", detail="64 × 0-9, a-f")
    return {"frozen_on": _date(said.get("date"), "frozen.date"), "frozen_hash": str(said["hash"])}


def _data(body: object) -> DataPlan:
    said = _mapping(body, "data", _DATA)
    if (said.get("panel") is None) == (said.get("lake") is None):
        raise InputError("plan_invalid", place="data", detail="panel: panel.csv | lake: my-lake")
    if said.get("lake") is not None and said.get("adoption") is None:
        raise InputError("plan_invalid", place="data.adoption", detail="adoption.csv")
    texts: dict[str, Any] = {key: _optional_text(said, key, "data.") for key in ("panel", "lake", "policy", "adoption")}
    named = {key: _text(said, key, f"data.{key}") for key in ("unit", "time", "cohort") if said.get(key) is not None}
    period = _choice(said, "period", "week", ("week", "month"), "data")
    return DataPlan(**texts, **named, period=period, streams=_names(said, "streams", "data."))


def _metric(body: object, place: str) -> MetricPlan:
    said = _mapping(body, place, _METRIC)
    value = said.get("smallest_effect")
    relative = False
    if isinstance(value, str) and (found := _PERCENT.match(value)):
        value, relative = float(found[1].replace(",", ".")) / 100, True
    if isinstance(value, bool) or not isinstance(value, int | float) or not (math.isfinite(value) and value > 0):
        raise InputError("plan_invalid", place=f"{place}.smallest_effect", detail="10%, 0.5")
    scale = _choice(said, "scale", "level", ("level", "log"), place)
    if scale == "log" and not relative:
        raise InputError("plan_invalid", place=f"{place}.smallest_effect", detail="10%")
    return MetricPlan(
        name=_text(said, "name", f"{place}.name"),
        better=_choice(said, "better", "", ("lower", "higher"), place),
        smallest_effect=float(value),
        relative=relative,
        scale=scale,
    )


def _checks(body: object) -> ChecksPlan:
    if body is None:
        return ChecksPlan()
    said = _mapping(body, "checks", _CHECKS)
    changes = []
    for i, one in enumerate(_list(said, "definition_changes", "checks.")):
        place = f"checks.definition_changes.{i + 1}"
        change = _mapping(one, place, ("date", "unit", "what"))
        unit, what = (_optional_text(change, key, f"{place}.") for key in ("unit", "what"))
        changes.append((_date(change.get("date"), f"{place}.date"), unit, what or ""))
    return ChecksPlan(
        exposure=_optional_text(said, "exposure", "checks."),
        unfinished=_optional_text(said, "unfinished", "checks."),
        most_unfinished=_number(said, "most_unfinished", 0.10, low=0, high=1, prefix="checks."),
        definition_changes=None if said.get("definition_changes") is None else tuple(changes),
        selection_periods=int(_number(said, "selection_periods", 3, whole=True, low=1, high=52, prefix="checks.")),
    )


def _window(body: object) -> tuple[date, date] | None:
    if body is None:
        return None
    said = _mapping(body, "window", ("from", "until"))
    window = _date(said.get("from"), "window.from"), _date(said.get("until"), "window.until")
    if window[0] >= window[1]:
        raise InputError("plan_invalid", place="window", detail=f"{window[0]} < {window[1]}")
    return window


def _mapping(body: object, place: str, allowed: tuple[str, ...] | None) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise InputError("plan_invalid", place=place or "plan", detail=", ".join(allowed or ("…",)))
    for key in body:
        if allowed is not None and key not in allowed:
            raise InputError("plan_invalid", place=f"{place}.{str(key)[:100]}".strip("."), detail=", ".join(allowed))
    return body


def _list(body: Mapping[str, Any], name: str, prefix: str = "") -> list[Any]:
    value = body.get(name) or []
    if not isinstance(value, list):
        raise InputError("plan_invalid", place=prefix + name, detail="[…]")
    return value


def _text(body: Mapping[str, Any], name: str, place: str) -> str:
    value = body.get(name)
    if not isinstance(value, str | int | float) or isinstance(value, bool) or not str(value).strip():
        raise InputError("plan_invalid", place=place, detail="…")
    return str(value)


def _optional_text(body: Mapping[str, Any], name: str, prefix: str = "") -> str | None:
    return None if body.get(name) is None else _text(body, name, prefix + name)


def _names(body: Mapping[str, Any], name: str, prefix: str = "") -> tuple[str, ...]:
    """Return a list of texts. YAML reads NO and On as truth values: as names they have to stand in quotes."""
    found = _list(body, name, prefix)
    return tuple(_text({"": one}, "", f"{prefix}{name}.{i + 1}") for i, one in enumerate(found))


def _choice(body: Mapping[str, Any], name: str, default: Any, allowed: tuple[str, ...], place: str = "") -> Any:
    value = body.get(name, default)
    if value is None and default is None:
        return None
    if value not in allowed:
        raise InputError("plan_invalid", place=f"{place}.{name}".strip("."), detail=", ".join(allowed))
    return value


def _number(
    body: Mapping[str, Any],
    name: str,
    default: float,
    *,
    low: float,
    high: float,
    whole: bool = False,
    prefix: str = "",
) -> float:
    value = body.get(name, default)
    number = isinstance(value, int) if whole else isinstance(value, int | float)
    if isinstance(value, bool) or not number or not low <= value <= high:
        raise InputError("plan_invalid", place=prefix + name, detail=f"{low} … {high}")
    return float(value)


def _date(value: object, place: str) -> date:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InputError("plan_invalid", place=place, detail="2026-03-31") from None
