"""Where files lie until they are imported: each in a folder of its own, under the name that it came with."""

from __future__ import annotations

import hashlib
import shutil
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final
from uuid import UUID

from django.conf import settings

from pegel.errors import InputError
from pegel_web.core.errors import LimitedError

MOST_BYTES: Final = 2 * 1024**3
_LONGEST: Final = 120
_LONGEST_ENDING: Final = 9
#: An import needs about as much again as the packed file holds, and the lake must not fill the disk.
_ROOM: Final = 4


def folder_of(file_id: UUID) -> Path:
    """Return the folder of a file."""
    return Path(settings.DATA_DIR) / "brought" / str(file_id)


def path_of(file_id: UUID, name: str) -> Path:
    """Return where a file lies."""
    return folder_of(file_id) / name


def items_of(file_id: UUID) -> Path:
    """Return where the items of a file are listed once it was looked at."""
    return folder_of(file_id) / ".items.parquet"


def folders() -> list[Path]:
    """Return the folders of all files."""
    parent = folder_of(UUID(int=0)).parent
    return list(parent.iterdir()) if parent.is_dir() else []


def safe_name(name: str) -> str:
    """Return a name that is no path and that every system takes; its ending stays, because formats are told by it.

    >>> safe_name("../../etc/Tickets März.CSV"), safe_name("C:\\\\data\\\\a.xlsx"), safe_name("\\0")
    ('Tickets März.CSV', 'a.xlsx', 'file')
    """
    base = PurePosixPath(name.replace("\\", "/")).name
    plain = unicodedata.normalize("NFC", "".join(sign if sign.isprintable() else "" for sign in base)).strip(" .")
    kept = "".join("_" if sign in '<>:"|?*' else sign for sign in plain)
    stem, dot, ending = kept.rpartition(".")
    if not dot or len(ending) > _LONGEST_ENDING:
        return kept[:_LONGEST] or "file"
    return f"{stem[: _LONGEST - len(ending) - 1]}.{ending}"


def keep(file_id: UUID, name: str, parts: Iterable[bytes]) -> tuple[int, str]:
    """Write a file; returns its size in bytes and its SHA-256.

    Raises
    ------
    LimitedError: ``brought_too_large``. InputError: ``brought_empty``, ``brought_no_room``.
    """
    folder = folder_of(file_id)
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with path_of(file_id, name).open("wb") as file:
            for part in parts:
                size += len(part)
                if size > MOST_BYTES:
                    raise LimitedError("brought_too_large", most=MOST_BYTES // 1024**2)
                digest.update(part)
                file.write(part)
        if not size:
            raise InputError("brought_empty", file=name)
        if shutil.disk_usage(folder).free < _ROOM * size:
            raise InputError("brought_no_room", megabytes=_ROOM * size // 1024**2)
    except BaseException:
        forget(file_id)
        raise
    return size, digest.hexdigest()


def forget(file_id: UUID) -> None:
    """Delete a file; one that is not there is forgotten already."""
    shutil.rmtree(folder_of(file_id), ignore_errors=True)
