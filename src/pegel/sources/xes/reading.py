"""Reads an XES file trace by trace: XML in, plain rows of wanted values out. What they mean stands in ``to_events``.

The text is cut behind every end of an event. Programs write their events in a few shapes that differ in nothing but the
values between the quotes, so an event whose shape is known needs no parser: it is cut at its quotes, compared with the
shape as a whole, and the values are picked out. Everything else goes piece by piece through the grammar
(:mod:`pegel.sources.xes.markup`), and so does every event with a value that is not plain (references, control
characters). Both ways give the same; the tests compare them with a general XML parser, which took up to twice as long
before its handlers did anything.

Memory holds one block of text, one trace and the remembered markup, however large the file is.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pegel.errors import InputError
from pegel.sources.reading import check_encoding, detect_encoding, open_bytes
from pegel.sources.xes.markup import BrokenMarkup, Shape
from pegel.sources.xes.structure import AFTER_ROOT, BEFORE_ROOT, IN_TRACE, Structure, Trace

#: Characters between two ends of events that are still taken as one event of a known shape.
_LONGEST_SHAPED: Final = 20_000
_MOST_SHAPES: Final = 1_000
#: Characters of one tag with its attributes and the text after it.
LONGEST_PIECE: Final = 16 << 20

#: Small enough that the strings of a block stay in the processor's cache.
_BLOCK: Final = 1 << 16
_DECLARED: Final = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
#: Encodings of text that is stored as it is; Python knows others, such as those of host names.
_PLAIN_ENCODINGS: Final = (
    "utf-8", "utf-16", "utf-32", "ascii", "iso8859", "cp", "koi8", "mac", "gb", "big5", "shift_jis", "euc_"
)  # fmt: skip


class TraceReader:
    """Reads the traces of one file, once.

    Parameters
    ----------
    path: the file, plain or packed (:func:`pegel.sources.reading.open_bytes`).
    slots: key of an attribute → slot (1, 2, …) of its value.
    classified: told the keys of each event classifier before the first trace; returns the slots from then on.
    encoding: None: what the byte order mark or the XML declaration says, else UTF-8.

    After reading: ``log_values`` (attributes of the log itself, by slot), ``seen`` (keys inside traces), ``rows``
    (rows in all) and ``loose_events`` (events outside every trace; rows too).
    """

    def __init__(
        self,
        path: Path,
        slots: Mapping[str, int],
        *,
        classified: Callable[[str], Mapping[str, int]],
        encoding: str | None = None,
    ) -> None:
        self._stream = open_bytes(path)
        self._encoding = encoding
        self._structure = Structure(slots, classified)
        self._lines = 1
        self._shapes: dict[tuple[str, ...], Shape] = {}

    @property
    def rows(self) -> int:
        """Rows so far: events, and traces without any."""
        return self._structure.rows

    @property
    def loose_events(self) -> int:
        """Events so far that stand outside every trace."""
        return self._structure.loose_events

    @property
    def log_values(self) -> list[Any]:
        """Values of the log's own attributes, by slot."""
        return self._structure.log_values

    @property
    def seen(self) -> set[str]:
        """Keys of the attributes inside traces, wanted or not (at most 1,000)."""
        return self._structure.markup.seen

    @property
    def file_stem(self) -> str:
        """Name of the file without packing and ending."""
        return Path(self._stream.name_inside).stem or "xes"

    def share_read(self) -> float:
        """Return the share of the file that was read, 0 to 1."""
        return self._stream.share_read()

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def traces(self) -> Iterator[Trace]:
        """Yield the traces in file order.

        Raises
        ------
        InputError: ``xml_broken``, ``xml_entities_forbidden``, ``xml_too_deep``, ``xml_value_too_long``,
        ``not_an_event_log``, ``trace_too_long``, ``too_many_attributes``, each with ``line``; ``unknown_encoding``; as
        ``open_bytes``.
        """
        structure = self._structure
        with self._stream:
            for chunks, rest in self._blocks():
                for chunk in chunks:
                    if structure.where == IN_TRACE and self._take_shaped(chunk):
                        continue
                    # The first event of a trace is as plain as the others; what stands before it is not.
                    cut = chunk.rfind(self._start_of_event)
                    if cut > 0:
                        yield from self._take(chunk[:cut], chunks, chunk, 0)
                        if structure.where == IN_TRACE and self._take_shaped(chunk[cut:]):
                            continue
                    yield from self._take(chunk[max(cut, 0) :] + self._end_of_event, chunks, chunk, max(cut, 0))
                structure.check_length()
                yield from self._take(rest, chunks)
            try:
                structure.finish()
            except BrokenMarkup as broken:
                raise InputError(broken.code, line=self._lines, detail=broken.detail) from None

    def _take_shaped(self, chunk: str) -> bool:
        """Take an event, given without its end tag, if it has a known shape and plain values."""
        parts = chunk.split('"')
        values: list[Any] = parts[3::4]
        del parts[3::4]
        shape = self._shapes.get(tuple(parts))
        if shape is None:
            if len(chunk) < _LONGEST_SHAPED and len(self._shapes) < _MOST_SHAPES:
                shape = self._structure.markup.shape(chunk)
            if shape is None:
                return False
            self._shapes[shape.key] = shape
        text = "".join(values)
        if "&" in text or "<" in text or not text.isprintable():
            return False
        values.append(None)
        self._structure.events.append(shape.pick(values))
        return True

    def _take(self, text: str, chunks: Sequence[str], chunk: str | None = None, cut: int = 0) -> Sequence[Trace]:
        """Take a text piece by piece: all before ``chunks``, or what begins at ``cut`` of one of them."""
        structure = self._structure
        try:
            return structure.take(text)
        except BrokenMarkup as broken:
            line = self._lines
            for other in chunks:
                if other is chunk:
                    break
                line += other.count("\n")
            if chunk is not None:
                line += chunk.count("\n", 0, cut)
            line += "<".join(text.split("<")[: structure.position]).count("\n")
            raise InputError(broken.code, line=line, detail=broken.detail, **broken.values) from None

    @property
    def _start_of_event(self) -> str:
        return f"<{self._structure.markup.prefix}event>"

    @property
    def _end_of_event(self) -> str:
        return f"</{self._structure.markup.prefix}event>"

    def _blocks(self) -> Iterator[tuple[list[str], str]]:
        """Yield the text in order: chunks that are each followed by the end of an event, then a rest without one.

        The rest ends where a piece ends; it is empty where the end of an event is near. While the root element is not
        known, all is rest.
        """
        structure = self._structure
        held: list[str] = []
        held_length = 0
        for block in self._texts():
            held.append(block)
            held_length += len(block)
            if held_length > LONGEST_PIECE:
                raise InputError("xml_value_too_long", line=self._lines, limit=LONGEST_PIECE)
            if "<" not in block:
                continue
            text = "".join(held)
            chunks: list[str] = []
            if structure.where not in (BEFORE_ROOT, AFTER_ROOT):
                chunks = text.split(self._end_of_event)
                last = chunks.pop()
            else:
                last = text
            rest = ""
            if not chunks:
                cut = last.rfind("<")
                rest, last = last[:cut], last[cut:]
            yield chunks, rest
            self._lines += text.count("\n") - last.count("\n")
            held, held_length = [last], len(last)
        yield [], "".join(held)
        self._lines += "".join(held).count("\n")

    def _texts(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._find_encoding())("strict")
        try:
            while data := self._stream.read(_BLOCK):
                yield decoder.decode(data)
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise InputError("xml_broken", line=self._lines, detail="encoding") from None

    def _find_encoding(self) -> str:
        start = self._stream.peek(1024)
        name = detect_encoding(start[: len(start) & ~3])
        if not name.startswith(("utf-16", "utf-32")) and name != "utf-8-sig":
            declared = _DECLARED.match(start)
            name = self._encoding or (declared[1].decode() if declared else "utf-8")
            # Without the zero bytes of UTF-16 a declaration that says so is a leftover of a conversion.
            name = "utf-8" if name.lower().startswith("utf-16") else name
        name = check_encoding(name)
        if not name.startswith(_PLAIN_ENCODINGS):
            raise InputError("unknown_encoding", encoding=name)
        return name
