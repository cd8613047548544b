"""What may be done with background work: one's own, and other people's."""

from __future__ import annotations

from pegel_web.core.permissions import Permission, declare

declare(
    Permission(code="jobs.own.view"),
    Permission(code="jobs.own.cancel"),
    Permission(code="jobs.job.view", everywhere=True),
    Permission(code="jobs.job.cancel", everywhere=True),
)
