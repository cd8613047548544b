"""What may be done with privacy's own records."""

from __future__ import annotations

from pegel_web.core.permissions import Permission, declare

declare(
    Permission(code="privacy.notice.view"),
    Permission(code="privacy.settings.view", everywhere=True),
    Permission(code="privacy.settings.change", everywhere=True),
    Permission(code="privacy.access_log.view", everywhere=True),
    Permission(code="privacy.record.view", everywhere=True),
    Permission(code="privacy.record.change", everywhere=True),
    Permission(code="privacy.erasure.run", everywhere=True),
)
