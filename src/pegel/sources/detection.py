"""Finds out which format an input has, and opens it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pegel.errors import AmbiguousInputError, InputError
from pegel.eventlog.batch import EventSource
from pegel.sources.formats import Format, ReadOptions, all_formats, format_named
from pegel.sources.reading import read_head

#: Below this confidence a format is a guess that Pegel does not make.
LEAST_CONFIDENCE: Final = 0.3
#: Two formats this close cannot be told apart, unless only one of them is certain.
CLOSE: Final = 0.05
CERTAIN: Final = 1.0


_LONGEST_HEADING: Final = 80
#: What object-centric event logs (OCEL) say about themselves in any form, also those that no format reads (CSV).
_OBJECT_CENTRIC: Final = re.compile(r"ocel:(?:eid|oid|global|events|objects|timestamp|type)|\bocel_(?:id|type|time)\b")


def detect(path: Path, options: ReadOptions) -> list[tuple[Format, float]]:
    """Return the formats that an input may have, with the confidence in each, best first.

    Raises
    ------
    NotFoundError: ``file_not_found``. InputError: ``file_empty`` and those of
    :func:`pegel.sources.reading.read_head`.
    """
    head = read_head(path, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet)
    if not head.data.strip():
        raise InputError("file_empty", path=str(path))
    found = [(one, one.recognise(head)) for one in all_formats()]
    # Stable: of equal confidences the more specific format stays in front.
    return sorted((pair for pair in found if pair[1] > 0), key=lambda pair: -pair[1])


def open_source(path: Path, options: ReadOptions, *, format: Format | str | None = None) -> EventSource:  # noqa: A002  the option's name
    """Open an input as the named format, or as the one that is detected.

    Raises
    ------
    AmbiguousInputError: ``ambiguous_format`` (candidates), and what the format must ask (``ambiguous_dates`` …).
    NotFoundError: ``unknown_format``, ``file_not_found``.
    InputError: ``format_unknown`` (path, found: the header's cells, hint), ``object_centric_form_unknown``,
        ``file_empty``, and those of the format.
    """
    if format is not None:
        chosen = format_named(format) if isinstance(format, str) else format
        return chosen.open(path, options)
    candidates = [(one, confidence) for one, confidence in detect(path, options) if confidence >= LEAST_CONFIDENCE]
    if not candidates:
        if options.columns:
            # The person has named the columns: what the headers do not say, the options do.
            return format_named("csv.transitions").open(path, options)
        head = read_head(path, encoding=options.encoding, delimiter=options.delimiter, sheet=options.sheet)
        if _OBJECT_CENTRIC.search(head.text) or head.name.lower().endswith("ocel"):
            raise InputError("object_centric_form_unknown", path=str(path))
        found = [cell for cell in head.header if len(cell) <= _LONGEST_HEADING and not cell.startswith(("{", "["))]
        raise InputError("format_unknown", path=str(path), found=found[:50], hint="name_format")
    best = candidates[0][1]
    close = [one.name for one, confidence in candidates if confidence >= (best if best >= CERTAIN else best - CLOSE)]
    if len(close) > 1:
        raise AmbiguousInputError("ambiguous_format", path=str(path), candidates=close)
    return candidates[0][0].open(path, options)
