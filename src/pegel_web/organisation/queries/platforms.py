"""Platforms and guardrails on a day, who uses them, and the gaps: tools on no platform, platforms without an owner.

Definition
    A tool counts as used on a platform where the last declaration of a unit names one that is offered on the day. A
    tool is listed as being on no platform when at least one unit uses it on none, or on one that is not offered (any
    more). An offered platform lacks an accountable person where nobody is named or who is named has left, and a
    guardrail where none is in force, neither its own nor one for all platforms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from pegel.errors import NotFoundError
from pegel_web.core.actor import Actor
from pegel_web.organisation.contracts.platforms import (
    GuardrailLine,
    PlatformCatalogue,
    PlatformFacts,
    PlatformGap,
    PlatformLine,
    PlatformReport,
    PlatformState,
    ToolWithoutPlatform,
)
from pegel_web.organisation.models import Guardrail, PlatformPeriod, ToolUse
from pegel_web.organisation.queries.office_names import office_names
from pegel_web.organisation.queries.platform_names import period_of_day
from pegel_web.organisation.queries.responsibilities import VIEW, gone_people
from pegel_web.organisation.queries.structure import Structure, structure_on
from pegel_web.organisation.queries.tool_use import declared_lines, uses_on
from pegel_web.organisation.queries.unit_names import unit_names
from pegel_web.organisation.validity import not_ended_by

CHANGE: Final = "organisation.platform.change"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is read once for all lines. ``periods``: of each platform, in order."""

    structure: Structure
    actor: Actor
    periods: Mapping[UUID, Sequence[PlatformPeriod]]
    rails: Sequence[Guardrail]
    uses: Sequence[ToolUse]
    units: Mapping[UUID, str]
    people: Mapping[UUID, str]
    gone: frozenset[UUID]

    @property
    def day(self) -> date:
        return self.structure.on

    def state(self, platform: UUID | None) -> PlatformState:
        """Return where a platform stands on the day."""
        periods = () if platform is None else self.periods.get(platform, ())
        if not periods:
            return PlatformState.RETIRED
        if periods[0].valid_from > self.day:
            return PlatformState.PLANNED
        until = periods[-1].valid_until
        return PlatformState.OFFERED if until is None or until > self.day else PlatformState.RETIRED

    def holds(self, rail: Guardrail) -> bool:
        """Tell whether there is something a guardrail holds for, or will be."""
        return rail.platform_id is None or self.state(rail.platform_id) is not PlatformState.RETIRED

    def in_force(self, platform: UUID) -> list[Guardrail]:
        """Return the guardrails that hold for a platform on the day."""
        return [one for one in self.rails if one.valid_from <= self.day and one.platform_id in {None, platform}]


def platform_catalogue(*, actor: Actor, on: date | None = None) -> PlatformCatalogue:
    """Return platforms, guardrails and gaps on a day (today), as far as the actor may see units.

    Raises
    ------
    NotAllowedError.
    """
    known = _read(actor, on)
    lines = tuple(sorted((_line(one, known) for one in _seen(known)), key=_place))
    rails = _guardrails([one for one in known.rails if _may_see(one.owner_unit_id, known) and known.holds(one)], known)
    return PlatformCatalogue(
        on=known.day,
        platforms=lines,
        guardrails=rails,
        tools_without=_without(known),
        tools=len({one.tool.casefold() for one in known.uses}),
        offered=sum(one.state is PlatformState.OFFERED for one in lines),
        in_force=sum(one.valid_from <= known.day for one in rails),
        with_gaps=sum(bool(one.gaps) for one in lines),
    )


def platform_report(*, actor: Actor, platform_id: UUID, on: date | None = None) -> PlatformReport:
    """Return one platform on a day (today), with what it was and will be.

    Raises
    ------
    NotFoundError: ``platform_unknown``. NotAllowedError.
    """
    known = _read(actor, on)
    if platform_id not in _seen(known):
        raise NotFoundError("platform_unknown", id=platform_id)
    uses = [one for one in known.uses if one.platform_id == platform_id]
    return PlatformReport(
        on=known.day,
        platform=_line(platform_id, known),
        history=tuple(_facts(one, known) for one in reversed(known.periods[platform_id])),
        guardrails=_guardrails(known.in_force(platform_id), known),
        tools=declared_lines(uses, known.structure),
    )


def guardrail(*, actor: Actor, guardrail_id: UUID) -> GuardrailLine:
    """Return one guardrail that has not ended.

    Raises
    ------
    NotFoundError: ``guardrail_unknown``. NotAllowedError.
    """
    known = _read(actor, None)
    rows = [one for one in known.rails if one.id == guardrail_id and _may_see(one.owner_unit_id, known)]
    if not rows:
        raise NotFoundError("guardrail_unknown", id=guardrail_id)
    return _guardrails(rows, known)[0]


