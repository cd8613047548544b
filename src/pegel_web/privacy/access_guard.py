"""The access log is only ever added to; the database lets only old rows go."""

from __future__ import annotations

from typing import Final

from pegel_web.core.append_only import Guard

ACCESS_GUARDS: Final = (
    Guard(
        table="privacy_access",
        key="id",
        columns=("id", "at", "person_id", "roles", "what", "unit_id", "through", "request_id"),
        deletable_after_days=28,
    ),
)
