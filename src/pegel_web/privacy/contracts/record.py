"""The record of processing activities (GDPR Art. 30(1))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What the composition knows about this installation."""

    https: bool
    single_sign_on: bool
    two_factor: str
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Art. 30(1)(a). An empty text: nobody has said it yet."""

    controller: str
    joint_controllers: str
    representative: str
    data_protection_officer: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One processing activity; words ``privacy.activity.ID.purpose``, ``.subjects``, ``.data``, ``.recipients``.

    ``count``: how many records there are now; None: not counted here. ``retention``: a kind of ``RetentionLine``;
    empty: words ``privacy.activity.ID.kept`` say how long.
    """

    id: str
    count: int | None
    retention: str
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingRecord:
    """The whole record. ``measures``: words ``privacy.measure.CODE`` with yes or no for what depends on settings."""

    at: datetime
    contacts: Contacts
    activities: tuple[Activity, ...]
    measures: tuple[tuple[str, bool], ...]
    may_change: bool
