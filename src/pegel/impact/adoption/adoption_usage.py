"""From telemetry to the weekly share of members who use a tool, and the week in which a unit took it up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd

from pegel.errors import InputError
from pegel.impact.adoption.days_and_weeks import NO_DAY, day_numbers, full_weeks, week_label, week_of_day
from pegel.impact.estimate import Caveat

if TYPE_CHECKING:
    from pegel.impact.adoption.adoption import AdoptionRule

#: Telemetry whose last row lies further back than this (days) has ended, not merely paused over a weekend.
_ENDED_AFTER = 7
Size = tuple[float | None, str | None]


class Uptake(NamedTuple):
    """``dates``: day number or None, and the reason; ``dose``: (week, share, members) by unit."""

    dates: dict[Any, tuple[int | None, str | None]]
    dose: dict[Any, list[tuple[str, float, int]]]
    caveats: tuple[Caveat, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Roster:
    """Members by unit and time, or only how many there are.

    ``members``: [member, unit, joined, left] with day numbers, or None; ``counts``: size by unit otherwise.
    """

    members: pd.DataFrame | None = None
    counts: Mapping[Any, float] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Any, unit_of: Mapping[str, str]) -> Roster:
        """Return the roster of a frame [member, unit, joined, left] or [unit, size]."""
        frame = frame_of(data, ("unit",))
        units = units_in(frame, "unit", unit_of)
        if "member" not in frame.columns:
            sizes = frame_of(data, ("unit", "size"))["size"].to_list()
            if not all(isinstance(one, int | float | np.number) and one >= 0 for one in sizes):
                raise InputError("impact_not_numbers", name="size")
            return cls(counts={unit: float(size) for unit, size in zip(units, sizes, strict=True)})
        bounds = {
            name: day_numbers(frame[name].to_list()) if name in frame.columns else np.full(len(units), NO_DAY)
            for name in ("joined", "left")
        }
        table = pd.DataFrame({"member": frame["member"].to_list(), "unit": units, "joined": bounds["joined"]})
        table["left"] = np.where(bounds["left"] == NO_DAY, np.iinfo(np.int64).max, bounds["left"])
        return cls(members=table[table["member"].notna()])

    @property
    def units(self) -> set[Any]:
        """Return the units that it knows."""
        return set(self.counts) if self.members is None else set(self.members["unit"])

    def lists(self, unit: Any) -> bool:
        """Tell whether it names the members of a unit, so that members without any use are known."""
        return self.members is not None and unit in self.units

    def size(self, unit: Any, on: int) -> float:
        """Return how many members a unit has on a day; if none, how many it ever had."""
        if self.members is None:
            return float(self.counts[unit])
        mine = self.members[self.members["unit"] == unit]
        there = mine[(mine["joined"] <= on) & (mine["left"] >= on)]
        return float((there if len(there) else mine)["member"].nunique())

    def weekly(self, unit: Any, weeks: np.ndarray) -> np.ndarray:
        """Return how many members a unit has in each week: those who belong to it on at least one day."""
        if self.members is None:
            return np.full(len(weeks), float(self.counts[unit]))
        mine = self.members[self.members["unit"] == unit].drop_duplicates()
        begins, ends = week_of_day(mine["joined"].to_numpy()), week_of_day(mine["left"].to_numpy())
        members = mine["member"].to_numpy()
        return np.array([len(set(members[(begins <= week) & (ends >= week)])) for week in weeks], dtype=float)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Telemetry:
    """Who used a tool when, by unit.

    Attributes
    ----------
    uses: [unit, member, day], distinct; seen: members ever seen by unit, active or not. teams: units of which the
    telemetry names no people. weeks: observed full weeks with telemetry; span: first and last observed day.
    """

    uses: pd.DataFrame
    seen: Mapping[Any, int]
    teams: frozenset[Any]
    span: tuple[int, int] | None
    weeks: np.ndarray
    roster: Roster | None
    caveats: tuple[Caveat, ...] = ()

    @property
    def units(self) -> set[Any]:
        """Return the units that telemetry and roster know."""
        return {*self.seen, *self.teams, *(self.roster.units if self.roster else ())}

    @classmethod
    def of(
        cls,
        usage: Any,
        roster: Any,
        *,
        unit_of: Mapping[str, str],
        as_of: int,
        observed: tuple[int, int] | None,
    ) -> Telemetry:
        """Return the telemetry of a frame, or of several; ``observed`` says which days it covers."""
        known = None if roster is None else Roster.of(roster, unit_of)
        frames = [] if usage is None else list(usage) if isinstance(usage, list | tuple) else [usage]
        rows = pd.concat([_rows(one, unit_of) for one in frames], ignore_index=True) if frames else None
        caveats: list[Caveat] = []
        if rows is not None and (rows["day"] > as_of).any():
            caveats.append(Caveat("usage_after_as_of", {"n": int((rows["day"] > as_of).sum())}))
            rows = rows[rows["day"] <= as_of]
        if rows is None or (rows.empty and observed is None):
            empty = pd.DataFrame({"unit": [], "member": [], "day": []})
            weeks = np.array([], dtype=np.int64)
            return cls(uses=empty, seen={}, teams=frozenset(), span=None, weeks=weeks, roster=known)
        span, weeks = _observed(rows["day"].to_numpy(), observed, as_of, caveats)
        rows = rows[(rows["day"] >= span[0]) & (rows["day"] <= span[1])]
        of_people = rows[rows["member"].notna()]
        placed = _placed(of_people, known, caveats)
        teams = set(rows.loc[rows["member"].isna(), "unit"].dropna()) - set(placed["unit"])
        uses = placed.loc[placed["active"], ["unit", "member", "day"]].drop_duplicates()
        seen = placed.groupby("unit")["member"].nunique().to_dict()
        return cls(
            uses=uses,
            seen=seen,
            teams=frozenset(teams),
            span=span,
            weeks=weeks,
            roster=known,
            caveats=tuple(caveats),
        )

    def sizes(self, seats: Mapping[Any, float]) -> dict[Any, Size]:
        """Return the size of each unit and where it is from: ``roster``, ``seats`` or ``seen``."""
        found: dict[Any, Size] = {unit: (float(count), "seen") for unit, count in self.seen.items()}
        found |= {unit: (total, "seats") for unit, total in seats.items()}
        if self.roster is not None:
            on = self.span[1] if self.span else int(np.iinfo(np.int64).max)
            found |= {unit: (self.roster.size(unit, on), "roster") for unit in self.roster.units}
        return found


def frame_of(data: Any, names: Iterable[str]) -> nw.DataFrame[Any]:
    """Return a frame (pandas, Polars or anything narwhals reads) that has these columns; it may have no rows.

    Raises
    ------
    InputError: ``impact_column_missing``.
    """
    frame: nw.DataFrame[Any] = nw.from_native(data, eager_only=True)
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise InputError("impact_column_missing", names=absent, found=list(frame.columns))
    return frame


def units_in(frame: Any, name: str, unit_of: Mapping[str, str]) -> list[Any]:
    """Return the units that a column names, by their own names.

    Raises
    ------
    InputError: ``impact_unit_missing``.
    """
    labels = frame[name].to_list()
    missing = int(pd.isna(pd.Series(labels, dtype=object)).sum())
    if missing:
        raise InputError("impact_unit_missing", n=missing)
    return [unit_of.get(label, label) for label in labels]


def uptake_of(
    telemetry: Telemetry, sizes: Mapping[Any, Size], *, licensed: Mapping[Any, int | None], rule: AdoptionRule
) -> Uptake:
    """Return usage dates and weekly dose of all units that telemetry or roster know.

    ``licensed``: day of the licence, which tells a start within the telemetry from one before it.
    """
    if telemetry.span is None:
        return Uptake({}, {}, ())
    weeks = telemetry.weeks
    counts = _active_members(telemetry.uses, rule.days)
    dates: dict[Any, tuple[int | None, str | None]] = {}
    dose: dict[Any, list[tuple[str, float, int]]] = {}
    seen_only, more = [], []
    for unit in sorted(telemetry.units, key=str):
        size, source = sizes.get(unit, (None, None))
        listed = telemetry.roster is not None and telemetry.roster.lists(unit)
        if size is None or not (listed or unit in telemetry.seen):
            dates[unit] = (None, "only_team_level" if unit in telemetry.teams else "no_data")
            continue
        roster = telemetry.roster if source == "roster" else None
        sized = np.full(len(weeks), size) if roster is None else roster.weekly(unit, weeks)
        active = np.array([counts.get((unit, week), 0) for week in weeks.tolist()], dtype=float)
        large = sized >= rule.minimum_group
        if not large.any():
            dates[unit] = (None, "group_too_small" if len(weeks) else "no_full_weeks")
            continue
        if source == "seen":
            seen_only.append(unit)
        if (active > sized)[large].any():
            more.append(unit)
        share = np.where(large, np.minimum(active, sized) / np.maximum(sized, 1), np.nan)
        dose[unit] = [
            (week_label(int(week)), float(one), int(members))
            for week, one, members in zip(weeks[large], share[large], sized[large], strict=True)
        ]
        dates[unit] = _taken_up(weeks, share, telemetry.span, licensed.get(unit), rule)
    caveats = []
    if seen_only:
        caveats.append(Caveat("size_from_members_seen", {"n": len(seen_only), "units": seen_only}))
    if more:
        caveats.append(Caveat("more_active_than_members", {"n": len(more), "units": more}))
    return Uptake(dates, dose, tuple(caveats))


def _taken_up(
    weeks: np.ndarray, share: np.ndarray, span: tuple[int, int], licensed: int | None, rule: AdoptionRule
) -> tuple[int | None, str | None]:
    """Return the first day of the first sustained week, or why there is none."""
    hits = set(weeks[np.nan_to_num(share, nan=-1.0) >= rule.share - 1e-9].tolist())
    last = int(weeks[-1])
    waiting = False
    for week in sorted(hits):
        window = range(week, week + rule.of)
        reached = sum(one in hits for one in window)
        if reached >= rule.sustained:
            # So many weeks below the share must be seen before it, as many as would break it off afterwards.
            before = int((weeks < week).sum())
            began_inside = licensed is not None and licensed >= span[0]
            if before < rule.of - rule.sustained + 1 and not began_inside:
                return None, "before_telemetry"
            return week * 7 + 1, None
        waiting = waiting or reached + sum(one > last for one in window) >= rule.sustained
    return None, "not_sustained_yet" if waiting else "never"


def _active_members(uses: pd.DataFrame, days: int) -> dict[tuple[Any, int], int]:
    """Return how many members were active on enough days, by unit and week."""
    if uses.empty:
        return {}
    weekly = uses.assign(week=week_of_day(uses["day"].to_numpy())).groupby(["unit", "week", "member"]).size()
    enough = weekly[weekly >= days].reset_index()
    return {(unit, int(week)): int(n) for (unit, week), n in enough.groupby(["unit", "week"]).size().items()}


def _rows(usage: Any, unit_of: Mapping[str, str]) -> pd.DataFrame:
    frame = frame_of(usage, ("day",))
    if not {"member", "team"} & set(frame.columns):
        raise InputError("impact_column_missing", names=["member", "team"], found=list(frame.columns))
    days = day_numbers(frame["day"].to_list())
    if (days == NO_DAY).any():
        raise InputError("impact_time_missing", n=int((days == NO_DAY).sum()))

    def texts(name: str) -> list[Any]:
        found = frame[name].to_list() if name in frame.columns else [None] * len(days)
        missing = pd.isna(pd.Series(found, dtype=object))
        return [None if lacks or one == "" else one for one, lacks in zip(found, missing, strict=True)]

    active = [one is True or one == 1 for one in texts("active")] if "active" in frame.columns else True
    table = pd.DataFrame({"day": days}).assign(active=active)
    table["member"] = pd.Series(texts("member"), index=table.index, dtype=object)
    units = [unit_of.get(team, team) for team in texts("team")]
    table["unit"] = pd.Series(units, index=table.index, dtype=object)
    return table


def _observed(
    days: np.ndarray, given: tuple[int, int] | None, as_of: int, caveats: list[Caveat]
) -> tuple[tuple[int, int], np.ndarray]:
    """Return the observed days, and the full weeks among them that have telemetry."""
    span = given
    if span is None:
        last = int(days.max())
        ended = as_of - last > _ENDED_AFTER
        if ended:
            caveats.append(Caveat("telemetry_ends_early", {"days": as_of - last}))
        span = (int(days.min()), last if ended else as_of)
    weeks = np.array(full_weeks(*span), dtype=np.int64)
    told = set(week_of_day(days).tolist())
    silent = [week for week in weeks.tolist() if told and week not in told and min(told) < week < max(told)]
    if silent:
        caveats.append(
            Caveat("weeks_without_telemetry", {"n": len(silent), "weeks": [week_label(one) for one in silent]})
        )
    return span, weeks[~np.isin(weeks, silent)]


def _placed(rows: pd.DataFrame, roster: Roster | None, caveats: list[Caveat]) -> pd.DataFrame:
    """Return the rows of people with the unit each belongs to; a roster of members decides, if there is one."""
    if roster is None or roster.members is None:
        lost = rows.loc[rows["unit"].isna(), "member"].nunique()
        if lost:
            caveats.append(Caveat("members_without_unit", {"n": int(lost)}))
        return rows[rows["unit"].notna()]
    joined = rows.drop(columns="unit").merge(roster.members, on="member", how="left")
    there = joined["unit"].notna() & (joined["joined"] <= joined["day"]) & (joined["left"] >= joined["day"])
    outside = set(rows["member"]) - set(joined.loc[there, "member"])
    if outside:
        caveats.append(Caveat("members_without_unit", {"n": len(outside)}))
    return joined.loc[there, ["member", "unit", "day", "active"]]
