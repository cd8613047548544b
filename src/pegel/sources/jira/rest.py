"""Reads saved answers of Jira's REST search: Cloud v3, Server and Data Center v2, agile boards.

Row: one issue. Shapes: search pages (``issues``), arrays of pages or issues, JSON Lines, documents one after another;
beside them objects ``{"key": …, "changelog": {"values": […]}}``, which carry the changelog of an issue that stands
elsewhere in the file. Where such objects occur the file is read twice: first to learn each issue's first status.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, BatchBuilder, SourceInfo
from pegel.sources.formats import Format, Head, ReadOptions
from pegel.sources.jira.changelog import Changelog, FirstChange, changelog_of, number, text
from pegel.sources.jira.to_events import IssueMapping, Target
from pegel.sources.json_records import JsonRecords, Record
from pegel.sources.reading import open_bytes, open_text

_ARRAYS: Final = frozenset({"issues"})
_SEPARATE_CHANGELOG: Final = re.compile(rb'"\x00?v\x00?a\x00?l\x00?u\x00?e\x00?s\x00?"')
_BLOCK: Final = 4 * 1024 * 1024
#: Records per batch, whatever the number of issues: a bound for memory.
_MOST_RECORDS: Final = 500_000
_LEFT_OUT: Final = ("summary", "description", "comment.body", "reporter", "creator", "displayName", "emailAddress")


class JiraSearch:
    """A file of saved Jira issues with their changelogs."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._path = path
        self._options = options
        self._text: TextIO | None = None
        self._start_again()

    def _start_again(self) -> None:
        self._mapping = IssueMapping(self._options)
        self._share: tuple[float, float] = (0.0, 1.0)
        self._first_changes: dict[str, FirstChange | None] = {}
        self._streams: dict[str, str] = {}
        self._announced = 0
        self._rows = 0
        self._open_page = False

    def batches(self) -> Iterator[Batch]:
        """Yield the file's issues as batches.

        Raises
        ------
        InputError: the file is broken, cut short or hostile (``json_*``, ``archive_*``).
        """
        self._start_again()
        self._look_ahead()
        builder = BatchBuilder()
        seen: set[bytes] = set()
        rows_in_batch = 0
        for record in self._records():
            if record.page:
                self._note_page(record.value)
                continue
            self._rows += 1
            rows_in_batch += 1
            if record.digest in seen:
                builder.duplicate += 1
            elif self._add(builder, self._rows, record.value):
                seen.add(record.digest)
            if rows_in_batch >= self._options.batch_rows or len(builder) >= _MOST_RECORDS:
                yield builder.take()
                rows_in_batch = 0
        self._share = (1.0, 0.0)
        yield builder.take()

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        notes: dict[str, str] = {}
        if self._mapping.without_history:
            notes["no_state_history"] = str(self._mapping.without_history)
        if self._announced > self._rows or self._open_page:
            notes["pages_missing"] = str(self._announced or "")
        if self._mapping.links_outside:
            notes["links_outside"] = str(self._mapping.links_outside)
        hints, dates_only = self._mapping.state_hints(), bool(self._mapping.without_history)
        dates_only = dates_only and not self._mapping.with_history
        if dates_only:
            hints[schema.CREATED_STATE] = "waiting"  # so that created to resolved is the flow time
        return SourceInfo(
            source="jira.rest",
            log_kind="dates" if dates_only else "states",
            state_hints=hints,
            left_out=tuple(name for name in _LEFT_OUT if not (name == "summary" and self._options.titles)),
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read."""
        start, width = self._share
        buffer: Any = self._text.buffer if self._text and not self._text.closed else None
        return start + width * (buffer.share_read() if buffer is not None else 0.0)

    def _add(self, builder: BatchBuilder, row: int, issue: Any) -> bool:
        """Add one record; False if it was rejected or held nothing."""
        if not isinstance(issue, dict):
            return builder.reject(row, "not_an_object", type(issue).__name__)
        key = text(issue.get("key"))
        if key is None:
            return builder.reject(row, "item_missing", ", ".join(map(str, issue)))
        target, changelog = Target(builder, row, key), changelog_of(issue)
        if "fields" not in issue and changelog is not None:
            if changelog.entries:
                return self._mapping.add_history(target, changelog, stream=self._streams.get(key))
            builder.ignored["empty_changelog"] += 1
            return False
        if key in self._first_changes:
            changelog = Changelog(first_status=self._first_changes[key])
        return self._mapping.add_issue(target, issue, changelog)

    def _look_ahead(self) -> None:
        """Learn the first status change of issues whose changelog stands apart, and which issues there are."""
        if not self._mentions_values():
            return
        self._share = (0.0, 0.5)
        for record in self._records():
            issue = record.value
            key = text(issue.get("key")) if isinstance(issue, dict) else None
            if key is None:
                continue
            fields, changelog = issue.get("fields"), changelog_of(issue)
            if isinstance(fields, dict):
                self._streams[key] = self._mapping.stream_of(key, fields)
            elif changelog is not None:
                first, known = changelog.first_status, self._first_changes.get(key)
                if known is None or (first and (first.at_us, first.sequence) < (known.at_us, known.sequence)):
                    self._first_changes[key] = first
        self._share = (0.5, 0.5)

    def _mentions_values(self) -> bool:
        with open_bytes(self._path) as stream:
            rest = b""
            while block := stream.read(_BLOCK):
                if _SEPARATE_CHANGELOG.search(rest + block):
                    return True
                rest = block[-16:]
        return False

    def _records(self) -> Iterator[Record]:
        with open_text(self._path, self._options.encoding) as opened:
            self._text = opened
            yield from JsonRecords(opened, arrays=_ARRAYS)

    def _note_page(self, page: dict[str, Any]) -> None:
        """Remember how many issues the pages announce, and whether the last one says that more follow."""
        self._announced = max(self._announced, number(page.get("total")) or 0)
        self._open_page = page.get("isLast") is False or bool(page.get("nextPageToken"))


def _recognise(head: Head) -> float:
    start = head.text.lstrip("\ufeff \t\r\n")[:1]
    if start not in ("{", "["):
        return 0.0
    has = {
        word: f'"{word}"' in head.text
        for word in ("issues", "key", "fields", "changelog", "histories", "values", "toString", "statusCategory")
    }
    from_jira = re.search(r"/rest/(api|agile)/", head.text) is not None
    if not has["key"]:
        return 0.8 if has["issues"] and re.search(r'"(isLast|startAt)"', head.text) else 0.0
    if has["changelog"] and (has["histories"] or has["toString"] or (has["values"] and from_jira)):
        return 0.97
    if has["fields"] and (from_jira or has["statusCategory"]):
        return 0.95
    return 0.7 if has["issues"] or (has["changelog"] and has["values"]) else 0.3 if has["fields"] else 0.0


def _open(path: Path, options: ReadOptions) -> JiraSearch:
    with open_bytes(path):  # a file that cannot be opened is told now
        pass
    return JiraSearch(Path(path), options)


FORMAT: Final = Format(name="jira.rest", recognise=_recognise, open=_open)
