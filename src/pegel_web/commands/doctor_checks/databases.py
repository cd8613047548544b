"""The database: there, of a version that is supported, at this version's schema, with clocks that agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from django.db import DatabaseError, connection

from pegel_web.commands.doctor_checks.findings import Finding, bad, good, warning
from pegel_web.config.health import database_reachable, unapplied_migrations
from pegel_web.jobs.clock import shared_now

#: The oldest PostgreSQL that Django 5.2 supports.
_OLDEST: Final = 14
#: Seconds by which two clocks may differ.
_APART: Final = 5.0


def check_database() -> Iterator[Finding]:
    """Look at the database; whoever goes on asking needs one that is at this version."""
    if not database_reachable():
        yield bad("database_unreachable")
        return
    yield from _postgresql() if connection.vendor == "postgresql" else _sqlite()
    missing = unapplied_migrations()
    yield bad("migrations_missing", n=len(missing)) if missing else good("migrations")
    apart = abs((shared_now() - datetime.now(UTC)).total_seconds())
    if apart > _APART:
        yield warning("clock_apart", seconds=round(apart))


def _postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num'), current_setting('server_encoding')")
        number, encoding = cursor.fetchone()
        cursor.execute("SELECT count(*), current_setting('max_connections') FROM pg_stat_activity")
        used, most = cursor.fetchone()
    version = int(number) // 10_000
    yield (good if version >= _OLDEST else bad)(
        "postgresql" if version >= _OLDEST else "postgresql_old", version=str(version), oldest=str(_OLDEST)
    )
    if encoding != "UTF8":
        yield bad("encoding", encoding=encoding)
    if used > 0.8 * int(most):
        yield warning("connections", used=used, most=int(most))


def _sqlite() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        mode = cursor.fetchone()[0]
        try:
            cursor.execute("PRAGMA quick_check(1)")
            whole = cursor.fetchone()[0] == "ok"
        except DatabaseError:
            whole = False
    if not whole:
        yield bad("sqlite_damaged")
    yield good("sqlite") if mode == "wal" else bad("sqlite_not_wal", mode=str(mode))
