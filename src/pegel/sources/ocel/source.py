"""An object-centric log as a source of batches, whatever its form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pegel.errors import InputError
from pegel.eventlog.batch import Batch, BatchBuilder, Category, SourceInfo, name_defect
from pegel.sources.formats import ReadOptions
from pegel.sources.ocel.items import Items
from pegel.sources.ocel.model import LogReader, Needs
from pegel.sources.ocel.survey import Survey, choose_type, survey
from pegel.sources.ocel.times import Times
from pegel.sources.ocel.to_events import LogMapping
from pegel.sources.reading import open_bytes

#: Records between two looks at how far the reading is and how much has gathered.
_LOOK_EVERY: Final = 256


class OcelSource:
    """One log; see ``README.md`` beside this file for what is taken and what is left out.

    Rows are events plus objects. Memory holds one record, the ids of all objects, the needed attributes of the items,
    and some 60 bytes for each event of an item; the text of the log is read twice and never held.
    """

    def __init__(self, name: str, reader: LogReader, path: Path, options: ReadOptions) -> None:
        self._name = name
        self._reader = reader
        self._path = path
        self._options = options
        self._needs = Needs(options)
        self._times = Times(options)
        self._survey: Survey = survey(reader)
        self._type = choose_type(self._survey, options.object_type, path)
        self._items = Items(self._survey, self._type, self._needs, self._times)
        self._hints: dict[str, Category] = {}
        self._columns: dict[str, str] = {}
        self._share = 0.0

    def batches(self) -> Iterator[Batch]:
        """Yield what was rejected and ignored, the items, then their events in order of time.

        Raises
        ------
        InputError: as the reader; ``column_unknown`` at the end, when ``options.columns`` names an attribute for the
        actor that no event has.
        """
        options = self._options
        self._hints, self._columns, self._share = {}, {}, 0.0
        self._needs, self._times = Needs(options), Times(options)
        self._items = items = Items(self._survey, self._type, self._needs, self._times)
        builder = BatchBuilder()
        mapping = LogMapping(builder, self._survey, items, self._times, actor=self._needs.actor)
        for number, record in enumerate(self._reader.records(self._needs)):
            mapping.add(record)
            if number % _LOOK_EVERY == 0:
                self._share = self._reader.share_read()
                if len(builder) >= options.batch_rows:
                    yield builder.take()
        builder.warnings.update(self._reader.loose_parts())
        events = mapping.events.ordered()
        builder.duplicate += events.duplicate
        for row in events.repeated:
            builder.reject(row, "event_id_repeated")
        yield builder.take()
        yield from items.batches(events.first_times(), stream=self._stream(), batch_rows=options.batch_rows)
        yield from events.batches(items.names, batch_rows=options.batch_rows)
        self._hints = events.hints()
        self._share = 1.0
        if self._needs.actor is not None:
            if not mapping.actor_seen:
                found = self._needs.names("event")[:100]
                raise InputError("column_unknown", role="actor", column=self._needs.actor, found=found)
            self._columns = {"actor": self._needs.actor}

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        notes: dict[str, str] = {}
        if self._options.object_type is None:
            notes["object_type_taken"] = self._type
        if self._times.local:
            notes["zone_assumed"] = self._options.zone
        missing = [name for name in self._options.attributes if name not in self._items.found]
        if missing:
            notes["attributes_not_found"] = ", ".join(missing)
        shared = self._items.shared()
        if shared:
            notes["shared_objects_left_out"] = str(shared)
        return SourceInfo(
            source=self._name,
            log_kind="activities",
            state_hints=dict(self._hints),
            columns=dict(self._columns),
            left_out=tuple(self._needs.left_out()),
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read."""
        return self._share

    def _stream(self) -> str:
        if self._options.stream:
            return self._options.stream
        with open_bytes(self._path) as stream:
            name = Path(stream.name_inside).stem
        return "ocel" if name_defect(name) else name
