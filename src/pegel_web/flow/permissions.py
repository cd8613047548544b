"""What may be done with value streams."""

from __future__ import annotations

from pegel_web.core.permissions import Permission, declare

declare(
    Permission(code="flow.stream.view"),
    Permission(code="flow.stream.change"),
    Permission(code="flow.item.view"),
    Permission(code="flow.desk.decide"),
    Permission(code="flow.variant.confirm"),
    Permission(code="flow.stall.report"),
    Permission(code="flow.refresh.run", everywhere=True),
)
