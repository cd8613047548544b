"""Real pseudonyms, saved answers on disk, and the account that every reading is held to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pegel.lake.pseudonyms import Pseudonyms, create_key
from pegel.sources.usage import REJECTS, USAGE, TableRead, UsageRead


def pseudonyms_in(folder: Path) -> Pseudonyms:
    create_key(folder)
    return Pseudonyms(folder)


def saved(path: Path, content: object) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def lines(path: Path, records: Iterable[object]) -> Path:
    texts = (one if isinstance(one, str) else json.dumps(one) for one in records)
    return saved(path, "".join(f"{text}\n" for text in texts))


def checked(read: TableRead, *secrets: str) -> TableRead:
    """Hold a reading to its account: each row has one fate, and nobody's name is left anywhere in it."""
    assert dict(read.rejects.schema) == REJECTS
    assert read.accepted + read.merged + read.duplicate + read.ignored.total() + read.rejects.height == read.rows
    assert not set(read.table["row"]) & set(read.rejects["row"])
    if isinstance(read, UsageRead):
        assert dict(read.usage.schema) == USAGE
        # One row per member, team, day and currency.
        keys = ("member", "team", "day", "cost_currency")
        assert read.usage.select(keys).n_unique() == read.usage.height
    everything = f"{read.table.rows()}{read.rejects.rows()}{read.ignored}{read.warnings}".casefold()
    assert [one for one in (*secrets, "@") if one.casefold() in everything] == []
    return read


def reasons(read: TableRead) -> list[tuple[int, str]]:
    return read.rejects.select("row", "reason").rows()


def rows(read: TableRead, *columns: str) -> list[tuple[Any, ...]]:
    return read.table.select(columns).rows()
