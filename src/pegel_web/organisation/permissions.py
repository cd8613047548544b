"""What may be done with the organisation's records."""

from __future__ import annotations

from pegel_web.core.permissions import Permission, declare

declare(
    Permission(code="organisation.unit.view"),
    Permission(code="organisation.unit.change"),
    Permission(code="organisation.import.run", everywhere=True),
    Permission(code="organisation.person.view"),
    Permission(code="organisation.person.change"),
    Permission(code="organisation.role.view"),
    Permission(code="organisation.role.assign"),
    Permission(code="organisation.delegation.view"),
    Permission(code="organisation.delegation.give"),
    Permission(code="organisation.decision.view"),
    Permission(code="organisation.decision.raise"),
    Permission(code="organisation.decision.take", delegable=True, limited=True),
    Permission(code="organisation.frame.view"),
    Permission(code="organisation.frame.change"),
    Permission(code="organisation.responsibility.view"),
    Permission(code="organisation.responsibility.change", delegable=True),
    Permission(code="organisation.platform.change"),
    Permission(code="organisation.token.own"),
)
