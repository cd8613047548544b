"""The records of the organisation, by subject."""

from pegel_web.organisation.models.coverage import WantedFunction
from pegel_web.organisation.models.decisions import Decision
from pegel_web.organisation.models.delegations import Delegation
from pegel_web.organisation.models.frame import FrameEntry
from pegel_web.organisation.models.people import Identity, Membership, Person
from pegel_web.organisation.models.platforms import Guardrail, Platform, PlatformPeriod
from pegel_web.organisation.models.responsibilities import Responsibility, ToolUse
from pegel_web.organisation.models.roles import RoleAssignment
from pegel_web.organisation.models.structure_import import StructureImport
from pegel_web.organisation.models.tokens import Token
from pegel_web.organisation.models.units import OrganisationState, Product, ProductOwner, Unit, UnitPeriod
from pegel_web.organisation.models.users import Invitation, User

__all__ = [
    "Decision",
    "Delegation",
    "FrameEntry",
    "Guardrail",
    "Identity",
    "Invitation",
    "Membership",
    "OrganisationState",
    "Person",
    "Platform",
    "PlatformPeriod",
    "Product",
    "ProductOwner",
    "Responsibility",
    "RoleAssignment",
    "StructureImport",
    "Token",
    "ToolUse",
    "Unit",
    "UnitPeriod",
    "User",
    "WantedFunction",
]
