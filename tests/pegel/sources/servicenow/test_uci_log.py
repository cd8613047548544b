import csv
import io
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from pegel.errors import InputError
from pegel.eventlog.batch import rows_of
from pegel.eventlog.schema import to_us
from pegel.sources.formats import ReadOptions
from pegel.sources.reading import read_head
from pegel.sources.servicenow.uci import FORMAT

SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[4] / ".." / "shared" / "data"))
HEADER = (
    "number,incident_state,reassignment_count,sys_mod_count,made_sla,caller_id,opened_at,sys_updated_by,"
    "sys_updated_at,category,category,priority,assignment_group,assigned_to\n"
)


def minute_of(text: str) -> tuple[int, ...]:
    """Year, month, day, hour, minute of "d/m/yyyy hh:mm"."""
    day, month, year, hour, minute = (int(part) for part in text.replace("/", " ").replace(":", " ").split())
    return year, month, day, hour, minute


def written(folder: Path, *rows: str) -> Path:
    path = folder / "incident_event_log.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    return path


def test_snapshots_become_transitions_and_reassignments(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "INC1,Active,0,1,true,Caller 1,1/2/2016 01:00,U 1,1/2/2016 02:00,c,s,3 - Moderate,Group 5,?",
        "INC1,New,0,0,true,Caller 1,1/2/2016 01:00,U 1,1/2/2016 02:00,c,s,3 - Moderate,?,?",
        "INC1,Active,1,2,true,Caller 1,1/2/2016 01:00,U 2,1/2/2016 03:00,c,s,3 - Moderate,Group 6,Resolver 7",
        "INC1,-100,1,3,true,Caller 1,1/2/2016 01:00,U 2,1/2/2016 04:00,c,s,3 - Moderate,Group 6,Resolver 7",
        "INC1,Active,1,4,true,Caller 1,1/2/2016 01:00,U 2,1/2/2016 05:00,c,s,3 - Moderate,Group 6,Resolver 7",
        "INC1,Closed,1,5,true,Caller 1,1/2/2016 01:00,U 2,13/2/2016 05:00,c,s,3 - Moderate,Group 6,Resolver 7",
    )
    assert FORMAT.recognise(read_head(path)) == 1.0
    source = FORMAT.open(path, ReadOptions())
    rejected, mapped = source.batches()
    assert rejected.rejects.rows() == [(4, "unknown_state", "-100")]
    day = to_us(datetime(2016, 2, 1, tzinfo=UTC))
    hour = 3_600_000_000
    assert mapped.transitions.select("row", "at_us", "sequence", "from_state", "to_state").rows() == [
        (2, day + 2 * hour, 0, None, "New"),
        (1, day + 2 * hour, 1, "New", "Active"),
        (6, day + 12 * 24 * hour + 5 * hour, 5, "Active", "Closed"),
    ]
    assert mapped.field_changes.select("row", "field", "from_value", "to_value").rows() == [
        (2, "priority", None, "3 - Moderate"),
        (1, "team", None, "Group 5"),
        (3, "assignee", None, "Resolver 7"),
        (3, "team", "Group 5", "Group 6"),
    ]
    assert mapped.items.select("item", "stream", "created_us").rows() == [("INC1", "incident", day + hour)]
    assert dict(mapped.ignored) == {"no_state_change": 1}
    info = source.info()
    assert info.state_hints["Awaiting Vendor"] == "waiting"
    assert {"caller_id", "sys_updated_by"} <= set(info.left_out)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("number,state\n1,New\n")
    with pytest.raises(InputError) as caught:
        FORMAT.open(path, ReadOptions())
    assert caught.value.values["missing"] == ["sys_updated_at", "sys_mod_count", "incident_state"]
    assert FORMAT.recognise(read_head(path)) == 0.0


def test_the_real_log() -> None:
    path = SAMPLES / "servicenow-incidents-uci" / "incident_event_log.zip"
    if not path.exists():
        pytest.skip("sample data not there (PEGEL_SAMPLE_DATA): servicenow-incidents-uci")
    assert FORMAT.recognise(read_head(path)) == 1.0
    batches = list(FORMAT.open(path, ReadOptions()).batches())
    rejects = pl.concat([batch.rejects for batch in batches])
    assert rejects["reason"].to_list() == ["unknown_state"] * 5
    accepted = sum(len(rows_of(batch)) for batch in batches)
    ignored = sum(batch.ignored["no_state_change"] for batch in batches)
    duplicate = sum(batch.duplicate for batch in batches)
    assert accepted + ignored + duplicate + 5 == 141_712
    assert sum(batch.items.height for batch in batches) == 24_918
    # Counted again without polars: changes of state per incident, by time, modification count and place.
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as raw:
        table = list(csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline="")))
    rows = [
        (
            r["number"],
            minute_of(r["sys_updated_at"]),
            int(r["sys_mod_count"]),
            n,
            r["ident_state"],
        )
        for n, r in enumerate(table)
        if r["ident_state"] != "-100"
    ]
    rows.sort()
    changes = sum(1 for a, b in zip([("",) * 5, *rows], rows, strict=False) if (a[0], a[4]) != (b[0], b[4]))
    assert sum(batch.transitions.height for batch in batches) == changes
