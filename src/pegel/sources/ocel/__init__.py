"""Object-centric event logs: OCEL 2.0 in JSON, XML and SQLite, OCEL 1.0 in JSON and XML, plain or packed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.ocel.json_log import JsonLog
from pegel.sources.ocel.source import OcelSource
from pegel.sources.ocel.sqlite_file import MAGIC
from pegel.sources.ocel.sqlite_log import SqliteLog
from pegel.sources.ocel.xml_log import XmlLog

_ENDING: Final = (".jsonocel", ".xmlocel", ".sqliteocel")
_JSON_MEMBERS: Final = re.compile(r'"(?:objectTypes|eventTypes|ocel:(?:global-\w+|events|objects))"\s*:')
_JSON_RELATIONS: Final = re.compile(r'"relationships"\s*:\s*\[\s*\{\s*"(?:objectId|qualifier)"\s*:')
_XML_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?log[\s/>]")
_XML_PARTS: Final = re.compile(r"<(?:[\w.-]+:)?(?:object-types|event-types|objects|events)[\s/>]")
#: XES, whose root has the same name, has cases.
_XML_TRACE: Final = re.compile(r"<(?:[\w.-]+:)?trace[\s/>]")
#: Names in the schema, which SQLite keeps at the beginning of the file.
_SQLITE_NAMES: Final = (b"event_map_type", b"object_map_type", b"ocel_type", b"ocel_id")
_MAYBE: Final = 0.4


def _recognise_json(head: Head) -> float:
    if head.text.lstrip("\ufeff \t\r\n")[:1] != "{":
        return 0.0
    if _JSON_MEMBERS.search(head.text):
        return 1.0
    if _JSON_RELATIONS.search(head.text):
        return 0.9
    return _MAYBE if head.name.lower().endswith(_ENDING) else 0.0


def _recognise_xml(head: Head) -> float:
    root = _XML_ROOT.search(head.text[:20_000])
    if not root or head.text[: root.start()].lstrip("\ufeff \t\r\n")[:1] not in ("", "<"):
        return 0.0
    if _XML_TRACE.search(head.text):
        return 0.0
    if _XML_PARTS.search(head.text):
        return 1.0
    return _MAYBE if head.name.lower().endswith(_ENDING) else 0.0


def _recognise_sqlite(head: Head) -> float:
    if not head.data.startswith(MAGIC):
        return 0.0
    return 1.0 if any(name in head.data for name in _SQLITE_NAMES) else _MAYBE


def _open_json(path: Path, options: ReadOptions) -> OcelSource:
    return OcelSource("ocel.json", JsonLog(Path(path), encoding=options.encoding), Path(path), options)


def _open_xml(path: Path, options: ReadOptions) -> OcelSource:
    return OcelSource("ocel.xml", XmlLog(Path(path), encoding=options.encoding), Path(path), options)


def _open_sqlite(path: Path, options: ReadOptions) -> OcelSource:
    return OcelSource("ocel.sqlite", SqliteLog(Path(path)), Path(path), options)


FORMATS: Final = (
    Format(name="ocel.json", recognise=_recognise_json, open=_open_json),
    Format(name="ocel.xml", recognise=_recognise_xml, open=_open_xml),
    Format(name="ocel.sqlite", recognise=_recognise_sqlite, open=_open_sqlite),
)
