"""Three streams with links between them, small enough to be worked out by hand.

IT and Claims belong to the team Motor (K1), Legal to Sales (S). Dependencies between streams:

    I-1 blocks C-1     C-1 waits 3 days for it; resolved
    I-2 blocks C-2     open: both are not done; C-2 waits 4 days until the log's moment, 14 January
    L-1 blocks C-3     open: C-3 waits 2 days
    C-4 blocks L-2     L-2 waits 1 day; resolved
Within IT: I-3 blocks I-2, open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pegel import create_lake
from pegel.eventlog.batch import Batch, BatchBuilder, SourceInfo
from pegel.eventlog.schema import to_us
from pegel.eventlog.workflow import load_workflow
from pegel.lake.store import Lake
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.place import lake_folder
from pegel_web.flow.services.snapshots import read_lake
from pegel_web.flow.services.streams import adopt_stream
from pegel_web.flow.tasks import watch
from pegel_web.jobs.performing import run_waiting_jobs
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import SEEN

MEANING = "states: {Open: new, Doing: active, Waits: waiting, Done: done, Dropped: cancelled}"
STREAMS = {"I": "IT", "C": "Claims", "L": "Legal"}
ROWS = [
    ("I-1", "2026-01-01", "Doing"), ("I-1", "2026-01-06", "Done"),
    ("C-1", "2026-01-02", "Doing"), ("C-1", "2026-01-03", "Waits"), ("C-1", "2026-01-08", "Done"),
    ("I-2", "2026-01-05", "Doing"),
    ("C-2", "2026-01-05", "Doing"), ("C-2", "2026-01-10", "Waits"),
    ("L-1", "2026-01-07", "Doing"),
    ("C-3", "2026-01-07", "Doing"), ("C-3", "2026-01-12", "Waits"),
    ("C-4", "2026-01-01", "Doing"), ("C-4", "2026-01-05", "Done"),
    ("L-2", "2026-01-02", "Doing"), ("L-2", "2026-01-04", "Waits"), ("L-2", "2026-01-09", "Done"),
    ("I-3", "2026-01-02", "Doing"),
    ("C-5", "2025-12-20", "Open"), ("C-5", "2026-01-12", "Doing"), ("C-5", "2026-01-14", "Dropped"),
]  # fmt: skip
LINKS = [("I-1", "C-1"), ("I-2", "C-2"), ("L-1", "C-3"), ("C-4", "L-2"), ("I-3", "I-2")]
CHANGES = [("C-5", "2026-01-13", "priority", "Low", "High")]


class Linked:
    """The rows as a source."""

    def __init__(self, rows: list[tuple[str, str, str]], links: list[tuple[str, str]]) -> None:
        self.rows, self.links = rows, links

    def batches(self) -> Iterator[Batch]:
        builder, row = BatchBuilder(), 0
        for item, day, state in self.rows:
            row += 1
            builder.item(row, item, stream=STREAMS[item[0]])
            builder.transition(row, item, at_us=_us(day), sequence=row, to_state=state)
        for item, day, name, before, after in CHANGES:
            row += 1
            builder.field_change(row, item, at_us=_us(day), sequence=row, field=name, from_value=before, to_value=after)
        for one, other in self.links:
            row += 1
            builder.link(row, one, kind="blocks", other=other)
        yield builder.take()

    def info(self) -> SourceInfo:
        return SourceInfo(source="test", log_kind="states")

    def progress(self) -> float | None:
        return None


def linked_lake(*, rows: list[tuple[str, str, str]] = ROWS, links: list[tuple[str, str]] = LINKS) -> Lake:
    """Import the rows and say what their states mean."""
    lake = create_lake(lake_folder())
    lake.import_source(Linked(rows, links), file="linked", fingerprint="linked", seen_us=to_us(SEEN))
    for name in STREAMS.values():
        set_workflow(lake, name, load_workflow(MEANING))
    return lake


def linked_streams(company: Company, boss: Actor) -> dict[str, Stream]:
    """Adopt the three streams and have them and their network computed."""
    read_lake(lake_folder(), at=boss.at)
    units = {"IT": "K1", "Claims": "K1", "Legal": "S"}
    found = {
        name: adopt_stream(actor=boss, lake_name=name, name=name, unit_id=company.unit(unit))
        for name, unit in units.items()
    }
    run_waiting_jobs()
    look(boss)
    return found


def look(actor: Actor) -> None:
    """Let Pegel look whether the lake has changed, and compute what that changes."""

    watch(_Watching(actor))  # type: ignore[arg-type]  # all of a job that the watch asks for
    run_waiting_jobs()


class _Watching:
    """A job as the task of the watch sees it."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor


def _us(day: str) -> int:
    return to_us(datetime.fromisoformat(f"{day}T00:00:00+00:00"))
