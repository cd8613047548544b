"""Where an export is written: whole or not at all, and never over something else by accident."""

from __future__ import annotations

import gzip
import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from pegel.errors import InputError, NotFoundError, UserError


def check_target(path: Path, *, lake: Path, overwrite: bool, folder: Collection[str] | None = None) -> Path:
    """Check that an export may be written there; returns the place itself, links followed.

    Parameters
    ----------
    lake: the lake's folder, which takes no exports. ``folder``: names of the files of an export that is a folder.

    Raises
    ------
    NotFoundError: ``no_such_folder``. InputError: ``not_a_file``, ``not_a_folder``. UserError: ``export_exists``,
    ``export_inside_lake``, ``export_folder_foreign`` (the folder holds other things; they are not deleted).
    """
    place = Path(os.path.realpath(path))
    if not place.parent.is_dir():
        raise NotFoundError("no_such_folder", folder=str(path.parent))
    root = Path(os.path.realpath(lake))
    if place == root or root in place.parents:
        raise UserError("export_inside_lake", file=str(path), lake=str(lake))
    if not place.exists():
        return place
    if folder is None:
        if not place.is_file():
            raise InputError("not_a_file", path=str(path))
    elif not place.is_dir():
        raise InputError("not_a_folder", path=str(path))
    else:
        found = {one.name for one in place.iterdir()}
        if not found:
            return place
        if overwrite and not found <= set(folder):
            raise UserError("export_folder_foreign", file=str(path), found=sorted(found - set(folder)))
    if not overwrite:
        raise UserError("export_exists", file=str(path))
    return place


@contextmanager
def new_file(place: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its place when all is written; compressed if the name ends in ``.gz``.

    Raises
    ------
    InputError: ``path_unusable``: no right to write there, disk full …
    """
    temporary = _temporary(place)
    with _clear_errors(place):
        try:
            with temporary.open("xb") as file:
                if place.suffix.lower() == ".gz":
                    # No name and no time in the header: the same log is the same file.
                    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                        yield cast("IO[bytes]", packed)
                else:
                    yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(place: Path) -> Iterator[Path]:
    """Make a folder that takes its place when all is written; an older one is deleted then.

    Raises
    ------
    InputError: ``path_unusable``: no right to write there, disk full …
    """
    temporary, older = _temporary(place), _temporary(place)
    with _clear_errors(place):
        temporary.mkdir()
        try:
            yield temporary
            if place.exists():
                place.rename(older)
            try:
                temporary.rename(place)
            except OSError:
                with suppress(OSError):
                    older.rename(place)
                raise
        finally:
            for gone in (temporary, older):
                shutil.rmtree(gone, ignore_errors=True)


def _temporary(place: Path) -> Path:
    return place.with_name(f".pegel-export-{secrets.token_hex(8)}.part")


@contextmanager
def _clear_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError("path_unusable", file=str(place), detail=error.strerror or str(error)) from error
