"""Reads a table of commits, CSV or workbook: one row per commit, columns by their names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import polars as pl

from pegel.errors import InputError
from pegel.eventlog.schema import LONGEST_TEXT
from pegel.sources.column_names import require_roles, roles_by_header
from pegel.sources.formats import Head, ReadOptions
from pegel.sources.git_history.commits import Commit, Request, digest_of, hash_of, parents_of, request_of, tags_of
from pegel.sources.git_history.source import Broken, CommitHistory, Reading, stream_by_name
from pegel.sources.moments import MomentFormat, MomentSurvey
from pegel.sources.tabular import Table, open_table, unique_names
from pegel.sources.transitions.columns import plain

#: Role → headers that mean it, in lower case, signs read as blanks.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "item": ("sha", "hash", "commit hash", "commit sha", "commit id", "commit", "oid"),
    "created": ("author date", "authored at", "authored date", "authored", "author time", "autorendatum"),
    "at": ("commit date", "committed at", "committed date", "committer date", "committed", "commit time"),
    "parents": ("parents", "parent hashes", "parent shas", "parent", "eltern"),
    "actor": ("author", "author name", "author email", "autor"),
    "title": ("subject", "message", "commit message", "title", "betreff", "nachricht"),
    "request": ("pull request", "pull request number", "pr", "pr number", "merge request", "mr"),
    "tags": ("tags", "tag", "release", "version", "refs", "ref names", "decorations"),
    "released": ("released at", "release date", "released", "tag created at", "tagged at", "veröffentlicht am"),
}
#: Columns of references, in which branches stand beside tags.
_REFERENCES: Final = frozenset({"refs", "ref names", "decorations"})
_REQUEST: Final = re.compile(r"(?:PR|MR)?\s*([#!]?)\s*([0-9]{1,15})(?:\.0+)?")
_LONGEST_ACTOR: Final = 500


def recognise_table(head: Head) -> float:
    """Confidence that a table lists commits, by its headers and the hashes in its first rows."""
    columns = unique_names(head.header)
    found = roles_by_header(columns, COLUMNS)
    if "item" not in found or not {"created", "at"} & found.keys():
        return 0.0
    place = columns.index(found["item"])
    hashes = [hash_of(row[place]) for row in head.rows[:50] if len(row) > place]
    if not hashes or sum(one is not None for one in hashes) < 0.8 * len(hashes):
        return 0.0
    return 0.97 if {"parents", "actor", "title"} & found.keys() else 0.8


def open_table_of_commits(path: Path, options: ReadOptions) -> CommitHistory:
    """Open a table of commits.

    Raises
    ------
    AmbiguousInputError: ``ambiguous_dates``, ``ambiguous_sheet``.
    InputError: ``columns_missing``, ``column_unknown``, ``role_unknown``, ``unknown_zone`` and those of
    :func:`pegel.sources.tabular.open_table`.
    """
    table = open_table(path, options)
    roles = roles_by_header(table.columns, COLUMNS, options.columns)
    require_roles(roles, ("item",), table.columns)
    if "created" not in roles and "at" not in roles:
        require_roles(roles, ("at",), table.columns)
    for column in options.attributes:
        if column not in table.columns:
            raise InputError("column_unknown", role="attributes", column=column, found=list(table.columns))
    moments = _decide_times(table, roles, options)
    rows = _CommitRows(table, roles, moments, options)
    read = {*roles.values(), *options.attributes}
    shown = {role: column for role, column in roles.items() if role != "title" or options.titles}
    return CommitHistory(
        Reading(
            source="git.commits",
            commits=rows.commits,
            progress=table.progress,
            stream=options.stream or stream_by_name(Path(path)),
            batch_rows=options.batch_rows,
            columns=shown,
            left_out=tuple(
                name
                for name in table.columns
                if name not in read or (name == roles.get("title") and not options.titles)
            ),
            notes=moments.notes(),
        )
    )


def _time_columns(roles: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(roles[role] for role in ("created", "at", "released") if role in roles))


def _decide_times(table: Table, roles: Mapping[str, str], options: ReadOptions) -> MomentFormat:
    survey = MomentSurvey()
    columns = _time_columns(roles)
    for part in table.parts(columns):
        for column in columns:
            survey.add(part.frame[column])
        if survey.values and not survey.open:
            break
    return survey.decide(
        order=options.date_order, zone=options.zone, column=", ".join(columns), serials=table.from_workbook
    )


class _CommitRows:
    def __init__(self, table: Table, roles: Mapping[str, str], moments: MomentFormat, options: ReadOptions) -> None:
        self._table = table
        self._roles = roles
        self._moments = moments
        self._options = options
        tags = roles.get("tags")
        self._tags: Callable[[str], tuple[str, ...]] = (
            tags_of if tags is not None and plain(tags) in _REFERENCES else _tag_names
        )

    def commits(self) -> Iterator[Commit | Broken]:
        columns = list(dict.fromkeys((*self._roles.values(), *self._options.attributes)))
        for part in self._table.parts(columns):
            for row, reason, detail in part.rejects.iter_rows():
                yield Broken(row, reason, detail)
            roles = {role: column for role, column in self._roles.items() if role not in ("created", "at", "released")}
            frame = part.frame.select(
                "row",
                *(pl.col(column).str.strip_chars().alias(f"role:{role}") for role, column in roles.items()),
                *(pl.col(column).str.strip_chars() for column in self._options.attributes),
            ).with_columns(
                self._moments.parse_series(part.frame[self._roles[role]]).alias(f"role:{role}")
                for role in ("created", "at", "released")
                if role in self._roles
            )
            for values in frame.iter_rows(named=True):
                yield self._commit(values)

    def _commit(self, values: Mapping[str, object]) -> Commit | Broken:
        row = _number(values["row"]) or 0
        found = hash_of(_cell(values, "item"))
        parents = parents_of(_cell(values, "parents"))
        if found is None or parents is None:
            return Broken(row, "commit_id_unreadable", found or "")
        authored_us, committed_us = (_number(values.get(f"role:{role}")) for role in ("created", "at"))
        known = [at_us for at_us in (authored_us, committed_us) if at_us is not None]
        expected = sum(role in self._roles for role in ("created", "at"))
        if len(known) < expected:
            return Broken(row, "unreadable_time", found)
        message = _cell(values, "title")
        return Commit(
            row=row,
            hash=found,
            parents=parents,
            authored_us=known[0],
            committed_us=known[-1],
            actor=_cell(values, "actor")[:_LONGEST_ACTOR] or None,
            request=request_of(message) or _request(_cell(values, "request")),
            subject=digest_of(message),
            tags=self._tags(_cell(values, "tags")),
            released_us=_number(values.get("role:released")),
            title=message.partition("\n")[0][:LONGEST_TEXT] or None if self._options.titles else None,
            attributes=self._attributes(values),
        )

    def _attributes(self, values: Mapping[str, object]) -> str | None:
        kept = {name: str(values[name])[:LONGEST_TEXT] for name in self._options.attributes if values[name]}
        return json.dumps(kept, ensure_ascii=False, sort_keys=True) if kept else None


def _tag_names(cell: str) -> tuple[str, ...]:
    """Names of tags in a cell; the notation of ``%D`` is understood too.

    >>> _tag_names("v1.0, v1.1"), _tag_names("tag: v1.0, main"), _tag_names("")
    (('v1.0', 'v1.1'), ('v1.0',), ())
    """
    if "tag: " in cell:
        return tags_of(cell)
    return tuple(name for name in re.split(r"[\s,;|]+", cell) if name)


def _request(cell: str) -> Request | None:
    """Request by its number in a column.

    >>> [one.name for one in map(_request, ("12", "!34", "PR #5")) if one], _request("")
    (['#12', '!34', '#5'], None)
    """
    found = _REQUEST.fullmatch(cell)
    return Request((found.group(1) or "#") + found.group(2), "listed") if found else None


def _cell(values: Mapping[str, object], role: str) -> str:
    value = values.get(f"role:{role}")
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
