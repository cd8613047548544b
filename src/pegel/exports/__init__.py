"""The log of a lake as files for other programs, or for another lake: CSV, XES, Parquet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, get_args

from pegel.eventlog.schema import to_us
from pegel.exports.parquet import FILES, write_parquet
from pegel.exports.result import ExportFormat, ExportResult, Written
from pegel.exports.target import check_target, new_file, new_folder
from pegel.exports.transitions_csv import write_transitions_csv
from pegel.exports.view import LogView, Scope
from pegel.exports.xes import write_xes
from pegel.lake.store import Lake

__all__ = ["FORMATS", "ExportFormat", "ExportResult", "export_log"]

FORMATS: Final[tuple[ExportFormat, ...]] = get_args(ExportFormat)


def export_log(
    lake: Lake,
    path: Path | str,
    *,
    format: ExportFormat,  # noqa: A002  the option's name
    streams: frozenset[str] | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    titles: bool = False,
    overwrite: bool = False,
    readme: str = "",
    on_part: Callable[[int, float], None] | None = None,
) -> ExportResult:
    """Write the log of a lake: whole or not at all.

    Parameters
    ----------
    path: file of CSV and XES (compressed if it ends in ``.gz``), folder of Parquet.
    streams: items that are, or were at some time, in these streams, with their whole life; None: all.
    as_of: nothing that happened later (aware). ``known_at``: nothing that was imported later (aware).
    titles: take titles (free text) over, where the lake has them.
    overwrite: replace an earlier export at ``path``. ``readme``: text of the ``README.txt`` beside the Parquet files.
    on_part: called after each part with the rows so far and the share of the lake that is done (0–1).

    Raises
    ------
    NotFoundError: ``lake_empty``, ``unknown_stream``, ``no_such_folder``. UserError: ``export_exists`` and others of
    :func:`pegel.exports.target.check_target`. InputError: ``path_unusable``, ``not_a_file``, ``not_a_folder``.
    """
    path = Path(path)
    scope = Scope(
        streams=streams,
        as_of_us=None if as_of is None else to_us(as_of),
        known_at_us=None if known_at is None else to_us(known_at),
        titles=titles,
    )
    folder = FILES if format == "parquet" else None
    place = check_target(path, lake=lake.root, overwrite=overwrite, folder=folder)
    view = LogView(lake, scope)
    written = Written(on_part)
    if format == "parquet":
        with new_folder(place) as made:
            write_parquet(view, made, written, readme=readme)
    else:
        write = {"csv": write_transitions_csv, "xes": write_xes}[format]
        with new_file(place) as file:
            write(view, file, written)
    size = sum(one.stat().st_size for one in place.iterdir()) if place.is_dir() else place.stat().st_size
    return ExportResult(
        format=format,
        path=path,
        items=written.items,
        rows=dict(written.rows),
        bytes=size,
        remarks=dict(written.remarks),
    )
