"""What may be done with other people's background work; one's own can always be seen and cancelled."""

from __future__ import annotations

from pegel_web.core.permissions import Permission, declare

declare(
    Permission(code="jobs.job.view", everywhere=True),
    Permission(code="jobs.job.cancel", everywhere=True),
)
