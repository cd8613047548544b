"""Over which projects of the lake a value stream goes, and what joining others would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pegel_web.flow.contracts.streams import LakeStream, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What the lake holds under a name: items that are there today, their transitions, first and last event.

    ``lake_name`` empty: of several names together. Without events ``first_at`` and ``last_at`` are None.
    """

    lake_name: str
    items: int
    transitions: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSpan:
    """From when until when a name belonged to a stream; ``valid_until`` None: it does today."""

    lake_name: str
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectsEffect:
    """What a stream would be over other projects, before it is saved.

    ``shared``: so many item ids stand for items of more than one of them and cannot be told apart; then it cannot be
    saved. ``examples``: some of them, for people who may see the items of the stream.
    """

    projects: tuple[ProjectFacts, ...]
    before: ProjectFacts
    after: ProjectFacts
    shared: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamProjects:
    """Over which projects a stream goes. ``projects``: those of today, the first one first, by which results call it.

    ``candidates``: names of the lake that belong to nobody, for people who may change the stream. ``history``: every
    name that ever belonged to it, the newest first. ``effect``: of the names that were asked for; None: none were.
    ``shared``: item ids of today's projects that cannot be told apart: imports of later brought them.
    """

    stream: Stream
    projects: tuple[ProjectFacts, ...]
    candidates: tuple[LakeStream, ...]
    history: tuple[ProjectSpan, ...]
    shared: int
    effect: ProjectsEffect | None
    may_change: bool
