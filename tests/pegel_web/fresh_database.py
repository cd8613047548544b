"""A database of its own, for tests in which real processes run: SQLite in a folder, or one on the PostgreSQL server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg


@contextmanager
def fresh_database(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the environment for processes that use it; PostgreSQL where ``PEGEL_TEST_POSTGRES_URL`` names a server."""
    url = os.environ.get("PEGEL_TEST_POSTGRES_URL")
    environment = {one: value for one, value in os.environ.items() if one != "PEGEL_DATABASE_URL"}
    environment |= {"PEGEL_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "pegel_web.config.settings"}
    if url is None:
        yield environment
        return
    name = f"pegel_{uuid4().hex[:16]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield environment | {"PEGEL_DATABASE_URL": urlsplit(url)._replace(path=f"/{name}").geturl()}
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
