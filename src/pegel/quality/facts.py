"""What the lake knows beyond the log: accounts of the imports, and records that contradict themselves or the clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from pegel.lake.store import Lake

#: Notes of imports that say in which zone times without one were read.
_ZONE_NOTE: Final = "zone_assumed"
_ITEMS: Final[dict[str, pl.DataType]] = {"item": pl.Int32()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFacts:
    """The account of one import.

    ``rows``: rows read; ``rejected``: of them unusable; ``reasons``: why rows were rejected or ignored, with counts;
    ``warnings``: defects that cost no row, with counts; ``zone``: in which times without a zone were read, if any were.
    """

    import_id: str
    rows: int
    rejected: int
    reasons: Mapping[str, int]
    rejected_reasons: Mapping[str, int]
    warnings: Mapping[str, int]
    zone: str | None = None


def import_facts(line: Mapping[str, Any], rejected: Mapping[str, int] | None = None) -> ImportFacts:
    """Return the facts of a committed line of a lake's register.

    ``rejected``: counts of the rejected rows by reason; None: unknown, all reasons of the account stand for them.

    >>> account = {"rows_read": 3, "rejected": 1, "reasons": {"time_missing": 1}, "warnings": {}}
    >>> facts = import_facts({"import_id": "000001-ab", "result": json.dumps({"account": account, "notes": {}})})
    >>> facts.rows, facts.rejected_reasons
    (3, {'time_missing': 1})
    """
    result = json.loads(line["result"])
    account = result["account"]
    return ImportFacts(
        import_id=line["import_id"],
        rows=account["rows_read"],
        rejected=account["rejected"],
        reasons=dict(account["reasons"]),
        rejected_reasons=dict(account["reasons"] if rejected is None else rejected),
        warnings=dict(account["warnings"]),
        zone=result.get("notes", {}).get(_ZONE_NOTE),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeFacts:
    """Facts about stored records, items as numbers.

    ``known``: [item, stream, created_us], every item that the lake has a record of. ``parents``: [parent, child].
    ``future``, ``begins_late``, ``gaps``, ``conflicting``: [item], items with an event after it was seen, without their
    beginning, with something missing between two transitions, and with records of different imports that contradict
    each other. ``several_imports``: whether items
    occur in more than one import, so that they can.
    """

    known: pl.DataFrame
    parents: pl.DataFrame
    future: pl.DataFrame
    begins_late: pl.DataFrame
    gaps: pl.DataFrame
    conflicting: pl.DataFrame
    several_imports: bool
    imports: tuple[ImportFacts, ...] = field(default=())


def lake_facts(lake: Lake, *, known_at_us: int | None = None) -> LakeFacts:
    """Collect what the checks need from a lake; ``known_at_us``: only what was imported until then."""
    lines = [line for line in lake.register().committed if known_at_us is None or line["at_us"] <= known_at_us]
    versions = lake.records("items", known_at_us=known_at_us)
    flaws = lake.prepared(known_at_us=known_at_us).flaws()
    known = _known(versions)
    several = len(lines) > 1
    return LakeFacts(
        known=known.select("item", "stream", "created_us"),
        parents=_parents(versions, known),
        future=flaws.filter("future").select("item"),
        begins_late=flaws.filter("begins_late").select("item"),
        gaps=flaws.filter("gap").select("item"),
        conflicting=_conflicting(versions, lake.records("transitions", known_at_us=known_at_us))
        if several
        else pl.DataFrame(schema=_ITEMS),
        several_imports=several,
        imports=tuple(_imports(lake, lines)),
    )


def _imports(lake: Lake, lines: Iterable[Mapping[str, Any]]) -> Iterable[ImportFacts]:
    rejects = lake.rejects().group_by("import_id", "reason").len().sort("import_id", "reason")
    for line in lines:
        mine = rejects.filter(pl.col("import_id") == line["import_id"])
        yield import_facts(line, dict(mine.select("reason", "len").iter_rows()))


def _known(versions: pl.LazyFrame) -> pl.DataFrame:
    """Return [item, stream, parent, created_us], one row per item: the latest value that is not null."""
    columns = versions.select("row_id", "import_no", "stream", "parent", "created_us", item="item_no")
    table = columns.collect(engine="streaming")
    if table["item"].is_duplicated().any():
        values = [pl.col(name).drop_nulls().last() for name in ("stream", "parent", "created_us")]
        table = table.sort("import_no", "row_id").group_by("item", maintain_order=True).agg(values)
    return table.select("item", "stream", "parent", "created_us")


def _parents(versions: pl.LazyFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return [parent, child] of the items that name a parent which the lake has."""
    named = known.filter(pl.col("parent").is_not_null()).select("parent", child="item")
    if not named.height:
        return pl.DataFrame(schema={"parent": pl.Int32(), "child": pl.Int32()})
    ids = versions.select(number="item_no", parent="item").unique()
    return (
        named.lazy()
        .join(ids, on="parent", how="inner")
        .select("child", parent="number")
        .select("parent", "child")
        .unique()
        .sort("parent", "child")
        .collect()
    )


def _conflicting(versions: pl.LazyFrame, transitions: pl.LazyFrame) -> pl.DataFrame:
    """Items of which two imports say different things about the same moment, or about the day of creation."""
    number = pl.col("import_no")
    in_several = transitions.group_by("item_no").agg(n=number.min() != number.max()).filter("n").select("item_no")
    moments = (
        transitions.join(in_several, on="item_no", how="semi")
        .group_by("item_no", "at_us")
        .agg(imports=number.n_unique(), states=pl.col("to_state").n_unique())
    )
    differing = moments.filter((pl.col("imports") > 1) & (pl.col("states") > 1)).select("item_no")
    created = versions.group_by("item_no").agg(n=pl.col("created_us").drop_nulls().n_unique()).filter(pl.col("n") > 1)
    found = pl.concat([differing, created.select("item_no")]).select(item=pl.col("item_no").cast(pl.Int32))
    return found.unique().sort("item").collect(engine="streaming")
