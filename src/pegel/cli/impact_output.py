"""What ``pegel impact`` computes and prints; imported only where the extra ``impact`` is installed."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from pegel import __version__
from pegel.impact.planning.design import Design, design
from pegel.impact.planning.power import Power, power
from pegel.impact.trials.look_log import Look, LookPlan, begin_looks, read_looks, record_look
from pegel.impact.verdicts.measurement import Measurement, data_hash, measure
from pegel.impact.verdicts.plan import MeasurementPlan
from pegel.impact.verdicts.verdict import Verdict
from pegel.lake.writing import replace_text
from pegel.measuring import panel_data, read_plan, read_table
from pegel.report.measurement import render_measurement
from pegel.words import Language

_STEP: Final = 1_000


class Measured:
    """A plan with its data, measured when first needed; what was written once is kept by the content it came from."""

    def __init__(self, plan_path: Path, cache: Path | None) -> None:
        plan = read_plan(plan_path)
        self.data, self.plan = panel_data(plan, plan_path.parent)
        self._cache = cache

    @cached_property
    def found(self) -> Measurement:
        """Return the measurement."""
        return measure(self.data, self.plan)

    def plain(self) -> dict[str, Any]:
        """Return the measurement as plain values for JSON."""
        text = self._kept("json", lambda: json.dumps(plain_measurement(self.found), allow_nan=False))
        value: dict[str, Any] = json.loads(text)
        return value

    def page(self, language: Language) -> str:
        """Return the measurement as a page."""
        return self._kept(f"{language}.html", lambda: render_measurement(self.found, language))

    def summary(self, language: Language) -> str:
        """Return the measurement in a few sentences."""
        return self._kept(f"{language}.txt", lambda: self.found.summary(language))

    def record_look(self, path: Path, on: date) -> Look:
        """Write down that somebody looked, and at what; returns what may be concluded from it.

        Raises
        ------
        UserError: ``impact_looks_not_planned`` (the plan names none), and those of ``take_look``.
        """
        primary = self.found.verdict.primary
        names = tuple(day.isoformat() for day in self.plan.looks)
        # Data come in steadily, so that the i-th of k planned looks is taken at i / k of what will be known; looks
        # that nobody planned lie between.
        whole = _STEP * max(len(names), 1)
        log = read_looks(path) if path.exists() else begin_looks(
            path, LookPlan(metric=self.plan.metric.name, units=whole, looks=names, level=self.plan.level)
        )  # fmt: skip
        at = on.isoformat()
        last = max((look.units for look in log.looks), default=0)
        units = max(_STEP * (names.index(at) + 1) if at in names else 0, last + 1)
        statistic = 0.0 if primary is None or primary.effect is None else _z(primary.p_value, primary.effect)
        record = record_look(path, at=at, units=units, statistic=statistic, data=self.found.hashes["data"])
        return record.looks[-1]

    def _kept(self, kind: str, make: Callable[[], str]) -> str:
        if self._cache is None:
            return make()
        said = (self.plan.hash, repr(self.plan.frozen_on), repr(self.plan.data), repr(self.plan.checks))
        content = (*said, data_hash(self.data), __version__)
        name = hashlib.sha256("\x1f".join(content).encode()).hexdigest()
        path = self._cache / f"{name}.{kind}"
        if path.is_file():
            return path.read_text(encoding="utf-8")
        text = make()
        self._cache.mkdir(parents=True, exist_ok=True)
        replace_text(path, text)
        return text


def power_of_plan(
    path: Path, *, more: Sequence[int], extra: Sequence[int], metrics: Sequence[str]
) -> tuple[Power, str]:
    """Return the power of the roll-out that a plan describes, on the metric as the plan scales it, and that scale."""
    plan = read_plan(path)
    data, plan = panel_data(plan, path.parent)
    frame = data
    if plan.metric.scale == "log":
        numbers = pd.to_numeric(data[plan.metric.name])
        frame = data.assign(**{plan.metric.name: np.log(numbers.where(numbers > 0))})
    chosen: dict[str, Any] = {"weeks_more": tuple(more)} if more else {}
    if extra:
        chosen["units_more"] = tuple(extra)
    found = power(
        frame,
        unit=plan.data.unit,
        time=plan.data.time,
        cohort=plan.data.cohort,
        outcome=plan.metric.name,
        metrics=tuple(metrics),
        effect_that_matters=plan.metric.delta(_mean_before(data, plan)),
        level=plan.level,
        seed=plan.seed,
        **chosen,
    )
    return found, plan.metric.scale


def _mean_before(data: pd.DataFrame, plan: MeasurementPlan) -> float | None:
    """Return the mean of the metric over all periods, of which a planned effect is a share."""
    mean = float(pd.to_numeric(data[plan.metric.name]).mean())
    return mean if math.isfinite(mean) else None


def design_of_panel(path: Path, *, unit: str, time: str, outcome: str, **options: Any) -> Design:
    """Return the proposed order for the units of a CSV panel."""
    return design(read_table(path, texts=(unit,)), unit=unit, time=time, outcome=outcome, **options)


def plain_measurement(found: Measurement) -> dict[str, Any]:
    """Return a measurement as plain values."""
    return {
        "name": found.plan.name,
        "use_case": found.plan.use_case,
        **plain_verdict(found.verdict),
        "scale": found.scale,
        "baseline": found.baseline,
        "frozen_on": plain_value(found.plan.frozen_on),
        "advice": None if found.advice is None else plain_power(found.advice),
        "net_return": plain_value(found.net_return),
        "leave_one_out": plain_value(found.leave_one_out),
        "pre_trends": plain_value(found.pre_trends),
        "placebo": plain_value(found.placebo),
        "summary": {language: found.summary(language) for language in ("de", "en")},
        "hashes": dict(found.hashes),
        "versions": dict(found.versions),
        "seed": found.plan.seed,
    }


def plain_verdict(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as plain values."""
    return {
        "verdict": verdict.answer.value,
        "grade": verdict.grade,
        "better": verdict.better,
        "effect": plain_value(verdict.effect),
        "interval": None if verdict.interval is None else plain_value(list(verdict.interval)),
        "smallest_effect": verdict.smallest_effect,
        "reasons": plain_value(verdict.reasons),
        "caveats": plain_value(verdict.caveats),
        "checks": plain_value(verdict.checks),
        "worse_guards": list(verdict.worse_guards),
        "would_change": list(verdict.would_change),
        "primary": plain_value(verdict.primary),
        "second": plain_value(verdict.second),
        "guards": plain_value(verdict.guards),
    }


def plain_power(found: Power) -> dict[str, Any]:
    """Return a power answer as plain values."""
    value: dict[str, Any] = plain_value(found)
    return value


def plain_design(found: Design) -> dict[str, Any]:
    """Return a design as plain values."""
    value: dict[str, Any] = plain_value(found)
    return value


def plain_value(value: Any) -> Any:
    """Return any result as plain JSON values; infinite bounds become null, as JSON has no word for them."""
    if isinstance(value, pd.DataFrame):
        return [plain_value(row) for row in value.to_dict("records")]
    if isinstance(value, np.ndarray):
        return [plain_value(one) for one in value.tolist()]
    if isinstance(value, np.generic):
        return plain_value(value.item())
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {name: plain_value(getattr(value, name)) for name in value._fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain_value(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain_value(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_value(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _z(p_value: float | None, effect: float) -> float:
    """Return the normal statistic with the same two-sided p-value, in the direction of the effect."""
    from scipy import stats  # noqa: PLC0415 - quick start of the other commands

    if p_value is None:
        return 0.0
    return math.copysign(float(stats.norm.isf(min(max(p_value, 1e-300), 1.0) / 2)), effect)
