"""Keeps rows until all rows of an item are there: in memory, or beyond a bound in temporary Parquet files."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Final

import polars as pl

#: Rows beyond this size (bytes in memory) are put aside on disk.
MEMORY_BYTES: Final = 256 * 1024**2
BUCKETS: Final = 128


class RowStore:
    """Collects frames and gives them back so that all rows of an item come together.

    Use as a context manager; the temporary files are gone afterwards. What comes back, and in which order, depends
    on nothing but the rows and the bound.
    """

    def __init__(self, memory_bytes: int = MEMORY_BYTES, buckets: int = BUCKETS) -> None:
        self._memory_bytes = memory_bytes
        self._buckets = buckets
        self._frames: list[pl.DataFrame] = []
        self._size = 0
        self._folder: TemporaryDirectory[str] | None = None
        self._files: list[Path] = []

    def __enter__(self) -> RowStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._frames = []
        if self._folder is not None:
            self._folder.cleanup()

    def add(self, frame: pl.DataFrame) -> None:
        """Keep rows that have a column ``item``."""
        if frame.height:
            self._frames.append(frame)
            self._size += int(frame.estimated_size())
            if self._size > self._memory_bytes:
                self._put_aside()

    def groups(self) -> Iterator[pl.DataFrame]:
        """Yield frames with all rows of their items, in file order within each."""
        if not self._files:
            if self._frames:
                whole = pl.concat(self._frames)
                self._frames = []
                yield whole
            return
        if self._frames:
            self._put_aside()
        for bucket in range(self._buckets):
            frame = pl.scan_parquet(self._files).filter(pl.col("bucket") == bucket).drop("bucket").collect()
            if frame.height:
                yield frame

    def _put_aside(self) -> None:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="pegel-")
        frame = pl.concat(self._frames)
        frame = frame.with_columns(bucket=bucket_of(frame["item"], self._buckets)).sort("bucket", maintain_order=True)
        file = Path(self._folder.name) / f"{len(self._files):06}.parquet"
        # Small row groups, so that the file's statistics lead to one bucket without reading the others.
        frame.write_parquet(file, compression="lz4", row_group_size=max(frame.height // self._buckets, 1000))
        self._files.append(file)
        self._frames, self._size = [], 0


def bucket_of(items: pl.Series, buckets: int) -> pl.Series:
    """Bucket of each item by CRC-32 of its name: the same on every machine and with every version.

    >>> bucket_of(pl.Series(["A-1", "A-2", "A-1"]), 16).to_list()
    [0, 10, 0]
    """
    names = items.unique()
    numbers = pl.Series([zlib.crc32(name.encode()) % buckets for name in names], dtype=pl.Int32)
    return items.replace_strict(names, numbers, return_dtype=pl.Int32)


def item_slices(frame: pl.DataFrame, rows: int) -> Iterator[pl.DataFrame]:
    """Cut a frame sorted by item into parts of about that many rows, never within an item."""
    start = 0
    while start < frame.height:
        end = start + rows
        if end < frame.height:
            last = frame["item"][end - 1]
            rest = frame["item"].slice(end)
            ahead = (rest != last).arg_max()
            same = rest[0] == last
            end = frame.height if same and rest[ahead or 0] == last else end + (ahead or 0)
        yield frame.slice(start, min(end, frame.height) - start)
        start = end
