"""The planted company in a lake, opened for reading: what the comparisons with its truth look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pegel.eventlog.calendar import Calendar
from pegel.eventlog.policy import BUILT_IN
from pegel.eventlog.schema import to_us
from pegel.flow import log_of_prepared
from pegel.flow.log import FlowLog
from pegel.lake.store import Lake, create_lake
from pegel.worlds.planted import PlantedWorld

POLICY = BUILT_IN["first_active_to_last_done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedLake:
    """A world, the lake it was imported into, and item names by number."""

    world: PlantedWorld
    lake: Lake
    names: dict[int, str]

    def log(self, *streams: str, calendar: Calendar | None = None) -> FlowLog:
        """Open the log of some streams (none named: all) as of the world's end."""
        return log_of_prepared(
            self.lake.prepared(),
            {stream: self.world.workflow(stream) for stream in self.world.streams},
            streams=streams or None,
            as_of_us=to_us(self.world.until),
            future_events=True,
            calendar=calendar,
            changes=self.lake.records("field_changes"),
            links=self.lake.records("links"),
        )


def lake_of(world: PlantedWorld, folder: Path) -> PlantedLake:
    """Import a world, seen at its end."""
    lake = create_lake(folder / "lake")
    lake.import_source(world.source(), file="planted", fingerprint="planted", seen_us=to_us(world.until))
    names = dict(lake.items().select("item_no", "item").collect().iter_rows())
    return PlantedLake(world=world, lake=lake, names=names)