def _read(actor: Actor, on: date | None) -> _Known:
    actor.require_somewhere(VIEW)
    structure = structure_on(on or actor.at.date())
    periods: dict[UUID, list[PlatformPeriod]] = defaultdict(list)
    for row in PlatformPeriod.objects.select_related("platform").order_by("valid_from"):
        periods[row.platform_id].append(row)
    # A guardrail for all platforms holds for those of other units, too: what is counted is all of them.
    rails = Guardrail.objects.everything(because="a platform's gap must not depend on who reads")
    found = list(rails.filter(not_ended_by(structure.on)).order_by("valid_from", "id"))
    every = [row for rows in periods.values() for row in rows]
    people = {row.accountable_id for row in every if row.accountable_id is not None}
    return _Known(
        structure=structure,
        actor=actor,
        periods=periods,
        rails=found,
        uses=uses_on(actor, structure.on),
        units=unit_names([*(row.owner_unit_id for row in every), *(row.owner_unit_id for row in found)], structure),
        people=office_names(people),
        gone=gone_people(people, structure.on) if people else frozenset(),
    )


def _seen(known: _Known) -> list[UUID]:
    """Return the platforms that the actor may see: those of the units they may see."""
    return [one for one, periods in known.periods.items() if _may_see(periods[0].platform.owner_unit_id, known)]


def _may_see(unit: UUID, known: _Known) -> bool:
    return known.actor.allows(VIEW, unit=unit)


def _place(line: PlatformLine) -> tuple[int, str, str]:
    return list(PlatformState).index(line.state), line.facts.name.casefold(), str(line.platform_id)


def _line(platform: UUID, known: _Known) -> PlatformLine:
    state, periods = known.state(platform), known.periods[platform]
    facts, rails = _facts(period_of_day(periods, known.day), known), known.in_force(platform)
    uses = [one for one in known.uses if one.platform_id == platform]
    gaps = []
    if state is PlatformState.OFFERED and (facts.accountable_id is None or facts.accountable_gone):
        gaps.append(PlatformGap.NO_ACCOUNTABLE)
    if state is PlatformState.OFFERED and not rails:
        gaps.append(PlatformGap.NO_GUARDRAIL)
    return PlatformLine(
        platform_id=platform,
        state=state,
        facts=facts,
        guardrails=len(rails),
        tools=len({one.tool.casefold() for one in uses}),
        units=len({one.unit_id for one in uses}),
        gaps=tuple(gaps),
        may_change=known.actor.allows(CHANGE, unit=periods[0].platform.owner_unit_id),
    )


def _facts(row: PlatformPeriod, known: _Known) -> PlatformFacts:
    return PlatformFacts(
        name=row.name,
        kind=row.kind,
        purpose=row.purpose,
        owner_unit_id=row.owner_unit_id,
        owner_unit_name=known.units[row.owner_unit_id],
        accountable_id=row.accountable_id,
        accountable_name=None if row.accountable_id is None else known.people[row.accountable_id],
        accountable_gone=row.accountable_id in known.gone,
        access=row.access,
        allowed_for=row.allowed_for,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _guardrails(rows: Iterable[Guardrail], known: _Known) -> tuple[GuardrailLine, ...]:
    found = [
        GuardrailLine(
            guardrail_id=row.id,
            platform_id=row.platform_id,
            platform_name=None
            if row.platform_id is None
            else period_of_day(known.periods[row.platform_id], known.day).name,
            name=row.name,
            rule=row.rule,
            kind=row.kind,
            enforcement=row.enforcement,
            owner_unit_id=row.owner_unit_id,
            owner_unit_name=known.units[row.owner_unit_id],
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            may_change=known.actor.allows(CHANGE, unit=row.owner_unit_id),
        )
        for row in rows
    ]
    # What holds for all stands first.
    return tuple(sorted(found, key=lambda one: (one.platform_name or "", one.name.casefold(), str(one.guardrail_id))))


def _without(known: _Known) -> tuple[ToolWithoutPlatform, ...]:
    loose = [one for one in known.uses if known.state(one.platform_id) is not PlatformState.OFFERED]
    names = unit_names((one.unit_id for one in loose), known.structure)
    by_tool: dict[str, list[ToolUse]] = defaultdict(list)
    for one in loose:
        by_tool[one.tool.casefold()].append(one)
    return tuple(
        ToolWithoutPlatform(tool=used[-1].tool, units=tuple(sorted(names[one.unit_id] for one in used)))
        for _, used in sorted(by_tool.items())
    )
