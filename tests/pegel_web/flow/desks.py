"""A log of a small desk, in whole days, made so that every age, order and wait can be worked out by hand.

As of Sunday 1 March 2026, the moment of the last event (K-9 is created). All of February:

    item   type   Backlog  Ready  Doing  Approval  Release  Done
    D-1…5  Story  1        2      3      5         8        9     flow time 6: active 2 + 1, waiting 3 (approval)
    K-1    Story  13       14     15     17                       open: age 14, in Approval 12
    K-2    Story  23       24     26                              open: age 3, in Doing 3, flagged (supplier)
    K-3    Story  20       22                                     not started, known for 9 days
    K-4    Story  24                                              not started, known for 5 days
    K-5    Bug    26                                              not started, 3 days, blocked by K-1
    K-9    Story  1 March                                         not started, 0 days

Pace: finished work left Doing at age 2, Approval at age 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl

from pegel import create_lake
from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, SourceInfo
from pegel.eventlog.schema import to_us
from pegel.eventlog.workflow import load_workflow
from pegel.lake.store import Lake
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.models import StreamDeclaration
from pegel_web.flow.place import lake_folder
from pegel_web.flow.services.refreshing import refresh_stream
from pegel_web.jobs.performing import run_waiting_jobs
from tests.pegel_web.company import Company
from tests.pegel_web.flow.lakes import SEEN, adopted

MEANING = (
    "states: {Backlog: new, Ready: waiting, Doing: active, Approval: {category: waiting, friction: approval}, "
    "Release: active, Done: done}"
)
STATES = ("Backlog", "Ready", "Doing", "Approval", "Release", "Done")
LIVES: dict[str, tuple[str, tuple[int, ...]]] = {
    **{f"D-{number}": ("Story", (1, 2, 3, 5, 8, 9)) for number in range(1, 6)},
    "K-1": ("Story", (13, 14, 15, 17)),
    "K-2": ("Story", (23, 24, 26)),
    "K-3": ("Story", (20, 22)),
    "K-4": ("Story", (24,)),
    "K-5": ("Bug", (26,)),
    "K-9": ("Story", (29,)),
}
FIRST = datetime(2026, 2, 1, tzinfo=UTC)


def at_us(day: int) -> int:
    """Return the beginning of a day of February, counted on into March."""
    return to_us(FIRST + timedelta(days=day - 1))


class Source:
    """Lives, flags and links as a source of one batch; ``actors``: who did each step, if anybody is named."""

    def __init__(
        self,
        stream: str,
        lives: dict[str, tuple[str, tuple[int, ...]]],
        *,
        changes: tuple[tuple[str, int, str, str | None], ...] = (),
        links: tuple[tuple[str, str, str], ...] = (),
        actors: tuple[str, ...] = (),
    ) -> None:
        self.stream, self.lives, self.changes, self.links, self.actors = stream, lives, changes, links, actors

    def batches(self) -> Iterator[Batch]:
        """Yield everything at once."""
        items = [(n, item, self.stream, kind, None, at_us(days[0]), None, None)
                 for n, (item, (kind, days)) in enumerate(self.lives.items(), start=1)]  # fmt: skip
        moves = [
            (
                n,
                item,
                at_us(day),
                step,
                None,
                STATES[step],
                self.actors[step % len(self.actors)] if self.actors else None,
            )
            for n, (item, (_, days)) in enumerate(self.lives.items(), start=1)
            for step, day in enumerate(days)
        ]
        changed = [(1, item, at_us(day), 0, name, None, to, None) for item, day, name, to in self.changes]
        linked = [(1, item, kind, other, None) for item, kind, other in self.links]
        yield Batch(
            items=pl.DataFrame(items, schema=schema.ITEMS, orient="row"),
            transitions=pl.DataFrame(moves, schema=schema.TRANSITIONS, orient="row"),
            field_changes=pl.DataFrame(changed, schema=schema.FIELD_CHANGES, orient="row"),
            links=pl.DataFrame(linked, schema=schema.LINKS, orient="row"),
            rejects=pl.DataFrame(schema=schema.REJECTS),
        )

    def info(self) -> SourceInfo:
        """Say what it is."""
        return SourceInfo(source="test", log_kind="states")


def desk_lake(**more: Source) -> Lake:
    """Return a lake with the log above as stream "Desk", and further streams."""
    lake = create_lake(lake_folder())
    desk = Source(
        "Desk", LIVES,
        changes=(
            ("K-2", 27, "flag", "Waiting for vendor"), ("K-1", 16, "priority", "High"), ("K-1", 18, "priority", "Low"),
        ),
        links=(("K-1", "blocks", "K-5"),),
    )  # fmt: skip
    for name, source in {"Desk": desk, **more}.items():
        lake.import_source(source, file=name, fingerprint=name, seen_us=to_us(SEEN))
        set_workflow(lake, name, load_workflow(MEANING))
    return lake


def desk_stream(company: Company, boss: Actor, **more: Source) -> Stream:
    """Return the stream, adopted by the team Motor and computed."""
    desk_lake(**more)
    return adopted(boss, "Desk", company.unit("K1"))


def declared(stream: Stream, boss: Actor, **content: object) -> None:
    """Declare something about a stream and have it computed anew."""
    StreamDeclaration.objects.everything(because="test").filter(stream_id=stream.id).delete()
    StreamDeclaration.objects.create(stream_id=stream.id, content=content, revision=1, changed_at=boss.at)
    refresh_stream(actor=boss, stream_id=stream.id)
    run_waiting_jobs()
