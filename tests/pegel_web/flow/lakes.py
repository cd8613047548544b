"""Lakes for the tests of value streams: small ones whose figures can be worked out by hand, and hostile ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from pegel import ReadOptions, create_lake, import_file
from pegel.eventlog.workflow import load_workflow
from pegel.lake.store import Lake
from pegel.lake.workflows import set_workflow
from pegel_web.core.actor import Actor
from pegel_web.flow.contracts.streams import Stream
from pegel_web.flow.place import lake_folder
from pegel_web.flow.services.snapshots import read_lake
from pegel_web.flow.services.streams import adopt_stream
from pegel_web.jobs.performing import run_waiting_jobs

MEANING = "states: {Doing: active, Review: {category: waiting, friction: approval}, Done: done}"
#: Ends on Sunday, 1 March 2026: thirteen whole weeks of one finished item per working day.
LAST = date(2026, 3, 1)
SEEN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def rows_of_weeks(weeks: int = 26, *, people: int = 6, prefix: str = "A", slow_after: int = 10**9) -> list[str]:
    """Return a log: each working day one item begins, is worked on for a day, reviewed for two, then done.

    Two items stay open in review. After ``slow_after`` items the review takes twelve days.
    """
    first = LAST - timedelta(days=7 * weeks)
    lines, number = ["item,at,state,actor"], 0
    for day in range(7 * weeks - 14):
        begun = first + timedelta(days=day)
        if begun.weekday() >= 5:
            continue
        number += 1
        review = 12 if number > slow_after else 2
        done = begun + timedelta(days=1 + review)
        who = f"person{number % people}"
        lines += [
            f"{prefix}-{number},{begun}T09:00:00Z,Doing,{who}",
            f"{prefix}-{number},{begun + timedelta(days=1)}T09:00:00Z,Review,{who}",
        ]
        if done < LAST and number % 60:
            lines.append(f"{prefix}-{number},{done}T09:00:00Z,Done,{who}")
    lines += [f"{prefix}-0,{LAST - timedelta(days=1)}T09:00:00Z,Doing,person0"]
    return lines


def make_lake(folder: Path, streams: dict[str, list[str]], *, confirmed: bool = True) -> Lake:
    """Import logs into the lake of the installation."""
    lake = create_lake(lake_folder())
    for number, (name, lines) in enumerate(streams.items()):
        path = folder / f"log{number}.csv"
        path.write_text("\n".join(lines), encoding="utf-8", newline="")
        import_file(lake, path, ReadOptions(stream=name), seen_at=SEEN)
        if confirmed:
            set_workflow(lake, name, load_workflow(MEANING))
    return lake


def adopted(actor: Actor, lake_name: str, unit: UUID, *, name: str | None = None) -> Stream:
    """Adopt a stream and have it computed."""
    read_lake(lake_folder(), at=actor.at)
    made = adopt_stream(actor=actor, lake_name=lake_name, name=name or lake_name[:200], unit_id=unit)
    run_waiting_jobs()
    return made
