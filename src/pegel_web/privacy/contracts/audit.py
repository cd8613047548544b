"""The audit as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass

from pegel_web.core.contracts import AuditLine


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLine:
    """One line with the names that the reader may know.

    ``who``: name or pseudonym; ``who_kind``: ``named``, ``pseudonym``, ``forgotten``, ``unknown`` or ``pegel``.
    ``subject``: what the subject is called; empty: its id has to do.
    """

    line: AuditLine
    who: str
    who_kind: str
    subject: str
    unit_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """A part of the audit, the newest first; ``total``: how many match. ``events``, ``subjects``: to choose from."""

    lines: tuple[NamedLine, ...]
    total: int
    offset: int
    limit: int
    events: tuple[str, ...]
    subjects: tuple[str, ...]
    units: tuple[tuple[str, str], ...]
