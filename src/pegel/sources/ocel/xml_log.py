"""Reads object-centric logs in XML, one object or event at a time.

Forms: OCEL 2.0 (https://www.ocel-standard.org/specification/formats/xml/)::

    <log><objects><object id="o1" type="order"><attributes><attribute name="price" time="…">5</attribute></attributes>
    <objects><relationship object-id="o2" qualifier="…"/></objects></object></objects><events>…

and OCEL 1.0 (https://www.ocel-standard.org/1.0/), written like XES::

    <log><events><event><string key="id" value="e1"/>…<list key="omap"><string key="object-id" value="o1"/></list>…

The parser is expat, fed block by block. A document type definition ends the reading, so there are no entities but the
five of XML, and nothing outside the file can be reached.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal
from xml.parsers import expat

from pegel.errors import InputError
from pegel.sources.archives import InputStream
from pegel.sources.ocel.model import LogEvent, LogObject, LogRecord, Needs, Relation, Value, name_of
from pegel.sources.reading import check_encoding, open_bytes

#: Elements inside each other; real logs need six.
DEEPEST: Final = 200
#: Characters of one tag or value.
LONGEST_PIECE: Final = 16 << 20
_BLOCK: Final = 1 << 18
_ROOT, _SECTION, _RECORD, _PART, _ENTRY = 1, 2, 3, 4, 5


class XmlLog:
    """An object-centric log in XML; see :class:`pegel.sources.ocel.model.LogReader`."""

    def __init__(self, path: Path, *, encoding: str | None = None) -> None:
        self._path = path
        self._encoding = check_encoding(encoding) if encoding else None
        self._stream: InputStream | None = None

    def records(self, needs: Needs | None) -> Iterator[LogRecord]:
        """Yield the records in file order.

        Raises
        ------
        InputError: ``xml_broken``, ``xml_entities_forbidden``, ``xml_too_deep``, ``xml_value_too_long`` (each with
        ``line``), ``not_an_event_log``, ``unknown_encoding``, as :func:`pegel.sources.reading.open_bytes`.
        """
        document = _Document(needs)
        parser = document.parser
        fed = 0
        with open_bytes(self._path) as stream:
            self._stream = stream
            try:
                for block in self._blocks(stream):
                    parser.Parse(block, False)
                    fed += len(block)
                    if fed - parser.CurrentByteIndex > LONGEST_PIECE:
                        raise InputError("xml_value_too_long", line=parser.CurrentLineNumber, limit=LONGEST_PIECE)
                    yield from document.take()
                parser.Parse(b"", True)
                yield from document.take()
            except expat.ExpatError as error:
                raise InputError("xml_broken", line=error.lineno, detail=expat.ErrorString(error.code)) from None
            except UnicodeError:
                raise InputError("xml_broken", line=parser.CurrentLineNumber, detail="encoding") from None

    def share_read(self) -> float:
        """Return the share of the file that was read."""
        return self._stream.share_read() if self._stream and not self._stream.closed else 1.0

    def loose_parts(self) -> Mapping[str, int]:
        """Nothing outside the records is looked at."""
        return {}

    def _blocks(self, stream: InputStream) -> Iterator[bytes]:
        """Yield the bytes as they are, or, where the person has named the encoding, as UTF-8."""
        if self._encoding is None:
            while data := stream.read(_BLOCK):
                yield data
            return
        decoder = codecs.getincrementaldecoder(self._encoding)("strict")
        while data := stream.read(_BLOCK):
            yield decoder.decode(data).encode()
        yield decoder.decode(b"", final=True).encode()


class _Document:
    """Follows the elements and gathers records: places in the document are told by depth and name."""

    def __init__(self, needs: Needs | None) -> None:
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._declared
        parser.EntityDeclHandler = self._declared
        self._needs = needs
        self._found: list[LogRecord] = []
        self._numbers = {"object": 0, "event": 0}
        self._depth = 0
        self._section: Literal["object", "event", ""] = ""
        self._record = False
        self._part = ""
        #: Attributes of the record itself, or its plain members in OCEL 1.0.
        self._own: dict[str, str] = {}
        self._values: list[Value] = []
        self._relations: list[Relation] = []
        #: Name and time of the value that is being read, and what there is of it.
        self._value: tuple[str, str | None] | None = None
        self._pieces: list[str] = []
        self._length = 0

    def take(self) -> list[LogRecord]:
        """Return the records that were finished since the last call."""
        found, self._found = self._found, []
        return found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise InputError("xml_too_deep", line=self.parser.CurrentLineNumber, limit=DEEPEST)
        local = name.rpartition(":")[2]
        if self._depth == _ENTRY and self._record:
            self._start_entry(local, attributes)
        elif self._depth == _PART and self._record:
            if local in ("attributes", "objects"):
                self._part = local
            elif local == "list":
                self._part = attributes.get("key", "")
            elif "key" in attributes and "value" in attributes:
                self._own.setdefault(attributes["key"], attributes["value"])
        elif self._depth == _RECORD and self._section and local == self._section:
            self._record = True
            self._own, self._values, self._relations = dict(attributes), [], []
        elif self._depth == _SECTION:
            sections: Mapping[str, Literal["object", "event"]] = {"objects": "object", "events": "event"}
            self._section = sections.get(local, "")
        elif self._depth == _ROOT and local != "log":
            raise InputError("not_an_event_log", root=name[:100])

    def _start_entry(self, local: str, attributes: Mapping[str, str]) -> None:
        if self._part == "attributes" and local == "attribute":
            name = attributes.get("name", "")
            if self._is_needed(name):
                self._value, self._pieces, self._length = (name, attributes.get("time")), [], 0
        elif self._part == "objects":
            other = name_of(attributes.get("object-id"))
            if other is not None:
                self._relations.append(Relation(other, attributes.get("qualifier", "")))
        elif self._part == "omap":
            other = name_of(attributes.get("value"))
            if other is not None:
                self._relations.append(Relation(other, ""))
        elif self._part in ("vmap", "ovmap"):
            name, value = attributes.get("key", ""), attributes.get("value")
            if value is not None and self._is_needed(name):
                self._values.append(Value(name, None, value))

    def _is_needed(self, name: str) -> bool:
        if self._needs is None:
            return False
        return self._needs.of_object(name) if self._section == "object" else self._needs.of_event(name)

    def _end(self, _: str) -> None:
        if self._depth == _ENTRY and self._value is not None:
            self._values.append(Value(*self._value, "".join(self._pieces)))
            self._value = None
        elif self._depth == _PART:
            self._part = ""
        elif self._depth == _RECORD and self._record:
            self._record = False
            self._finish()
        self._depth -= 1

    def _finish(self) -> None:
        kind, own = self._section or "event", self._own
        self._numbers[kind] += 1
        number, identity = self._numbers[kind], name_of(own.get("id"))
        if kind == "object":
            self._found.append(LogObject(number, identity, name_of(own.get("type")), self._values, self._relations))
        elif self._needs is not None:
            # OCEL 1.0 says "activity" and "timestamp" for what OCEL 2.0 calls "type" and "time".
            activity = name_of(own.get("type", own.get("activity")))
            at = own.get("time", own.get("timestamp"))
            values = {name: value for name, _, value in self._values}
            self._found.append(LogEvent(number, identity, activity, at, values, self._relations))

    def _text(self, text: str) -> None:
        if self._value is not None and self._depth == _ENTRY:
            self._pieces.append(text)
            self._length += len(text)
            if self._length > LONGEST_PIECE:
                raise InputError("xml_value_too_long", line=self.parser.CurrentLineNumber, limit=LONGEST_PIECE)

    def _declared(self, *_: object) -> None:
        raise InputError("xml_entities_forbidden", line=self.parser.CurrentLineNumber)
