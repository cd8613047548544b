"""Pseudonyms at the edge: names of people become keyed hashes before anything is stored.

The key lies beside the lake, readable by its owner only. Without it nobody can test whether a pseudonym belongs to a
known name; when it is deleted, the lake is anonymous.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import polars as pl

from pegel.errors import NotFoundError
from pegel.eventlog import schema
from pegel.eventlog.batch import Batch

_FILE = "pseudonym.key"


def create_key(root: Path) -> None:
    """Write a new random key with owner-only rights; keeps an existing one."""
    try:
        descriptor = os.open(root / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))


class Pseudonyms:
    """Turns names into pseudonyms: "p-" and 16 hexadecimal digits of HMAC-SHA-256.

    Raises
    ------
    NotFoundError: ``pseudonym_key_missing``; a new key would give known people new pseudonyms.
    """

    def __init__(self, root: Path) -> None:
        path = root / _FILE
        if not path.exists():
            raise NotFoundError("pseudonym_key_missing", lake=root.name, file=_FILE)
        self._key = bytes.fromhex(path.read_text().strip())
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """Return the pseudonym of a name (case and surrounding blanks do not matter)."""
        known = self._known.get(name)
        if known is None:
            digest = hmac.new(self._key, name.strip().casefold().encode(), hashlib.sha256).hexdigest()
            known = self._known[name] = f"p-{digest[:16]}"
        return known

    def apply(self, batch: Batch) -> Batch:
        """Return the batch without any person's name: actors, and values of personal fields."""
        personal = pl.col("field").is_in(list(schema.PERSONAL_FIELDS))
        changes = self._replace(batch.field_changes, "actor", pl.lit(value=True))
        for column in ("from_value", "to_value"):
            changes = self._replace(changes, column, personal)
        batch.field_changes = changes
        batch.transitions = self._replace(batch.transitions, "actor", pl.lit(value=True))
        return batch

    def _replace(self, frame: pl.DataFrame, column: str, where: pl.Expr) -> pl.DataFrame:
        names = frame.filter(where)[column].drop_nulls().unique().to_list()
        if not names:
            return frame
        mapping = {name: self.of(name) for name in names}
        return frame.with_columns(
            pl.when(where).then(pl.col(column).replace(mapping)).otherwise(pl.col(column)).alias(column)
        )
