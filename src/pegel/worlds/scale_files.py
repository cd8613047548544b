"""The large synthetic log as files, for import benchmarks."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

import polars as pl

from pegel.worlds.scale import scale_chunks

_CSV_HEADER: Final = "item;at;from_state;to_state;type;stream\n"


def write_transitions_csv(path: Path, *, transitions: int, seed: int = 1, streams: int = 200) -> int:
    """Write ``item;at;from_state;to_state;type;stream`` (UTF-8, ISO 8601 in UTC); returns the number of rows.

    Compressed if the name ends in ``.gz``.
    """
    rows = 0
    with _opened(path) as target:
        target.write(_CSV_HEADER.encode())
        for chunk in scale_chunks(transitions=transitions, seed=seed, streams=streams):
            table = chunk.select("item", _iso("at_us").alias("at"), "from_state", "to_state", "type", "stream")
            target.write(table.write_csv(separator=";", include_header=False).encode())
            rows += len(table)
    return rows


def write_xes(path: Path, *, events: int, seed: int = 1, streams: int = 200) -> int:
    """Write an XES log with a trace per item and some ``events`` events; returns their exact number.

    An event is a state that was entered: ``concept:name``, ``time:timestamp``, ``lifecycle:transition`` "complete";
    the trace has ``concept:name`` (item), ``stream`` and ``type``. Compressed if the name ends in ``.gz``.
    """
    rows = 0
    with _opened(path) as target:
        target.write(_XES_HEAD.encode())
        for chunk in scale_chunks(transitions=events, seed=seed, streams=streams):
            target.write("".join(_xes_events(chunk)).encode())
            rows += len(chunk)
        target.write(b"</log>\n")
    return rows


_XES_HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
"""


def _xes_events(chunk: pl.DataFrame) -> list[str]:
    """Text of each event, with the beginning and the end of its trace where it is the first or the last.

    Names of this generator contain nothing that XML would have to escape.
    """
    begins = pl.col("sequence") == 1
    ends = begins.shift(-1).fill_null(value=True)
    trace = pl.format(
        '<trace>\n<string key="concept:name" value="{}"/>\n<string key="stream" value="{}"/>\n'
        '<string key="type" value="{}"/>\n',
        "item",
        "stream",
        "type",
    )
    event = pl.format(
        '<event>\n<string key="concept:name" value="{}"/>\n<date key="time:timestamp" value="{}"/>\n'
        '<string key="lifecycle:transition" value="complete"/>\n</event>\n',
        "to_state",
        _iso("at_us"),
    )
    text = pl.concat_str(
        pl.when(begins).then(trace).otherwise(pl.lit("")),
        event,
        pl.when(ends).then(pl.lit("</trace>\n")).otherwise(pl.lit("")),
    )
    return chunk.select(text=text)["text"].to_list()


def _iso(column: str) -> pl.Expr:
    return pl.from_epoch(column, time_unit="us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        if path.suffix == ".gz":
            # No name and no time in the header: the same log is the same file.
            with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                yield cast("IO[bytes]", packed)
        else:
            yield file
