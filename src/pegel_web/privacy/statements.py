"""What is data and not code: legal statements and kinds of retention, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from pegel.eventlog.setting_file import read_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalStatement:
    """What a law says, in our words ``privacy.law.ID``. ``in_force_since``: since when it applies."""

    id: str
    law: Mapping[str, str]
    article: str
    source: str
    in_force_since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionKind:
    """A kind of data with the days it is kept: by default, at least, at most."""

    kind: str
    default: int
    least: int
    most: int


@cache
def legal_statements() -> Mapping[str, LegalStatement]:
    """Return all statements by id."""
    return {row["id"]: LegalStatement(**row) for row in _read("legal.yaml")["statements"]}


@cache
def retention_kinds() -> Mapping[str, RetentionKind]:
    """Return all kinds by name, in the order of the file."""
    return {kind: RetentionKind(kind=kind, **row) for kind, row in _read("retention.yaml")["kinds"].items()}


def _read(name: str) -> Any:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return read_settings(text, unreadable="unexpected")
