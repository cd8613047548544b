"""Opens an input as plain bytes: as it is, or unpacked from gzip or zip, guarded against hostile archives.

What a file is, its first bytes say, never its name. Nothing is unpacked to disk. A packed input that grows beyond a
ratio or a size, that is nested in another archive, cut short or encrypted, ends in an ``InputError``.
"""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Literal

from pegel.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: Real logs shrink to a tenth or, when very repetitive, to a hundredth; bombs to a thousandth and less.
MAX_RATIO: Final = 200.0
#: Unpacked size that no single input may exceed.
MAX_BYTES: Final = 256 * 1024**3
#: A workbook is read into memory as a whole.
MAX_WORKBOOK_BYTES: Final = 2 * 1024**3
#: Small files may have any ratio: up to here an archive can do no harm.
RATIO_FREE_BYTES: Final = 16 * 1024**2

Container = Literal["plain", "gzip", "zip", "workbook"]

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHER_ARCHIVES: Final = (
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
)
_NO_TABLES: Final = ((b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"))
_LONGEST_MAGIC: Final = 265  # a tar archive says so at byte 257
_UNPACKING_ERRORS: Final = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, NotImplementedError)


def container_of(path: Path) -> Container:
    """Say how an input is packed, by its first bytes.

    Raises
    ------
    NotFoundError: ``file_not_found``. InputError: ``not_a_file``, ``file_unreadable``, ``archive_kind_unsupported``
    (bzip2, xz, zstd, 7z, rar, tar, old Excel), ``file_kind_unsupported`` (PDF, pictures), ``archive_broken``.
    """
    with _open_file(path) as raw:
        start = raw.read(_LONGEST_MAGIC)
        if start.startswith(_GZIP):
            return "gzip"
        if start.startswith(_ZIP):
            raw.seek(0)
            try:
                with zipfile.ZipFile(raw) as archive:
                    names = set(archive.namelist())
            except _UNPACKING_ERRORS as error:
                raise InputError("archive_broken", path=str(path), detail=str(error)[:200]) from error
            return "workbook" if "[Content_Types].xml" in names and "xl/workbook.xml" in names else "zip"
    for magic, name in _NO_TABLES:
        if start.startswith(magic):
            raise InputError("file_kind_unsupported", path=str(path), kind=name)
    kind = _foreign_kind(start)
    if kind:
        raise InputError("archive_kind_unsupported", path=str(path), kind=kind)
    return "plain"


class InputStream(io.BufferedReader):
    """The bytes of an input after unpacking; ``name_inside`` is its name without packing."""

    def __init__(self, raw: _GuardedBytes, name_inside: str) -> None:
        super().__init__(raw, buffer_size=1 << 18)
        self._guarded = raw
        self.name_inside = name_inside

    def share_read(self) -> float:
        """Return the share of the (packed) input that was read, 0 to 1."""
        return self._guarded.share_read()


def open_bytes(path: Path, *, max_ratio: float = MAX_RATIO, max_bytes: int = MAX_BYTES) -> InputStream:
    """Open an input for reading its bytes, unpacking gzip or a zip that holds exactly one data file.

    A workbook (XLSX) is given as its own bytes, not unpacked.

    Raises
    ------
    NotFoundError: ``file_not_found``.
    InputError: ``not_a_file``, ``file_unreadable``, ``archive_kind_unsupported``, ``archive_broken`` (also while
    reading: cut short, damaged), ``archive_encrypted``, ``archive_nested``, ``archive_bomb`` (while reading), and
    ``archive_members`` with the names when a zip does not hold exactly one data file.
    """
    path = Path(path)
    container = container_of(path)
    file = _open_file(path)
    try:
        counted = _CountedFile(file, path.stat().st_size)
        name = path.name
        source: IO[bytes] | io.RawIOBase | gzip.GzipFile = counted
        if container == "gzip":
            source = gzip.GzipFile(fileobj=counted, mode="rb")
            name = name[:-3] if name.lower().endswith(".gz") else name
        elif container == "zip":
            source, name = _only_member(path, counted)
        packed = container in ("gzip", "zip")
        guarded = _GuardedBytes(path, source, counted, packed=packed, max_ratio=max_ratio, max_bytes=max_bytes)
        stream = InputStream(guarded, name)
        if packed:
            start = stream.peek(_LONGEST_MAGIC)
            kind = _foreign_kind(start)
            if kind or start.startswith((_GZIP, *_ZIP)):
                raise InputError("archive_nested", path=str(path), name=name, kind=kind or "zip")
    except BaseException:
        file.close()
        raise
    return stream


def workbook_parts(
    path: Path, *, max_ratio: float = MAX_RATIO, max_bytes: int = MAX_WORKBOOK_BYTES
) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of a workbook (name, block of bytes), one after another, none kept in memory.

    Raises
    ------
    InputError: ``archive_bomb``, ``archive_broken``, ``archive_encrypted``.
    """
    with _open_file(path) as file:
        size = path.stat().st_size
        total = 0
        try:
            with zipfile.ZipFile(file) as archive:
                for info in archive.infolist():
                    if info.flag_bits & 0x1:
                        raise InputError("archive_encrypted", path=str(path))
                    with archive.open(info) as part:
                        while block := part.read(1 << 20):
                            total += len(block)
                            _check_growth(path, total, size, max_ratio=max_ratio, max_bytes=max_bytes)
                            yield info.filename, block
        except _UNPACKING_ERRORS as error:
            raise InputError("archive_broken", path=str(path), detail=str(error)[:200]) from error


class _CountedFile(io.RawIOBase):
    """A seekable file that knows how far it was read."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self.size = size
        self.reached = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.reached += len(data)
        return data

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


class _GuardedBytes(io.RawIOBase):
    """Unpacked bytes with the limits checked on every read."""

    def __init__(
        self,
        path: Path,
        source: IO[bytes] | io.RawIOBase | gzip.GzipFile,
        counted: _CountedFile,
        *,
        packed: bool,
        max_ratio: float,
        max_bytes: int,
    ) -> None:
        self._path = path
        self._source = source
        self._counted = counted
        self._packed = packed
        self._max_ratio = max_ratio
        self._max_bytes = max_bytes
        self._before = counted.reached
        self._total = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        try:
            data = self._source.read(len(view))
        except _UNPACKING_ERRORS as error:
            raise InputError("archive_broken", path=str(self._path), detail=str(error)[:200]) from error
        except OSError as error:
            raise InputError("file_unreadable", path=str(self._path), detail=str(error)[:200]) from error
        self._total += len(data)
        self._ended = not data and len(view) > 0
        if self._packed:
            packed_bytes = max(self._counted.reached - self._before, 1)
            _check_growth(self._path, self._total, packed_bytes, max_ratio=self._max_ratio, max_bytes=self._max_bytes)
        view[: len(data)] = data
        return len(data)

    def share_read(self) -> float:
        if self._ended:
            return 1.0
        return min(1.0, (self._counted.reached - self._before) / max(self._counted.size, 1))

    def close(self) -> None:
        if not self.closed:
            self._source.close()
            self._counted.close()
        super().close()


def _only_member(path: Path, counted: _CountedFile) -> tuple[IO[bytes], str]:
    try:
        archive = zipfile.ZipFile(counted)
        members = [info for info in archive.infolist() if not info.is_dir() and not _is_litter(info.filename)]
        if len(members) != 1:
            names = tuple(info.filename[:200] for info in members[:20])
            raise InputError("archive_members", path=str(path), count=len(members), members=names)
        if members[0].flag_bits & 0x1:
            raise InputError("archive_encrypted", path=str(path))
        return archive.open(members[0]), members[0].filename.replace("\\", "/").rsplit("/", 1)[-1]
    except _UNPACKING_ERRORS as error:
        raise InputError("archive_broken", path=str(path), detail=str(error)[:200]) from error


def _is_litter(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return parts[0] == "__MACOSX" or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")


def _check_growth(path: Path, unpacked: int, packed: int, *, max_ratio: float, max_bytes: int) -> None:
    if unpacked > max_bytes or (unpacked > RATIO_FREE_BYTES and unpacked > packed * max_ratio):
        raise InputError("archive_bomb", path=str(path), packed_bytes=packed, unpacked_bytes=unpacked)


def _foreign_kind(start: bytes) -> str | None:
    for magic, kind in _OTHER_ARCHIVES:
        if start.startswith(magic):
            return kind
    return "tar" if start[257:262] == b"ustar" else None


def _open_file(path: Path) -> IO[bytes]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError("not_a_file", path=str(path))
        return path.open("rb")
    except FileNotFoundError:
        raise NotFoundError("file_not_found", path=str(path)) from None
    except (OSError, ValueError) as error:
        raise InputError("file_unreadable", path=str(path), detail=str(error)[:200]) from error
