"""Since when does a unit work with AI, and how do we know?

Question
    From which date on does a unit count as an adopter, and how much of it uses the tool in each week?
Definition
    *Licence date* (intention to treat; the primary one): first day on which the seats granted so far reach ``share`` of
    the unit's size; where size or seats are unknown, the first grant. *Usage date*: first ISO week in which at least
    ``share`` of the members were active on at least ``days`` days, if the same holds in ``sustained`` of the ``of``
    weeks that begin with it. *Declared date*: the first that somebody declared. The adopted date is the first of them
    in the order of the rule, and says which (``provenance``).
    *Dose*: share of members active on at least ``days`` days of a week.
Size
    Members on the roster; else seats granted; else members ever seen in the telemetry, which leaves out whoever never
    tried and so overstates shares (caveat). Weeks of units below the minimum group have no share, and no usage date.
Missing dates
    ``never`` is something else than not knowing. A usage date is not known where the unit used the tool already when
    telemetry begins (``before_telemetry``), or has reached the share too lately to be sure (``not_sustained_yet``).
    Such units are neither adopters with a date nor controls.
Source
    Write the rule down before looking at outcomes. Half of the members active weekly: Faros 2025. Intention to treat:
    Gupta 2011; Angrist, Imbens & Rubin 1996.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from pegel.errors import InputError, UserError
from pegel.impact.adoption.adoption_usage import Telemetry, Uptake, frame_of, units_in, uptake_of
from pegel.impact.adoption.days_and_weeks import NO_DAY, day_number, day_numbers
from pegel.impact.estimate import Caveat

Provenance = Literal["licence", "usage", "declared"]
#: Smallest group about whose behaviour a figure may be shown; a rule may ask for more, never for less.
GROUP_FLOOR: Final = 5
UNIT_COLUMNS: Final = (
    "unit",
    "itt_date",
    "itt_reason",
    "usage_date",
    "usage_reason",
    "declared_date",
    "declared_reason",
    "adopted_date",
    "provenance",
    "reason",
    "size",
    "size_source",
)
DOSE_COLUMNS: Final = ("unit", "week", "share", "members")
#: Reasons that mean: it uses the tool, and since when is not known.
UNDATED: Final = ("before_telemetry", "not_sustained_yet")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionRule:
    """When a unit counts as an adopter; to be fixed before anybody looks at outcomes.

    Raises
    ------
    UserError: ``impact_adoption_rule`` (name, value), ``impact_group_floor`` (value, floor).
    """

    share: float = 0.5
    days: int = 2
    sustained: int = 3
    of: int = 4
    minimum_group: int = GROUP_FLOOR
    order: tuple[Provenance, ...] = ("licence", "usage", "declared")

    def __post_init__(self) -> None:
        for name, fits in (
            ("share", 0 < self.share <= 1),
            ("days", 1 <= self.days <= 7),
            ("of", self.of >= 1),
            ("sustained", 1 <= self.sustained <= self.of),
            ("order", set(self.order) <= set(get_args(Provenance)) and len(set(self.order)) == len(self.order) > 0),
        ):
            if not fits:
                raise UserError("impact_adoption_rule", name=name, value=str(getattr(self, name)))
        if self.minimum_group < GROUP_FLOOR:
            raise UserError("impact_group_floor", value=self.minimum_group, floor=GROUP_FLOOR)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adoption:
    """Adoption of all units, as of a day.

    Attributes
    ----------
    units: [unit, itt_date, itt_reason, usage_date, usage_reason, declared_date, declared_reason, adopted_date,
        provenance, reason, size, size_source], a row per unit; dates are ``date`` or None, and a reason says why.
    dose: [unit, week, share, members]: a row per unit of sufficient size and observed full week (``2026-W05``).
    observed: first and last day that the telemetry covers; None without telemetry.
    """

    units: pd.DataFrame
    dose: pd.DataFrame
    rule: AdoptionRule
    as_of: date
    observed: tuple[date, date] | None
    caveats: tuple[Caveat, ...] = ()


def adoption_dates(
    usage: Any = None,
    licences: Any = None,
    declared: Any = None,
    *,
    rule: AdoptionRule | None = None,
    as_of: date,
    roster: Any = None,
    observed: tuple[date, date] | None = None,
    unit_of: Mapping[str, str] | None = None,
    units: Iterable[Any] = (),
) -> Adoption:
    """Return since when each unit counts as an adopter, and its weekly dose.

    Parameters
    ----------
    usage: frame or frames [member, team, day, active, ...] of telemetry, as ``pegel.sources.usage`` reads it.
    licences: [unit, granted, seats], the whole list of grants: of ``units``, one that is not in it has no licence.
    declared: [unit, date]; a missing date declares that the unit has not adopted.
    as_of: last day that is known; nothing later is used.
    roster: [member, unit, joined, left], which then decides who belongs to which unit; or [unit, size].
    observed: first and last day that the telemetry covers, so that days without use are zeros; None: from its first
        row to ``as_of``.
    unit_of: names of units by the names that the sources use; others stay.
    units: units to answer for besides those that the sources name: a unit without licences is in none of them.

    Raises
    ------
    InputError: ``impact_column_missing``, ``impact_unit_missing``, ``impact_time_missing``, ``impact_time_unreadable``,
        ``impact_not_numbers``, ``impact_observed_backwards``.
    """
    rule = rule or AdoptionRule()
    until = _required_day(as_of)
    span = None
    if observed is not None:
        span = (_required_day(observed[0]), min(_required_day(observed[1]), until))
        if span[0] > span[1]:
            raise InputError("impact_observed_backwards", begin=str(observed[0]), until=str(as_of))
    names = unit_of or {}
    caveats: list[Caveat] = []
    telemetry = Telemetry.of(usage, roster, unit_of=names, as_of=until, observed=span)
    grants = None if licences is None else _grants(licences, names, until, caveats)
    said = None if declared is None else _declarations(declared, names, until, caveats)
    sizes = telemetry.sizes(_seats(grants))
    wanted = sorted({*telemetry.units, *(grants or {}), *(said or {}), *units}, key=str)
    licensed = {unit: _licence_date(grants, unit, sizes.get(unit, (None, None))[0], rule) for unit in wanted}
    uptake = uptake_of(telemetry, sizes, licensed={unit: found[0] for unit, found in licensed.items()}, rule=rule)
    caveats += [*telemetry.caveats, *uptake.caveats]
    rows = []
    for unit in wanted:
        dates: dict[Provenance, tuple[int | None, str | None]] = {
            "licence": licensed[unit],
            "usage": uptake.dates.get(unit, (None, "not_configured" if telemetry.span is None else "no_data")),
            "declared": _declared_date(said, unit),
        }
        rows.append(_row(unit, dates, rule, sizes.get(unit, (None, None))))
    caveats += _disagreements(rows, grants is not None)
    table = pd.DataFrame(rows, columns=list(UNIT_COLUMNS), dtype=object)
    return Adoption(
        units=table,
        dose=_dose(uptake, wanted),
        rule=rule,
        as_of=date.fromordinal(until),
        observed=None if telemetry.span is None else (day(telemetry.span[0]), day(telemetry.span[1])),
        caveats=tuple(caveats),
    )


def day(number: int | None) -> Any:
    """Return the date of a day number; None for none."""
    return None if number is None else date.fromordinal(int(number))


def _required_day(value: Any) -> int:
    number = day_number(value)
    if number is None:
        raise InputError("impact_time_missing", n=1)
    return number


def _grants(
    licences: Any, unit_of: Mapping[str, str], as_of: int, caveats: list[Caveat]
) -> dict[Any, list[tuple[int, float]]]:
    """Return the grants of each unit by day; seats are NaN where they are not said."""
    frame = frame_of(licences, ("unit", "granted"))
    days = day_numbers(frame["granted"].to_list())
    if (days == NO_DAY).any():
        raise InputError("impact_time_missing", n=int((days == NO_DAY).sum()))
    seats = [None] * len(days) if "seats" not in frame.columns else frame["seats"].to_list()
    grants: dict[Any, list[tuple[int, float]]] = {}
    for unit, granted, count in zip(units_in(frame, "unit", unit_of), days.tolist(), seats, strict=True):
        mine = grants.setdefault(unit, [])
        if granted <= as_of:
            mine.append((granted, np.nan if count is None else float(count)))
    ended = day_numbers(frame["ended"].to_list()) if "ended" in frame.columns else np.array([], dtype=np.int64)
    over = int(((ended != NO_DAY) & (ended <= as_of)).sum())
    if over:
        caveats.append(Caveat("licence_ended", {"n": over}))
    return {unit: sorted(mine) for unit, mine in grants.items()}


def _seats(grants: dict[Any, list[tuple[int, float]]] | None) -> dict[Any, float]:
    """Return the seats that each unit was granted in all, where every grant says its seats."""
    totals = {unit: sum(seats for _, seats in mine) for unit, mine in (grants or {}).items() if mine}
    return {unit: total for unit, total in totals.items() if total > 0}


def _licence_date(
    grants: dict[Any, list[tuple[int, float]]] | None, unit: Any, size: float | None, rule: AdoptionRule
) -> tuple[int | None, str | None]:
    if grants is None:
        return None, "not_configured"
    mine = grants.get(unit) or []
    if not mine:
        return None, "never"
    if size is None or any(np.isnan(seats) for _, seats in mine):
        return mine[0][0], None
    granted = np.cumsum([seats for _, seats in mine])
    reached = np.flatnonzero(granted >= rule.share * size - 1e-9)
    return (mine[reached[0]][0], None) if len(reached) else (None, "seats_below_share")


def _declarations(declared: Any, unit_of: Mapping[str, str], as_of: int, caveats: list[Caveat]) -> dict[Any, list[int]]:
    """Return the declared days of each unit, ascending; an empty list declares that it has not adopted."""
    frame = frame_of(declared, ("unit", "date"))
    said: dict[Any, set[int]] = {}
    days = day_numbers(frame["date"].to_list()).tolist()
    for unit, number in zip(units_in(frame, "unit", unit_of), days, strict=True):
        said.setdefault(unit, set()).update({number} if NO_DAY < number <= as_of else set())
    several = sum(len(days) > 1 for days in said.values())
    if several:
        caveats.append(Caveat("several_declared_dates", {"n": several}))
    return {unit: sorted(days) for unit, days in said.items()}


def _declared_date(said: dict[Any, list[int]] | None, unit: Any) -> tuple[int | None, str | None]:
    if said is None:
        return None, "not_configured"
    if unit not in said:
        return None, "no_data"
    return (said[unit][0], None) if said[unit] else (None, "never")


def _row(
    unit: Any,
    dates: dict[Provenance, tuple[int | None, str | None]],
    rule: AdoptionRule,
    size: tuple[float | None, str | None],
) -> tuple[Any, ...]:
    chosen = next((one for one in rule.order if dates[one][0] is not None), None)
    return (
        unit,
        *(part for found, reason in dates.values() for part in (day(found), reason)),
        None if chosen is None else day(dates[chosen][0]),
        chosen,
        None if chosen is not None else _reason([dates[one][1] for one in rule.order]),
        None if size[0] is None else int(size[0]),
        size[1],
    )


def _reason(reasons: list[str | None]) -> str:
    """Return why there is no date: what is known of an adoption first, then that there was none, then what lacks."""
    known = [reason for reason in reasons if reason is not None]
    for wanted in (*UNDATED, "never"):
        if wanted in known:
            return wanted
    return next((reason for reason in known if reason != "not_configured"), "not_configured")


def _disagreements(rows: list[tuple[Any, ...]], has_licences: bool) -> list[Caveat]:
    """Report units whose members used the tool before, or without, a licence of the unit."""
    early = [
        unit
        for unit, licensed, _, used, *_ in rows
        if used is not None and (licensed is None or used + timedelta(days=6) < licensed)
    ]
    return [Caveat("used_without_licence", {"n": len(early), "units": early})] if has_licences and early else []


def _dose(uptake: Uptake, units: list[Any]) -> pd.DataFrame:
    rows = [(unit, label, share, members) for unit in units for label, share, members in uptake.dose.get(unit, ())]
    return pd.DataFrame(rows, columns=list(DOSE_COLUMNS)).astype({"share": float})
