"""Platforms, the guardrails that hold for them, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from pegel_web.organisation.contracts.responsibilities import DeclaredToolUse


class PlatformState(StrEnum):
    """Where a platform stands on a day: before its first day, between the two, from its end on."""

    PLANNED = "planned"
    OFFERED = "offered"
    RETIRED = "retired"


class PlatformGap(StrEnum):
    """What an offered platform lacks: an accountable person who is still there; any guardrail in force."""

    NO_ACCOUNTABLE = "no_accountable"
    NO_GUARDRAIL = "no_guardrail"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformFacts:
    """What a platform is in ``[valid_from, valid_until)``.

    ``accountable_gone``: the person named has left or was forgotten. ``access``: where or how one gets it; empty: not
    said. ``allowed_for``: what it may be used for; empty: not said.
    """

    name: str
    kind: str
    purpose: str
    owner_unit_id: UUID
    owner_unit_name: str
    accountable_id: UUID | None
    accountable_name: str | None
    accountable_gone: bool
    access: str
    allowed_for: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformLine:
    """A platform on a day. ``guardrails``: how many are in force for it; ``tools``, ``units``: how many use it.

    ``facts``: those of the day; of a planned platform the first, of a retired one the last. ``gaps``: of offered ones.
    """

    platform_id: UUID
    state: PlatformState
    facts: PlatformFacts
    guardrails: int
    tools: int
    units: int
    gaps: tuple[PlatformGap, ...]
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailLine:
    """A rule. ``platform_id``: None: it holds for all platforms. ``enforcement``: automatic, manual, or declared."""

    guardrail_id: UUID
    platform_id: UUID | None
    platform_name: str | None
    name: str
    rule: str
    kind: str
    enforcement: str
    owner_unit_id: UUID
    owner_unit_name: str
    valid_from: date
    valid_until: date | None
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolWithoutPlatform:
    """A tool that some units use on no platform that is offered; ``units``: their names."""

    tool: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformCatalogue:
    """Platforms and guardrails on a day, as far as the reader may see units.

    ``guardrails``: those in force and those to come. ``tools``: tools in use in all. ``with_gaps``: offered platforms
    that lack something.
    """

    on: date
    platforms: tuple[PlatformLine, ...]
    guardrails: tuple[GuardrailLine, ...]
    tools_without: tuple[ToolWithoutPlatform, ...]
    tools: int
    offered: int
    in_force: int
    with_gaps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformReport:
    """One platform: what it is, what it was, the guardrails that hold for it on the day, and the tools on it."""

    on: date
    platform: PlatformLine
    history: tuple[PlatformFacts, ...]
    guardrails: tuple[GuardrailLine, ...]
    tools: tuple[DeclaredToolUse, ...]
