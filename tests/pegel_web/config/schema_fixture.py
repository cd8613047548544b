"""A program of its own: ``make VERSION`` the fixture of a released schema, ``load VERSION`` one and bring it to today.

    PEGEL_DATA_DIR=$(mktemp -d) python -m tests.pegel_web.config.schema_fixture make 0.2.0

A fixture (``schemas/VERSION.json.gz``) is made once, with the release, and never changed: the migrations that had been
applied, the rows of every table, and the SQLite database as SQL. ``load`` takes the SQL with SQLite; with PostgreSQL
it goes to the same migrations and puts the rows in.
"""

import tests.pegel_web.apps_ready  # noqa: F401  (what follows needs the apps)

# isort: split
import gzip
import json
import sqlite3
import sys
from collections.abc import Iterable
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from pegel_web.commands.first_administrator import make_administrator
from pegel_web.commands.installation import whoever_has_the_machine
from pegel_web.commands.preparing import migrate
from pegel_web.config.health import unapplied_migrations
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.jobs.queries import jobs
from pegel_web.jobs.schedule import enqueue_due
from pegel_web.organisation.queries.roles import role_assignments
from tests.pegel_web.company import make_company

SCHEMAS = Path(__file__).parent / "schemas"


def make(version: str) -> None:
    """Write the fixture from a new SQLite database with some rows."""
    migrate()
    company = make_company()
    for role in ("department_lead", "team_lead", "agent", "works_council"):
        if role != "agent":
            company.actor(role, "K")
    actor = whoever_has_the_machine("en")
    make_administrator(actor=actor, email="admin@example.org", name="Admin", organisation="Company")
    enqueue_due()
    run_waiting_jobs()
    applied = sorted(MigrationRecorder.Migration.objects.values_list("app", "name"))
    database = sqlite3.connect(connection.settings_dict["NAME"])
    database.row_factory = sqlite3.Row
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    kept = [name for name in tables if not name.startswith("sqlite_")]
    rows = {name: [dict(row) for row in database.execute(f'SELECT * FROM "{name}"')] for name in kept}
    database.row_factory = None
    fixture = {"version": version, "migrations": applied, "rows": rows, "sqlite": "\n".join(database.iterdump())}
    SCHEMAS.mkdir(exist_ok=True)
    (SCHEMAS / f"{version}.json.gz").write_bytes(gzip.compress(json.dumps(fixture).encode(), mtime=0))
    print(f"{len(kept)} tables, {sum(map(len, rows.values()))} rows")


def load(version: str) -> None:
    """Put the fixture into the empty database, bring it to today, use it; prints what is there."""
    fixture = json.loads(gzip.decompress((SCHEMAS / f"{version}.json.gz").read_bytes()))
    if connection.vendor == "sqlite":
        with sqlite3.connect(connection.settings_dict["NAME"]) as database:
            database.executescript(fixture["sqlite"])
    else:
        _go_to(fixture["migrations"])
        _put_in(fixture["rows"])
    missing = unapplied_migrations()
    call_command("migrate", interactive=False, verbosity=0)
    migrate()
    actor = whoever_has_the_machine("en")
    administrators = role_assignments(actor=actor, role="administrator")
    with connection.cursor() as cursor:
        left = {}
        for table in set(fixture["rows"]) & set(connection.introspection.table_names()):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            left[table] = cursor.fetchone()[0]
    lost = {table: (len(fixture["rows"][table]), count) for table, count in left.items()
            if count < len(fixture["rows"][table])}  # fmt: skip
    enqueue_due()
    run_waiting_jobs()
    said = {
        "was_missing": missing,
        "missing": unapplied_migrations(),
        "administrators": len(administrators),
        "jobs": sorted({job.state for job in jobs(actor=actor, everybody=True)}),
        "lost": lost,
    }
    print(json.dumps(said))


def _go_to(migrations: Iterable[tuple[str, str]]) -> None:
    executor = MigrationExecutor(connection)
    wanted = {tuple(one) for one in migrations}
    targets = executor.loader.graph.leaf_nodes()
    plan = [step for step in executor.migration_plan(targets) if (step[0].app_label, step[0].name) in wanted]
    executor.migrate(targets, plan=plan)


def _put_in(rows: dict[str, list[dict[str, object]]]) -> None:
    present = set(connection.introspection.table_names())
    with transaction.atomic(), connection.cursor() as cursor:
        for table, lines in rows.items():
            if table == "django_migrations" or not lines:
                continue
            if table not in present:
                columns = ", ".join(f'"{name}" text' for name in lines[0])
                cursor.execute(f'CREATE TABLE "{table}" ({columns})')
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND data_type = 'boolean'",
                [table],
            )
            truths = {row[0] for row in cursor.fetchall()}
            for line in lines:
                values = [bool(one) if name in truths and one is not None else one for name, one in line.items()]
                columns = ", ".join(f'"{name}"' for name in line)
                places = ", ".join(["%s"] * len(line))
                cursor.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', values)
            if "id" in lines[0] and isinstance(lines[0]["id"], int):
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), "
                    f"(SELECT max(id) FROM \"{table}\")) WHERE pg_get_serial_sequence('\"{table}\"', 'id') IS NOT NULL"
                )


if __name__ == "__main__":
    {"make": make, "load": load}[sys.argv[1]](sys.argv[2])
