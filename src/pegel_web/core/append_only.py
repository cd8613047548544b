"""Tables that are only ever added to: the database itself refuses to change or delete their rows.

Migrations call :func:`guard`. Somebody who administers the database can drop a trigger; that is what the digests and
``pegel audit verify`` are for. This keeps out everything short of it, first of all our own mistakes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper

_FUNCTION: Final = "pegel_append_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What is guarded of a table.

    ``columns``: all of them except ``set_once``, the one column that may be filled when it is empty. ``key``: its
    primary key. ``deletable_after_days``: rows older than that (by the column ``at``) may be deleted, because they are
    kept for a time only; None: never.
    """

    table: str
    key: str
    columns: Sequence[str]
    set_once: str | None = None
    deletable_after_days: int | None = None


AUDIT_GUARDS: Final = (
    Guard(
        table="core_auditentry",
        key="id",
        columns=(
            "id", "at", "event", "actor_id", "through", "request_id", "subject_type", "subject_id", "unit_id",
            "about_person_id", "before", "after", "digest",
        ),
        set_once="seal_id",
    ),
    Guard(
        table="core_auditseal",
        key="number",
        columns=("number", "sealed_at", "entries", "contents", "previous_digest", "digest"),
    ),
)  # fmt: skip


def guard(connection: BaseDatabaseWrapper, guards: Sequence[Guard]) -> None:
    """Install the triggers (SQLite, PostgreSQL)."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME "
                "USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
        for one in guards:
            for statement in _statements(one, postgres=connection.vendor == "postgresql"):
                cursor.execute(statement)


def unguard(connection: BaseDatabaseWrapper, guards: Sequence[Guard]) -> None:
    """Take the triggers away again: to undo the migration, and where tests tamper."""
    with connection.cursor() as cursor:
        for one in guards:
            for name in _names(one, postgres=connection.vendor == "postgresql"):
                where = f" ON {one.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{where}")


def missing(connection: BaseDatabaseWrapper, guards: Sequence[Guard]) -> list[str]:
    """Return the names of triggers that should be there and are not, or are switched off."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
            if postgres
            else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        )
        there = {row[0] for row in cursor.fetchall()}
    return [name for one in guards for name in _names(one, postgres=postgres) if name not in there]


def _names(one: Guard, *, postgres: bool) -> tuple[str, ...]:
    # SQLite's INSERT OR REPLACE deletes without asking the trigger for deletions; PostgreSQL's TRUNCATE does, too.
    return tuple(f"{one.table}_no_{what}" for what in ("update", "delete", "truncate" if postgres else "replace"))


def _statements(one: Guard, *, postgres: bool) -> tuple[str, ...]:
    same = "IS NOT DISTINCT FROM" if postgres else "IS"
    unchanged = " AND ".join(f'OLD."{column}" {same} NEW."{column}"' for column in one.columns)
    sealing = f'OLD."{one.set_once}" IS NULL AND NEW."{one.set_once}" IS NOT NULL' if one.set_once else "FALSE"
    changed = f"NOT ({sealing} AND {unchanged})"
    days = one.deletable_after_days
    if days is None:
        young = "TRUE"
    elif postgres:
        young = f"OLD.\"at\" > now() - interval '{days} days'"
    else:
        young = f"OLD.\"at\" > datetime('now', '-{days} days')"
    update, delete, third = _names(one, postgres=postgres)
    if postgres:
        call = f"EXECUTE FUNCTION {_FUNCTION}()"
        return (
            f"CREATE TRIGGER {update} BEFORE UPDATE ON {one.table} FOR EACH ROW WHEN ({changed}) {call}",
            f"CREATE TRIGGER {delete} BEFORE DELETE ON {one.table} FOR EACH ROW WHEN ({young}) {call}",
            f"CREATE TRIGGER {third} BEFORE TRUNCATE ON {one.table} FOR EACH STATEMENT {call}",
        )
    refuse = f"BEGIN SELECT RAISE(ABORT, '{one.table} is only ever added to'); END"
    # Names of tables and columns stand in this file and in migrations; nothing of it comes from outside.
    there = f'EXISTS (SELECT 1 FROM {one.table} WHERE "{one.key}" = NEW."{one.key}")'  # noqa: S608  (the line above)
    return (
        f"CREATE TRIGGER {update} BEFORE UPDATE ON {one.table} WHEN {changed} {refuse}",
        f"CREATE TRIGGER {delete} BEFORE DELETE ON {one.table} WHEN {young} {refuse}",
        f"CREATE TRIGGER {third} BEFORE INSERT ON {one.table} WHEN {there} {refuse}",
    )
