"""Platforms and guardrails, for programs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ninja import Field, Router, Schema, Status

from pegel_web.core.rest import ApiRequest
from pegel_web.organisation.contracts.platforms import GuardrailLine, PlatformCatalogue, PlatformReport
from pegel_web.organisation.models.platforms import Enforcement, GuardrailKind, PlatformKind
from pegel_web.organisation.queries import platforms as queries
from pegel_web.organisation.services import guardrails
from pegel_web.organisation.services import platforms as services

router = Router(tags=["platforms"])


class ChangedPlatform(Schema):
    """What a platform is."""

    name: str = Field(max_length=500)
    kind: PlatformKind
    purpose: str = Field(max_length=2000)
    owner_unit_id: UUID
    accountable_id: UUID | None = Field(None, description="Who answers for it; left out: nobody yet.")
    access: str = Field("", max_length=1500, description="Where or how one gets it.")
    allowed_for: str = Field("", max_length=2000, description="What it may be used for, in words.")
    valid_until: date | None = None


class NewPlatform(ChangedPlatform):
    """A platform that is offered from a day on; until then it is planned."""

    valid_from: date | None = Field(None, description="Left out: today.")


class ChangedGuardrail(Schema):
    """A rule."""

    name: str = Field(max_length=500)
    rule: str = Field(max_length=2000)
    kind: GuardrailKind
    enforcement: Enforcement
    owner_unit_id: UUID
    platform_id: UUID | None = Field(None, description="Left out: it holds for all platforms.")
    valid_until: date | None = None


class NewGuardrail(ChangedGuardrail):
    """A rule that holds from a day on."""

    valid_from: date | None = Field(None, description="Left out: today.")


@router.get("/platforms", response=PlatformCatalogue)
def platform_catalogue(request: ApiRequest, on: date | None = None) -> PlatformCatalogue:
    """Platforms and guardrails on a day, with who uses them and what is missing."""
    return queries.platform_catalogue(actor=request.actor, on=on)


@router.post("/platforms", response={201: PlatformReport})
def declare_platform(request: ApiRequest, sent: NewPlatform) -> Status[PlatformReport]:
    """Declare a platform."""
    return Status(201, services.declare_platform(actor=request.actor, **dict(sent)))


@router.get("/platforms/{uuid:platform_id}", response=PlatformReport)
def platform_report(request: ApiRequest, platform_id: UUID, on: date | None = None) -> PlatformReport:
    """One platform on a day, with what it was, its guardrails and the tools on it."""
    return queries.platform_report(actor=request.actor, platform_id=platform_id, on=on)


@router.put("/platforms/{uuid:platform_id}", response=PlatformReport)
def change_platform(request: ApiRequest, platform_id: UUID, sent: ChangedPlatform) -> PlatformReport:
    """Say anew what a platform is, from today on."""
    return services.change_platform(actor=request.actor, platform_id=platform_id, **dict(sent))


@router.delete("/platforms/{uuid:platform_id}", response={204: None})
def end_platform(request: ApiRequest, platform_id: UUID, on: date | None = None) -> Status[None]:
    """Retire a platform on a day (today)."""
    services.end_platform(actor=request.actor, platform_id=platform_id, on=on)
    return Status(204, None)


@router.post("/guardrails", response={201: GuardrailLine})
def set_guardrail(request: ApiRequest, sent: NewGuardrail) -> Status[GuardrailLine]:
    """Let a rule hold for a platform, or for all of them."""
    return Status(201, guardrails.set_guardrail(actor=request.actor, **dict(sent)))


@router.put("/guardrails/{uuid:guardrail_id}", response=GuardrailLine)
def change_guardrail(request: ApiRequest, guardrail_id: UUID, sent: ChangedGuardrail) -> GuardrailLine:
    """Replace a guardrail from today on."""
    return guardrails.change_guardrail(actor=request.actor, guardrail_id=guardrail_id, **dict(sent))


@router.delete("/guardrails/{uuid:guardrail_id}", response={204: None})
def end_guardrail(request: ApiRequest, guardrail_id: UUID, on: date | None = None) -> Status[None]:
    """End a guardrail on a day (today)."""
    guardrails.end_guardrail(actor=request.actor, guardrail_id=guardrail_id, on=on)
    return Status(204, None)
