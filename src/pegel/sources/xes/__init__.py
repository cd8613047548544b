"""XES event logs (IEEE 1849 and the 1.0 standard before it), plain or packed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pegel.errors import InputError
from pegel.eventlog.batch import Batch, BatchBuilder, Category, SourceInfo, name_defect
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.xes.pairing import has_pairs
from pegel.sources.xes.reading import TraceReader
from pegel.sources.xes.times import moment_reader
from pegel.sources.xes.to_events import TraceMapping, Wanted

_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?log[\s/>]")
_MARKS: Final = ("xes.version", "xes-standard.org", "<trace", ":trace", "<extension", "<event")


class XesSource:
    """One XES file; see ``README.md`` beside this file for what is taken and what is left out."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._path = path
        self._options = options
        self._reader: TraceReader | None = None
        self._wanted = Wanted(options)
        self._paired = False
        self._hints: dict[str, Category] = {}

    def batches(self) -> Iterator[Batch]:
        """Yield batches of about ``options.batch_rows`` rows, traces never cut.

        Raises
        ------
        InputError: as :meth:`TraceReader.traces`; ``column_unknown`` at the end, when ``options.columns`` names an
        attribute that no trace and no event has.
        """
        self._hints = {}
        self._wanted = Wanted(self._options)
        self._paired = has_pairs(self._path, self._wanted.columns["lifecycle"])
        self._reader = reader = self._open()
        builder = BatchBuilder()
        mapping: TraceMapping | None = None
        done = taken = 0
        for trace in reader.traces():
            if mapping is None:
                mapping = TraceMapping(
                    builder,
                    self._wanted,
                    stream=self._stream(reader),
                    paired=self._paired,
                    hints=self._hints,
                    moment=moment_reader(self._options),
                )
            mapping.add(trace)
            done += len(trace.events) or 1
            if done - taken >= self._options.batch_rows:
                taken = done
                yield builder.take()
        if reader.loose_events:
            builder.ignored["event_without_trace"] += reader.loose_events
        if done + reader.loose_events > taken:
            yield builder.take()
        self._check_columns(reader)

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        seen = self._reader.seen if self._reader else set()
        wanted = self._wanted
        missing = [name for name in self._options.attributes if not wanted.is_seen(name, seen)]
        return SourceInfo(
            source="xes",
            log_kind="intervals" if self._paired else "activities",
            state_hints=dict(self._hints),
            columns={role: key for role, key in wanted.columns.items() if wanted.is_seen(key, seen)},
            left_out=tuple(sorted(seen - wanted.slots.keys())),
            notes={"attributes_not_found": ", ".join(missing)} if missing else {},
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read."""
        return self._reader.share_read() if self._reader else None

    def check(self) -> None:
        """Read up to the end of the first trace.

        Raises
        ------
        InputError: as :meth:`batches`.
        """
        moment_reader(self._options)
        reader = self._open()
        try:
            next(reader.traces(), None)
        finally:
            reader.close()

    def _open(self) -> TraceReader:
        return TraceReader(
            self._path,
            self._wanted.slots,
            classified=self._wanted.classify,
            encoding=self._options.encoding,
        )

    def _stream(self, reader: TraceReader) -> str:
        named = reader.log_values[self._wanted.log_name]
        if self._options.stream:
            return self._options.stream
        if isinstance(named, str) and not name_defect(named):
            return named
        return reader.file_stem

    def _check_columns(self, reader: TraceReader) -> None:
        for role, key in self._options.columns.items():
            if reader.rows and not self._wanted.is_seen(key, reader.seen):
                raise InputError("column_unknown", role=role, column=key, found=sorted(reader.seen)[:100])


#: An object-centric log (OCEL) has a root of the same name, and no cases.
_OBJECT_CENTRIC: Final = re.compile(r"<(?:\w+:)?(?:object-types|event-types|objects|events)\b")


def _recognise(head: Head) -> float:
    start = head.text[:20_000]
    root = _ROOT.search(start)
    if not root or start[: root.start()].strip()[:1] not in ("", "<"):
        return 0.0
    if head.name.lower().endswith(".xes"):
        return 1.0
    if _OBJECT_CENTRIC.search(start):
        return 0.0
    return 0.95 if any(mark in head.text for mark in _MARKS) else 0.0


def _open(path: Path, options: ReadOptions) -> XesSource:
    source = XesSource(Path(path), options)
    source.check()
    return source


FORMAT = Format(name="xes", recognise=_recognise, open=_open)
