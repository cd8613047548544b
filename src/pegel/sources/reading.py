r"""Reads any input from its beginning: packing, encoding, delimiter, header.

Encodings: a byte order mark decides; else the pattern of NUL bytes (UTF-16 without mark); else UTF-8 when the first
block with any byte beyond ASCII is (mostly) UTF-8; else Windows-1252. Bytes that do not fit the decided encoding come
out as :data:`BROKEN`, never as a wrong letter, so that the row they stand in can be rejected as ``broken_encoding``.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from pegel.errors import InputError
from pegel.sources.archives import InputStream, container_of, open_bytes
from pegel.sources.formats import Head

__all__ = [
    "BROKEN",
    "HEAD_BYTES",
    "InputStream",
    "container_of",
    "decide_encoding",
    "detect_encoding",
    "open_bytes",
    "open_text",
    "read_head",
    "sniff_delimiter",
    "utf8_blocks",
]

#: Stands where bytes could not be decoded: a code point that no text contains.
BROKEN: Final = "\uffff"
HEAD_BYTES: Final = 256 * 1024
DELIMITERS: Final = (",", ";", "\t", "|")
_HEAD_ROWS: Final = 200
_BLOCK: Final = 1 << 20
_BINARY_CONTROLS: Final = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MULTI_BYTE: Final = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_MARK_BROKEN: Final = "pegel.mark_broken"


def _mark_broken(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return BROKEN, error.end
    raise error


codecs.register_error(_MARK_BROKEN, _mark_broken)


def detect_encoding(first_bytes: bytes) -> str:
    r"""Name the encoding of an input by its beginning.

    >>> detect_encoding("größer".encode()), detect_encoding("größer".encode("cp1252"))
    ('utf-8', 'cp1252')
    >>> detect_encoding("id;Größe\n".encode("utf-16-le")), detect_encoding(b"\xef\xbb\xbfid")
    ('utf-16-le', 'utf-8-sig')
    """
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if first_bytes.startswith(mark):
            return name
    sample = first_bytes[:4096]
    half = len(sample) // 2
    if half >= 2:
        even, odd = sample[0 : 2 * half : 2].count(0), sample[1 : 2 * half : 2].count(0)
        if odd > 0.4 * half and even < 0.05 * half:
            return "utf-16-le"
        if even > 0.4 * half and odd < 0.05 * half:
            return "utf-16-be"
    text = codecs.getincrementaldecoder("utf-8")(_MARK_BROKEN).decode(first_bytes)
    broken = text.count(BROKEN)
    if not broken or len(_MULTI_BYTE.findall(first_bytes)) > 2 * broken:
        return "utf-8"
    return "latin-1" if re.search(rb"[\x81\x8d\x8f\x90\x9d]", first_bytes) else "cp1252"


def decide_encoding(path: Path) -> str:
    """Name the encoding of a whole input: reads on until the first block that is not plain ASCII."""
    with open_bytes(path) as stream:
        block = stream.read(HEAD_BYTES)
        name = detect_encoding(block)
        while name == "utf-8" and block.isascii():
            block = stream.read(_BLOCK)
            if not block:
                return name
            if not block.isascii():
                # What came before was ASCII, so that no character is cut at the block's beginning.
                return detect_encoding(block)
    return name


def check_encoding(name: str) -> str:
    """Return the given encoding's name, or raise InputError ``unknown_encoding``."""
    try:
        "".encode(name)
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        raise InputError("unknown_encoding", encoding=name) from None
    return "utf-8-sig" if found == "utf-8" else found  # a byte order mark is no part of the text


def open_text(path: Path, encoding: str | None = None) -> TextIO:
    """Open an input as text; undecodable bytes come out as :data:`BROKEN`; line ends are kept as they are.

    ``.buffer.share_read()`` of the result tells the progress.
    """
    name = check_encoding(encoding) if encoding else decide_encoding(path)
    return io.TextIOWrapper(open_bytes(path), encoding=name, errors=_MARK_BROKEN, newline="")


