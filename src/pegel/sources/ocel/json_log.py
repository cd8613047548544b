"""Reads object-centric logs in JSON, one object or event at a time.

Forms: OCEL 2.0 (arrays ``objects`` and ``events``; https://www.ocel-standard.org/specification/formats/json/) and OCEL
1.0 (``ocel:objects`` and ``ocel:events``, which are JSON objects with the ids as keys;
https://www.ocel-standard.org/1.0/). The order of the parts does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TextIO

from pegel.sources.json_records import JsonRecords, Record
from pegel.sources.ocel.model import LogEvent, LogObject, LogRecord, Needs, NoRecord, Relation, Value, name_of, text_of
from pegel.sources.reading import open_text

_KINDS: Final[Mapping[str, Literal["object", "event"]]] = {
    "objects": "object",
    "events": "event",
    "ocel:objects": "object",
    "ocel:events": "event",
}


class MemberRecords(JsonRecords):
    """Yields the elements of the named members of a document, be they arrays or objects (``value``: key and value).

    >>> import io
    >>> text = io.StringIO('{"other": 0, "ocel:events": {"e1": {"a": 1}}, "events": [2]}')
    >>> [(one.name, one.value) for one in MemberRecords(text, arrays=frozenset({"events", "ocel:events"}))]
    [('ocel:events', ('e1', {'a': 1})), ('events', 2)]
    """

    def _document(self, name: str, depth: int) -> Iterator[Record]:
        if self._next() != "{":
            self._value()
            return
        for member in self._keys():
            opening = self._next()
            if member not in self._arrays or opening not in ("[", "{"):
                self._value()
            elif opening == "[":
                for _ in self._elements("]"):
                    yield Record(member, *self._value())
            else:
                for key in self._keys():
                    value, digest = self._value()
                    yield Record(member, (key, value), digest)

    def _keys(self) -> Iterator[str]:
        """Step through the object that begins here; the value of each key is to be read before the next."""
        for _ in self._elements("}"):
            if self._next() != '"':
                raise self._invalid("member name")
            key, _digest = self._value()
            if self._next() != ":":
                raise self._invalid(":")
            self._at += 1
            yield key


class JsonLog:
    """An object-centric log in JSON; see :class:`pegel.sources.ocel.model.LogReader`."""

    def __init__(self, path: Path, *, encoding: str | None = None) -> None:
        self._path = path
        self._encoding = encoding
        self._text: TextIO | None = None

    def records(self, needs: Needs | None) -> Iterator[LogRecord]:
        """Yield the records in file order.

        Raises
        ------
        InputError: ``json_*``, ``unknown_encoding``, as :func:`pegel.sources.reading.open_bytes`.
        """
        numbers = {"object": 0, "event": 0}
        with open_text(self._path, self._encoding) as opened:
            self._text = opened
            for record in MemberRecords(opened, arrays=frozenset(_KINDS)):
                kind = _KINDS[record.name]
                numbers[kind] += 1
                if needs is None and kind == "event":
                    continue
                yield _record(kind, numbers[kind], record, needs)

    def share_read(self) -> float:
        """Return the share of the file that was read."""
        buffer: Any = self._text.buffer if self._text and not self._text.closed else None
        return float(buffer.share_read()) if buffer is not None else 1.0

    def loose_parts(self) -> Mapping[str, int]:
        """Nothing stands outside the records of a JSON log."""
        return {}


def _record(kind: Literal["object", "event"], number: int, record: Record, needs: Needs | None) -> LogRecord:
    first = record.name.startswith("ocel:")
    key, body = record.value if isinstance(record.value, tuple) else (None, record.value)
    if not isinstance(body, dict):
        return NoRecord(number, kind, type(body).__name__)
    identity = name_of(body.get("ocel:id" if first else "id")) if key is None else name_of(key)
    if kind == "event" and needs is not None:
        return _event(number, identity, body, needs, first=first)
    type_name = name_of(body.get("ocel:type" if first else "type"))
    if needs is None:
        return LogObject(number, identity, type_name, (), ())
    if first:
        values = [Value(name, None, value) for name, value in _map(body.get("ocel:ovmap"), needs.of_object)]
        return LogObject(number, identity, type_name, values, ())
    values = [
        Value(name, text_of(one.get("time")), value)
        for one in _objects(body.get("attributes"))
        if (name := name_of(one.get("name"))) is not None
        and needs.of_object(name)
        and (value := text_of(one.get("value"))) is not None
    ]
    return LogObject(number, identity, type_name, values, _relations(body))


def _event(number: int, identity: str | None, body: Mapping[str, Any], needs: Needs, *, first: bool) -> LogEvent:
    if first:
        named = body.get("ocel:omap")
        others = named if isinstance(named, list | dict) else ()
        relations = [Relation(other, "") for one in others if (other := name_of(one)) is not None]
        values = dict(_map(body.get("ocel:vmap"), needs.of_event))
        at = text_of(body.get("ocel:timestamp"))
        return LogEvent(number, identity, name_of(body.get("ocel:activity")), at, values, relations)
    values = {
        name: value
        for one in _objects(body.get("attributes"))
        if (name := name_of(one.get("name"))) is not None
        and needs.of_event(name)
        and (value := text_of(one.get("value"))) is not None
    }
    return LogEvent(number, identity, name_of(body.get("type")), text_of(body.get("time")), values, _relations(body))


def _relations(body: Mapping[str, Any]) -> list[Relation]:
    return [
        Relation(other, text_of(one.get("qualifier")) or "")
        for one in _objects(body.get("relationships"))
        if (other := name_of(one.get("objectId"))) is not None
    ]


def _map(values: object, is_needed: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    for name, value in values.items() if isinstance(values, dict) else ():
        text = text_of(value) if is_needed(name) else None
        if text is not None:
            yield name, text


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in (value if isinstance(value, list) else ()) if isinstance(one, dict))
