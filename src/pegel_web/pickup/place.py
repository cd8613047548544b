"""The folders on disk. Every step goes through an open folder and follows no link, so none leads out of it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

from django.conf import settings

from pegel.errors import InputError, NotFoundError

DONE, REFUSED = "done", "refused"
#: More entries of a folder are not looked at in one look.
MOST_ENTRIES: Final = 10_000
_LONGEST: Final = 200
_BLOCK: Final = 1024**2
#: Systems that cannot open a file within an open folder lack these, and are told so (``pickup_not_here``).
_SAFE: Final = os.open in os.supports_dir_fd
_NO_LINK: Final[int] = getattr(os, "O_NOFOLLOW", 0)
_FOLDER: Final[int] = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_LINK
#: A pipe must not make the worker wait for somebody who writes into it.
_FILE: Final[int] = os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0)
_NOTE: Final[int] = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_LINK


class GrewError(Exception):
    """The file changed while it was read, or is gone."""


class UnreadableError(Exception):
    """The disk does not give the file out."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a folder that is no folder. ``name``: for the disk; ``shown``: for people and the database."""

    name: str
    shown: str
    size: int
    stamp: str
    plain: bool


def root() -> Path | None:
    """Return the folder below which folders may be declared; None: not configured."""
    found: Path | None = settings.PEGEL_PICKUP_DIR
    return found


def most_bytes() -> int:
    """Return how large a file may be: as large as one that people may bring in the browser."""
    most: int = settings.PEGEL_MOST_UPLOAD_BYTES
    return most


def checked_name(name: str) -> str:
    """Return the path of a sub-folder as it is kept.

    >>> checked_name("claims/motor/")
    'claims/motor'

    Raises
    ------
    InputError: ``pickup_name_unusable`` for what is absolute, hidden, climbs up, or is a folder for what is done with.
    """
    parts = name.strip().removesuffix("/").split("/")
    hidden = any(not part.strip() or part.startswith(".") or part in (DONE, REFUSED) for part in parts)
    if hidden or "\\" in name or not name.isprintable() or len(name) > _LONGEST:
        raise InputError("pickup_name_unusable", name=name[:100])
    return "/".join(parts)


@contextmanager
def opened(name: str) -> Iterator[OpenFolder]:
    """Open a declared folder.

    Raises
    ------
    InputError: ``pickup_not_configured``, ``pickup_not_here``, ``pickup_no_plain_folder`` (a link, or a file),
    ``pickup_folder_closed`` (Pegel may not read, or not move files). NotFoundError: ``pickup_folder_missing``.
    """
    parent = root()
    if parent is None:
        raise InputError("pickup_not_configured")
    if not _SAFE:
        raise InputError("pickup_not_here")
    with _refusing(name):
        descriptor = os.open(parent, _FOLDER & ~_NO_LINK)
    try:
        for part in checked_name(name).split("/"):
            with _refusing(name):
                inner = os.open(part, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        if not os.access(".", os.R_OK | os.W_OK | os.X_OK, dir_fd=descriptor):
            raise InputError("pickup_folder_closed", name=name)
        yield OpenFolder(descriptor, name)
    finally:
        os.close(descriptor)


class OpenFolder:
    """A declared folder while it is looked into."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._at = descriptor
        self._name = name

    def entries(self) -> dict[str, Entry]:
        """Return the files by their shown name; hidden ones, which a tool may still be writing, are not there yet."""
        found: dict[str, Entry] = {}
        with _refusing(self._name), os.scandir(self._at) as listed:
            for one in islice(listed, MOST_ENTRIES):
                if one.name.startswith("."):
                    continue
                with suppress(FileNotFoundError):
                    entry = _entry(one.name, os.stat(one.name, dir_fd=self._at, follow_symlinks=False))
                    if entry is not None:
                        found.setdefault(entry.shown, entry)
        return dict(sorted(found.items()))

    def parts(self, entry: Entry) -> Iterator[bytes]:
        """Yield the content of a file that is still what was seen.

        Raises
        ------
        GrewError: it changed, also while it was read. UnreadableError.
        """
        with _reading():
            file = open(os.open(entry.name, _FILE, dir_fd=self._at), "rb")  # noqa: SIM115  (closed below)
        with file:
            while part := _part(file):
                yield part
            now = _entry(entry.name, os.fstat(file.fileno()))
        if now is None or now.stamp != entry.stamp or not now.plain:
            raise GrewError

    def move(self, entry: Entry, into: str, target: str, note: str = "") -> None:
        """Move a file into one of the two folders for what is done with; a note is written beside it before.

        Raises
        ------
        InputError: ``pickup_folder_closed``, ``pickup_no_plain_folder``.
        """
        with _refusing(f"{self._name}/{into}"):
            with suppress(FileExistsError):
                os.mkdir(into, dir_fd=self._at)
            inner = os.open(into, _FOLDER, dir_fd=self._at)
            try:
                if note:
                    written = os.open(f"{target}.reason.txt", _NOTE, 0o644, dir_fd=inner)
                    with open(written, "w", encoding="utf-8", errors="replace") as file:
                        file.write(note)
                os.rename(entry.name, target, src_dir_fd=self._at, dst_dir_fd=inner)
            finally:
                os.close(inner)


def _part(file: BinaryIO) -> bytes:
    with _reading():
        return file.read(_BLOCK) or b""


@contextmanager
def _reading() -> Iterator[None]:
    """Tell what the disk refuses to give from what goes wrong where it is written to."""
    try:
        yield
    except FileNotFoundError as error:
        raise GrewError from error
    except OSError as error:
        raise UnreadableError from error


def _entry(name: str, found: os.stat_result) -> Entry | None:
    if stat.S_ISDIR(found.st_mode):
        return None
    shown = os.fsencode(name).decode("utf-8", "backslashreplace")
    stamp = f"{found.st_size}:{found.st_mtime_ns}"
    return Entry(name, shown, found.st_size, stamp, stat.S_ISREG(found.st_mode))


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Say what the disk refuses in words of Pegel; where the folder lies on this machine is nobody's business."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFoundError("pickup_folder_missing", name=name) from error
    except OSError as error:
        link = error.errno in (errno.ENOTDIR, errno.ELOOP)
        raise InputError("pickup_no_plain_folder" if link else "pickup_folder_closed", name=name) from error