def utf8_blocks(stream: InputStream, encoding: str, size: int = 8 << 20) -> Iterator[bytes]:
    """Yield the stream as blocks of valid UTF-8 (cut between characters), line ends normalised to ``\\n``."""
    decoder = codecs.getincrementaldecoder(encoding)(_MARK_BROKEN)
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    while True:
        block = stream.read(size)
        text = newlines.decode(decoder.decode(block, final=not block), final=not block)
        if text:
            # A lone surrogate (possible in UTF-16 and UTF-32) is a broken character too.
            yield text.encode("utf-8", "surrogatepass") if text.isascii() else _encode(text)
        if not block:
            return


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return re.sub("[\ud800-\udfff]", BROKEN, text).encode()


def read_head(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, sheet: str | None = None
) -> Head:
    """Read the beginning of an input: enough to recognise its format.

    ``data`` is empty for an empty input. For a workbook ``data`` are its packed bytes; header and rows are those of
    the named sheet, or of the first one that is not empty.

    Raises
    ------
    NotFoundError, InputError: as :func:`open_bytes`; ``unknown_encoding``.
    """
    path = Path(path)
    with open_bytes(path) as stream:
        data = stream.read(HEAD_BYTES)
        whole = not stream.peek(1)
        name = stream.name_inside
    if container_of(path) == "workbook":
        from pegel.sources.workbooks import workbook_head  # noqa: PLC0415  heavy, and only for workbooks

        header, rows = workbook_head(path, sheet)
        return Head(path=path, name=name, data=data, text="", header=header, rows=rows)
    chosen = check_encoding(encoding) if encoding else detect_encoding(data)
    text = codecs.getincrementaldecoder(chosen)(_MARK_BROKEN).decode(data, final=False)
    if len(_BINARY_CONTROLS.findall(text.encode("utf-8", "replace"))) > 0.02 * max(len(text), 1) or (
        text.count("\x00") > 0.3 * max(len(text), 1)
    ):
        return Head(path=path, name=name, data=data, text="")
    header, rows = _table_head(text, delimiter, whole=whole)
    return Head(path=path, name=name, data=data, text=text, header=header, rows=rows)


def sniff_delimiter(text: str) -> tuple[str, int]:
    r"""Find the delimiter of a table by its first lines, and the line where its header stands (0 = first).

    The delimiter that cuts most lines into the same number (at least two) of cells wins. Excel's first line ``sep=;``
    is obeyed. Text that is no table gives ``("", 0)``.

    >>> sniff_delimiter("id;at;state\n1;2026-01-01 10:00;New, fresh\n")
    (';', 0)
    >>> sniff_delimiter("sep=|\na|b\n"), sniff_delimiter("just words\n")
    (('|', 1), ('', 0))
    """
    first, _, _ = text.lstrip("\r\n").partition("\n")
    hint = re.fullmatch(r'"?sep=(.)"?\s*', first)
    if hint:
        skipped = len(text) - len(text.lstrip("\r\n"))
        return hint.group(1), 1 + text[:skipped].count("\n")
    best: tuple[float, int, str] = (0.0, 0, "")
    for delimiter in DELIMITERS:
        counts = [len(row) for row in _rows(text, delimiter, 50) if row]
        if not counts or counts[0] < 2:
            continue
        agreeing = sum(count == counts[0] for count in counts) / len(counts)
        best = max(best, (agreeing if agreeing >= 0.5 else agreeing / 10, counts[0], delimiter))
    return best[2], 0


def _table_head(
    text: str, delimiter: str | None, *, whole: bool
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    sniffed, skip = sniff_delimiter(text)
    chosen = delimiter or sniffed
    if not chosen:
        return (), ()
    rows = [tuple(row) for row in _rows(text, chosen, _HEAD_ROWS + skip, whole=whole) if row]
    rows = rows[skip:] if skip and sniffed == chosen else rows
    return (tuple(cell.strip() for cell in rows[0]), tuple(rows[1:])) if rows else ((), ())


def _rows(text: str, delimiter: str, limit: int, *, whole: bool = False) -> list[list[str]]:
    """First records of a text; the last one is dropped where the text may be cut inside it."""
    found: list[list[str]] = []
    try:
        found.extend(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), limit))
    except csv.Error:  # a cell too large for the head: what was read so far is enough
        return found
    if len(found) < limit and not whole and not text.endswith(("\n", "\r")) and len(found) > 1:
        found.pop()
    return found
