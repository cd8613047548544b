"""Reads tables with one row per item and one date column per step: created and closed, or every step of a workflow.

Each filled date is one transition, in the order of the columns; equal dates keep that order. A row whose dates run
backwards, that has an unreadable date, or that repeats an earlier row's item with other content is rejected.

A date without time of day on the very day of the step before does not run backwards: closed "2026-01-05" after created
"2026-01-05 14:00" is read as 14:00 (warning ``same_day_order_assumed``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, Category, LogKind, SourceInfo, empty
from pegel.sources.formats import ReadOptions
from pegel.sources.moments import MomentFormat, MomentSurvey
from pegel.sources.tabular import Table, TablePart

#: What people and tools write into a date column that has no date yet.
NO_DATE: Final = ("-", "–", "n/a", "na", "nan", "nat", "none", "null", "?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A date column and the state that an item enters then.

    ``state_column``: where given, that column says the state, row by row; ``state`` stands in where it is empty.
    """

    column: str
    state: str
    state_column: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DateColumns:
    """Which columns are read as what.

    Parameters
    ----------
    steps: in the order of the workflow, at least one; the first one is the creation of the item.
    backwards: reason code by (earlier, later) column where the later step has the earlier date; others are
        ``backward_flow``.
    undated: fate of a row without any date: reason of its rejection, or of its being ignored (``undated_ignored``).
    """

    item: str
    steps: tuple[Step, ...]
    type: str | None = None
    stream: str | None = None
    parent: str | None = None
    title: str | None = None
    attributes: tuple[str, ...] = ()
    backwards: Mapping[tuple[str, str], str] = field(default_factory=dict)
    undated: str = "time_missing"
    undated_ignored: bool = False

    def columns(self) -> tuple[str, ...]:
        """Columns that are read, in no particular order, each once."""
        single = (self.item, self.type, self.stream, self.parent, self.title)
        steps = (name for step in self.steps for name in (step.column, step.state_column))
        return tuple(dict.fromkeys(name for name in (*single, *steps, *self.attributes) if name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a format says about a file beyond its rows; see :class:`pegel.eventlog.batch.SourceInfo`."""

    source: str
    log_kind: LogKind
    state_hints: Mapping[str, Category]
    columns: Mapping[str, str]
    notes: Mapping[str, str] = field(default_factory=dict)


def survey_dates(table: Table, columns: tuple[str, ...], options: ReadOptions) -> MomentFormat:
    """Decide how the dates of all given columns are read: one file has one notation.

    Reads on until the order of day and month is decided, to the end of the file if need be.

    Raises
    ------
    AmbiguousInputError: ``ambiguous_dates``. InputError: ``unknown_zone``, and what reading the table raises.
    """
    survey = MomentSurvey()
    for part in table.parts(columns):
        for column in columns:
            survey.add(_filled(part.frame[column]))
        if survey.values and not survey.open:
            break
    return survey.decide(
        order=options.date_order, zone=options.zone, column=", ".join(columns), serials=table.from_workbook
    )


class DateColumnsTable:
    """A table with date columns as a source of events."""

    def __init__(
        self, table: Table, plan: DateColumns, moments: MomentFormat, options: ReadOptions, findings: Findings
    ) -> None:
        self._table = table
        self._plan = plan
        self._moments = moments
        self._options = options
        self._findings = findings
        self._final_states: set[str] = set()

    def batches(self) -> Iterator[Batch]:
        """Yield the table's rows as batches.

        Raises
        ------
        InputError: what only reading on can show (``archive_broken`` …).
        """
        known: dict[int, int] = {}
        for part in self._table.parts(self._plan.columns()):
            yield self._batch(part, known)

    def info(self) -> SourceInfo:
        """Say what was found; complete after the last batch."""
        read = self._plan.columns()
        final: dict[str, Category] = dict.fromkeys(sorted(self._final_states), "done")
        notes = {**self._findings.notes, **self._moments.notes()}
        return SourceInfo(
            source=self._findings.source,
            log_kind=self._findings.log_kind,
            state_hints={**final, **self._findings.state_hints},
            columns=self._findings.columns,
            left_out=tuple(name for name in self._table.columns if name not in read),
            notes=notes,
        )

    def progress(self) -> float | None:
        """Return the share of the file that was read."""
        return self._table.progress()

    def _batch(self, part: TablePart, known: dict[int, int]) -> Batch:
        reason, detail = self._defects()
        read = self._read(part.frame)
        raised = self._in_day_order(read)
        checked = raised.with_columns(reason=reason, detail=detail)
        undated = (pl.col("reason") == self._plan.undated) & self._plan.undated_ignored
        broken = checked.filter(pl.col("reason").is_not_null() & ~undated)
        good, repeated, duplicate = _first_rows(checked.filter(pl.col("reason").is_null()), known)
        ignored = int(checked.select(undated.sum()).item() or 0)
        rejects = pl.concat([broken, repeated]).select(
            "row", "reason", pl.col("detail").fill_null("").str.slice(0, 200)
        )
        batch = Batch(
            items=self._items(good),
            transitions=self._transitions(good),
            field_changes=empty("field_changes"),
            links=empty("links"),
            rejects=pl.concat([part.rejects, rejects]).sort("row"),
            duplicate=duplicate,
        )
        later = [read[f"at_{place}"] < raised[f"at_{place}"] for place in range(len(self._plan.steps))]
        assumed = sum(int(column.sum()) for column in later)
        if assumed:
            batch.warnings["same_day_order_assumed"] += assumed
        if ignored:
            batch.ignored[self._plan.undated] += ignored
        return batch

    def _read(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Columns of fixed names: the roles, ``text_0`` … as written and ``at_0`` … in microseconds."""
        plan, moments = self._plan, self._moments
        roles = {"item": plan.item, "type": plan.type, "parent": plan.parent, "stream": plan.stream}
        roles["title"] = plan.title if self._options.titles else None
        stripped = {
            role: _blank_to_null(pl.col(column)) if column else pl.lit(None, dtype=pl.String)
            for role, column in roles.items()
        }
        default = self._options.stream or stream_by_name(self._table.path)
        stripped["stream"] = pl.lit(default) if self._options.stream else stripped["stream"].fill_null(default)
        texts = {f"text_{place}": _filled(frame[step.column]) for place, step in enumerate(plan.steps)}
        times = {f"at_{place}": moments.parse_series(text) for place, text in enumerate(texts.values())}
        states = {
            f"state_{place}": (
                _blank_to_null(pl.col(step.state_column)).fill_null(step.state)
                if step.state_column
                else pl.lit(step.state)
            )
            for place, step in enumerate(plan.steps)
        }
        return frame.select(
            "row",
            **stripped,
            **states,
            attributes=self._attributes(frame),
            digest=pl.struct(pl.exclude("row")).hash(),
        ).with_columns(**texts, **times)

    def _in_day_order(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Move dates without time of day up to the moment of the step before, where that lies on the same day."""
        for place in range(1, len(self._plan.steps)):
            at, text = pl.col(f"at_{place}"), pl.col(f"text_{place}")
            before = pl.coalesce(f"at_{earlier}" for earlier in range(place - 1, -1, -1))
            day_only = ~text.str.contains(r":|T\d") & ~text.str.contains(r"^\d+[.,]\d+$")
            same_day = day_only & (at < before) & (at + schema.DAY_US > before)
            frame = frame.with_columns(pl.when(same_day).then(before).otherwise(at).alias(f"at_{place}"))
        return frame

    def _attributes(self, frame: pl.DataFrame) -> pl.Series:
        if not self._plan.attributes:
            return pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
        rows = frame.select(self._plan.attributes).iter_rows(named=True)
        kept = (
            {name: cell.strip()[: schema.LONGEST_TEXT] for name, cell in row.items() if cell.strip()} for row in rows
        )
        return pl.Series(
            [json.dumps(row, ensure_ascii=False, sort_keys=True) if row else None for row in kept], dtype=pl.String
        )

    def _defects(self) -> tuple[pl.Expr, pl.Expr]:
        """Reason and detail of a row that cannot be used; null where it can."""
        steps = self._plan.steps
        checks: list[tuple[pl.Expr, pl.Expr, pl.Expr]] = [
            (pl.col("item").is_null(), pl.lit("item_missing"), pl.lit(""))
        ]
        names = ("item", "stream", "type", "parent", *(f"state_{place}" for place in range(len(steps))))
        checks += [
            (pl.col(name).str.len_chars() > schema.LONGEST_NAME, pl.lit("name_too_long"), pl.col(name))
            for name in names
        ]
        for place, step in enumerate(steps):
            text, at = pl.col(f"text_{place}"), pl.col(f"at_{place}")
            told = pl.format("{}: {}", pl.lit(step.column), text)
            checks.append((text.is_not_null() & at.is_null(), pl.lit("unreadable_time"), told))
            outside = (at < schema.EARLIEST_US) | (at >= schema.LATEST_US)
            checks.append((outside, pl.lit("time_out_of_range"), told))
        checks += self._backward_checks()
        undated = pl.all_horizontal(pl.col(f"at_{place}").is_null() for place in range(len(steps)))
        checks.append((undated, pl.lit(self._plan.undated), pl.lit("")))
        reason: pl.Expr = pl.lit(None, dtype=pl.String)
        detail: pl.Expr = pl.lit(None, dtype=pl.String)
        for condition, code, told in reversed(checks):
            holds = condition.fill_null(value=False)
            reason = pl.when(holds).then(code).otherwise(reason)
            detail = pl.when(holds).then(told).otherwise(detail)
        return reason, detail

    def _backward_checks(self) -> Iterator[tuple[pl.Expr, pl.Expr, pl.Expr]]:
        """Compare each date with the one before it in the row, wherever that stands."""
        steps = self._plan.steps
        for later in range(1, len(steps)):
            for earlier in range(later - 1, -1, -1):
                between = [pl.col(f"at_{place}").is_null() for place in range(earlier + 1, later)]
                backwards = pl.all_horizontal(pl.col(f"at_{later}") < pl.col(f"at_{earlier}"), *between)
                pair = (steps[earlier].column, steps[later].column)
                reason = self._plan.backwards.get(pair, "backward_flow")
                yield backwards, pl.lit(reason), pl.lit(f"{pair[0]} > {pair[1]}")

    def _items(self, good: pl.DataFrame) -> pl.DataFrame:
        return good.select(
            "row",
            "item",
            "stream",
            "type",
            "parent",
            created_us="at_0",
            title=pl.col("title").str.slice(0, schema.LONGEST_TEXT),
            attributes="attributes",
        ).cast(pl.Schema(schema.ITEMS))

    def _transitions(self, good: pl.DataFrame) -> pl.DataFrame:
        parts: list[pl.DataFrame] = []
        for place, step in enumerate(self._plan.steps):
            before = [
                pl.when(pl.col(f"at_{earlier}").is_not_null()).then(pl.col(f"state_{earlier}"))
                for earlier in range(place - 1, -1, -1)
            ]
            reached = good.filter(pl.col(f"at_{place}").is_not_null())
            if step.state_column:
                self._final_states.update(reached[f"state_{place}"].unique().to_list())
            parts.append(
                reached.select(
                    "row",
                    "item",
                    at_us=f"at_{place}",
                    sequence=pl.lit(place, dtype=pl.Int64),
                    from_state=pl.coalesce(*before) if before else pl.lit(None, dtype=pl.String),
                    to_state=f"state_{place}",
                    actor=pl.lit(None, dtype=pl.String),
                )
            )
        return pl.concat(parts).sort("row", "sequence").cast(pl.Schema(schema.TRANSITIONS))


def stream_by_name(path: Path) -> str:
    """Name of a stream after a file that says none.

    >>> stream_by_name(Path("claims 2026.csv.gz"))
    'claims 2026'
    """
    name = Path(path).name
    for ending in (".gz", ".zip", ".csv", ".tsv", ".txt", ".xlsx", ".xlsm"):
        name = name[: -len(ending)] if name.lower().endswith(ending) else name
    return name or "-"


def _filled(texts: pl.Series) -> pl.Series:
    """Texts without surrounding space; null where nothing, or a sign for nothing, is written."""
    stripped = texts.str.strip_chars()
    nothing = (stripped == "") | stripped.str.to_lowercase().is_in(NO_DATE)
    return pl.select(pl.when(~nothing).then(stripped)).to_series().alias(texts.name)


def _blank_to_null(cells: pl.Expr) -> pl.Expr:
    stripped = cells.str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def _first_rows(good: pl.DataFrame, known: dict[int, int]) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Split rows into the first of each item, those that say something else later on, and a count of mere repetitions.

    ``known``: hash of the item → hash of its row, for the whole file so far.
    """
    fates: list[int] = []
    for item, digest in zip(good["item"].hash().to_list(), good["digest"].to_list(), strict=True):
        fates.append(0 if item not in known else 1 if known[item] == digest else 2)
        known.setdefault(item, digest)
    marked = good.with_columns(fate=pl.Series(fates, dtype=pl.Int8))
    repeated = marked.filter(pl.col("fate") == 2).drop("fate")
    return (
        marked.filter(pl.col("fate") == 0).drop("fate"),
        repeated.with_columns(reason=pl.lit("item_repeated"), detail=pl.col("item")),
        fates.count(1),
    )
