"""Reads the text that ``git log --pretty=format:…`` writes: a commit per line, or per NUL with ``-z``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TextIO

from pegel.errors import InputError
from pegel.eventlog.schema import LONGEST_TEXT
from pegel.sources.formats import Head, ReadOptions
from pegel.sources.git_history.commits import Commit, digest_of, hash_of, parents_of, request_of, tags_of
from pegel.sources.git_history.source import Broken, CommitHistory, Reading, stream_by_name
from pegel.sources.moments import MomentFormat, find_zone
from pegel.sources.reading import BROKEN, open_text, read_head

_HASH: Final = r"(?:[0-9a-f]{40}|[0-9a-f]{64})"
#: The first record: hash, parents, two times.
_FIRST: Final = re.compile(
    rf"\ufeff?\s*{_HASH}(?P<mark>[\t\x00])(?:{_HASH}(?: {_HASH})*)?(?P=mark)"
    r"\d{4}-\d\d-\d\d[^\t\x00\n]{5,30}(?P=mark)\d{4}-\d\d-\d\d[^\t\x00\n]{5,30}(?P=mark)"
)
_REFERENCE: Final = r"(?:HEAD -> |tag: )?[^\s,~^:?*\[\\\x00]+"
_REFERENCES: Final = re.compile(rf"(?:{_REFERENCE}(?:, {_REFERENCE})*)?")
#: Begins a list of references, and hardly a subject that has a tab in it.
_TELLING: Final = ("HEAD", "tag: ")
_LOOKED_AT: Final = 200
_CHUNK: Final = 1 << 20
#: A record that does not end within this many characters is not kept.
_LONGEST_RECORD: Final = 4 << 20
_LONGEST_ACTOR: Final = 500
_FEWEST_FIELDS: Final = 6


class _Layout(NamedTuple):
    """What stands between fields and between records; ``references``: whether the sixth field holds them."""

    mark: str
    end: str
    references: bool


def recognise_log(head: Head) -> float:
    """Confidence that a text is such a log, by its first record."""
    return 0.99 if _FIRST.match(head.text) else 0.0


def open_log(path: Path, options: ReadOptions) -> CommitHistory:
    """Open a log.

    Raises
    ------
    InputError: ``git_log_unreadable`` (its first record is none), ``unknown_zone`` and those of
    :func:`pegel.sources.reading.open_bytes`.
    """
    find_zone(options.zone)
    head = read_head(path, encoding=options.encoding)
    layout = _layout_of(head.text)
    if layout is None:
        raise InputError("git_log_unreadable", path=str(path))
    log = _LogText(Path(path), options, layout)
    return CommitHistory(
        Reading(
            source="git.log",
            commits=log.commits,
            progress=log.progress,
            stream=options.stream or stream_by_name(Path(path)),
            batch_rows=options.batch_rows,
            left_out=() if options.titles else ("subject",),
        )
    )


def _layout_of(text: str) -> _Layout | None:
    first = _FIRST.match(text)
    if first is None:
        return None
    mark = first.group("mark")
    end = "\x00" if mark == "\t" and "\x00" in text else "\n"
    records = [record for record in islice(text.split(end), _LOOKED_AT) if record.strip()]
    whole = records[:-1] or records  # the last one may be cut
    fields = [record.lstrip("\ufeff\r\n").split(mark) for record in whole]
    references = all(len(one) > _FEWEST_FIELDS and _REFERENCES.fullmatch(one[5]) for one in fields) and any(
        not one[5] or one[5].startswith(_TELLING) for one in fields
    )
    return _Layout(mark, end, references)


class _LogText:
    def __init__(self, path: Path, options: ReadOptions, layout: _Layout) -> None:
        self._path = path
        self._options = options
        self._layout = layout
        self._moments = MomentFormat(zone=options.zone)
        self._text: TextIO | None = None

    def progress(self) -> float | None:
        if self._text is None:
            return 0.0
        buffer: Any = None if self._text.closed else self._text.buffer
        return 1.0 if buffer is None else buffer.share_read()

    def commits(self) -> Iterator[Commit | Broken]:
        numbers = count(1)
        with open_text(self._path, self._options.encoding) as text:
            self._text = text
            for record in _records(text, self._layout.end):
                if record is None:
                    yield Broken(next(numbers), "cell_too_large")
                elif record := record.strip("\ufeff\r\n"):
                    yield self._commit(next(numbers), record)

    def _commit(self, row: int, record: str) -> Commit | Broken:
        wanted = 7 if self._layout.references else 6
        fields = record.split(self._layout.mark, wanted - 1)
        if len(fields) < wanted:
            return Broken(row, "wrong_number_of_cells", f"{len(fields)} / {wanted}")
        found, parents = hash_of(fields[0]), parents_of(fields[1])
        if found is None or parents is None:
            return Broken(row, "commit_id_unreadable", found or "")
        times = [self._moments.parse(field) for field in fields[2:4]]
        authored_us, committed_us = times
        if authored_us is None or committed_us is None:
            return Broken(row, "unreadable_time", found)
        message = fields[-1].strip()
        title = message.partition("\n")[0].strip().replace("\x00", " ").replace(BROKEN, "\N{REPLACEMENT CHARACTER}")
        return Commit(
            row=row,
            hash=found,
            parents=parents,
            authored_us=authored_us,
            committed_us=committed_us,
            actor=fields[4].strip()[:_LONGEST_ACTOR] or None,
            request=request_of(message),
            subject=digest_of(message),
            tags=tags_of(fields[5]) if self._layout.references else (),
            title=title[:LONGEST_TEXT] or None if self._options.titles else None,
        )


def _records(text: TextIO, end: str) -> Iterator[str | None]:
    """Yield the records of a text; None for one that is too long to keep."""
    rest, skipping = "", False
    for chunk in iter(partial(text.read, _CHUNK), ""):
        *whole, rest = (rest + chunk).split(end)
        if whole and skipping:
            whole, skipping = whole[1:], False
        yield from whole
        if len(rest) > _LONGEST_RECORD:
            if not skipping:
                yield None
            rest, skipping = "", True
    if not skipping:
        yield rest
