"""The clock that all workers share: the database's, so that clocks of several machines need not agree."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection


def shared_now() -> datetime:
    """Return the moment by the database's clock (UTC, aware); with SQLite everything runs on one machine anyway."""
    if connection.vendor != "postgresql":
        return datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found.astimezone(UTC)
