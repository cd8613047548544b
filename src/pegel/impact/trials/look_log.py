"""Which looks were planned, which were taken, and whether one of them may end the experiment.

A plan is fixed before the first look. Every look is written down, with what it found and what it may conclude, chained
to the one before by its hash: a line that is changed, taken out or put in shows. What a chain cannot show is that its
last lines were cut off; for that, keep the hash of the last look (``head``) somewhere else and pass it when reading.

Rules with spending (``obrien_fleming``, ``pocock``): only planned looks may conclude, and only they use up α; a look in
between is logged and concludes nothing. The last planned look uses up what is left. ``confidence_sequence``: every look
may conclude.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pegel.errors import BusyError, InputError, UserError
from pegel.impact.trials.alpha_spending import Rule, bounds, refuse_rule
from pegel.lake.writing import replace_text

#: Bounds are found by quadrature; another machine may differ in the last digits.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPlan:
    """What was fixed before the first look.

    ``metric``: what is looked at. ``units``: planned number of units. ``looks``: names of the planned looks (dates or
    periods), in order; may be empty for a confidence sequence.
    """

    metric: str
    units: int
    looks: tuple[str, ...]
    rule: Rule = "obrien_fleming"
    level: float = 0.95

    def __post_init__(self) -> None:
        refuse_rule(self.rule, self.level)
        if self.units <= 0:
            raise UserError("impact_planned_not_positive", value=str(self.units))
        if len(set(self.looks)) != len(self.looks) or (not self.looks and self.rule != "confidence_sequence"):
            raise UserError("impact_looks_not_planned", n=len(self.looks))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look: when, at how many units, what was found, and what may be concluded (``reason`` is a code).

    ``statistic``: effect divided by its standard error. ``bound``: None where no evidence is strong enough.
    ``data``: a hash of the data looked at, if the caller has one. ``previous``, ``digest``: the chain.
    """

    number: int
    at: str
    units: int
    statistic: float
    data: str
    bound: float | None
    reason: str
    previous: str
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLog:
    """A plan and the looks taken, in order."""

    plan: LookPlan
    looks: tuple[Look, ...] = ()

    @property
    def head(self) -> str:
        """Return the hash of the last line."""
        return self.looks[-1].digest if self.looks else _digest(_plan_record(self.plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """Whether the experiment may be concluded now, why (a code), and the look that decides, if there is one."""

    may: bool
    reason: str
    look: Look | None


def may_conclude(log: LookLog) -> Conclusion:
    """Tell whether the evidence has crossed its bound at a look that may conclude; the first such look decides."""
    for look in log.looks:
        if look.reason == "bound_crossed":
            return Conclusion(may=True, reason=look.reason, look=look)
    if not log.looks:
        return Conclusion(may=False, reason="no_look_yet", look=None)
    return Conclusion(may=False, reason=log.looks[-1].reason, look=log.looks[-1])


def take_look(log: LookLog, *, at: str, units: int, statistic: float, data: str = "") -> LookLog:
    """Return the log with one more look.

    Raises
    ------
    UserError: ``impact_statistic_not_finite``, ``impact_look_without_new_units``, ``impact_look_twice``.
    """
    if not np.isfinite(statistic):
        raise UserError("impact_statistic_not_finite", value=str(statistic))
    if any(look.at == at for look in log.looks):
        raise UserError("impact_look_twice", at=at)
    if units <= max((look.units for look in log.looks), default=0):
        raise UserError("impact_look_without_new_units", at=at, units=units)
    bound, reason = _judged(log, at, units, statistic)
    look = Look(
        number=len(log.looks) + 1,
        at=at,
        units=int(units),
        statistic=float(statistic),
        data=data,
        bound=bound,
        reason=reason,
        previous=log.head,
    )
    return replace(log, looks=(*log.looks, replace(look, digest=_digest(_look_record(look)))))


def _judged(log: LookLog, at: str, units: int, statistic: float) -> tuple[float | None, str]:
    plan = log.plan
    if plan.rule == "confidence_sequence":
        bound = float(bounds([units / plan.units], rule=plan.rule, level=plan.level)["bound"].iloc[0])
        return bound, "bound_crossed" if abs(statistic) > bound else "bound_not_crossed"
    if any(look.reason == "bound_crossed" for look in log.looks):
        return None, "already_concluded"
    if at not in plan.looks:
        return None, "look_not_planned"
    counted = [look for look in log.looks if look.at in plan.looks]
    order = [plan.looks.index(look.at) for look in counted]
    if order and plan.looks.index(at) < max(order):
        return None, "look_out_of_order"
    information = [*(look.units / plan.units for look in counted), units / plan.units]
    last = at == plan.looks[-1]
    bound = float(bounds(information, rule=plan.rule, level=plan.level, final=last)["bound"].iloc[-1])
    if np.isinf(bound):
        return None, "alpha_used_up" if information[-1] >= 1 else "too_early_to_conclude"
    return bound, "bound_crossed" if abs(statistic) > bound else "bound_not_crossed"


def begin_looks(path: Path, plan: LookPlan) -> LookLog:
    """Write a plan as the first line of a new file.

    Raises
    ------
    UserError: ``impact_look_log_exists``: a plan is never replaced.
    """
    with _locked(path):
        if path.exists():
            raise UserError("impact_look_log_exists", path=path.name)
        record = _plan_record(plan)
        replace_text(path, _line({**record, "digest": _digest(record)}))
    return LookLog(plan=plan)


def record_look(path: Path, *, at: str, units: int, statistic: float, data: str = "") -> LookLog:
    """Take a look and add its line to the file; the chain is checked first, and a reader sees all of it or nothing.

    Raises
    ------
    UserError: those of ``take_look``. InputError: those of ``read_looks``. BusyError: ``impact_look_log_busy``.
    """
    with _locked(path):
        log = take_look(read_looks(path), at=at, units=units, statistic=statistic, data=data)
        look = log.looks[-1]
        line = _line({**_look_record(look), "digest": look.digest})
        replace_text(path, path.read_text(encoding="utf-8") + line)
    return log


def read_looks(path: Path, *, head: str | None = None) -> LookLog:
    """Return the log of a file whose chain is whole; ``head``: the hash that must be in it, kept elsewhere.

    Raises
    ------
    InputError: ``impact_look_log_missing``, ``impact_look_log_unreadable`` (a line is no record),
        ``impact_look_log_changed`` (a line is not what was written), ``impact_look_log_gap`` (a line was taken out, put
        in or moved), ``impact_look_log_shortened`` (``head`` is not in it).
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        raise InputError("impact_look_log_missing", path=path.name) from None
    except UnicodeDecodeError:
        raise InputError("impact_look_log_unreadable", path=path.name, line=1) from None
    if lines[-1]:
        raise InputError("impact_look_log_unreadable", path=path.name, line=len(lines))
    log: LookLog | None = None
    for number, text in enumerate(lines[:-1], start=1):
        log = _continued(log, text, path.name, number)
    if log is None:
        raise InputError("impact_look_log_unreadable", path=path.name, line=1)
    digests = {LookLog(plan=log.plan).head, *(look.digest for look in log.looks)}
    if head is not None and head not in digests:
        raise InputError("impact_look_log_shortened", path=path.name, looks=len(log.looks))
    return log


def _continued(log: LookLog | None, text: str, name: str, line: int) -> LookLog:
    """Return the log with what one line says, if that is what would have been written."""
    try:
        record = json.loads(text)
        digest = record.pop("digest")
        if log is None:
            plan = LookPlan(**{**record, "looks": tuple(record["looks"])})
            written = _plan_record(plan)
        else:
            look = Look(**record)
            written = _look_record(look)
    except (ValueError, TypeError, KeyError, AttributeError, UserError):
        raise InputError("impact_look_log_unreadable", path=name, line=line) from None
    if digest != _digest(written) or _line({**written, "digest": digest}) != text + "\n":
        raise InputError("impact_look_log_changed", path=name, line=line)
    if log is None:
        return LookLog(plan=plan)
    if look.previous != log.head or look.number != len(log.looks) + 1:
        raise InputError("impact_look_log_gap", path=name, line=line)
    try:
        # A chain that was forged from the first line on still has to conclude what the plan allows.
        again = take_look(log, at=look.at, units=look.units, statistic=look.statistic, data=look.data)
    except (UserError, TypeError):
        raise InputError("impact_look_log_changed", path=name, line=line) from None
    same = replace(again.looks[-1], bound=look.bound, digest="") == look
    if not same or abs((again.looks[-1].bound or 0.0) - (look.bound or 0.0)) > _ROUNDING:
        raise InputError("impact_look_log_changed", path=name, line=line)
    return replace(log, looks=(*log.looks, replace(look, digest=digest)))


def _plan_record(plan: LookPlan) -> dict[str, Any]:
    return {**asdict(plan), "looks": list(plan.looks)}


def _look_record(look: Look) -> dict[str, Any]:
    record = asdict(look)
    del record["digest"]
    return record


def _digest(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(_line(record).encode("utf-8")).hexdigest()


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time write; the lock dies with its process."""
    with path.with_name(path.name + ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError("impact_look_log_busy", path=path.name) from None
        yield
