import csv
import gzip
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pegel.errors import AmbiguousInputError, InputError
from pegel.eventlog.batch import Batch, EventSource, rows_of
from pegel.eventlog.schema import to_us
from pegel.sources.formats import Head, ReadOptions
from pegel.sources.reading import read_head
from pegel.sources.tabular import open_table
from pegel.sources.transitions import FORMAT
from pegel.sources.transitions.cells import Cells
from pegel.sources.transitions.source import TableReading, TransitionsTable, decide_times

SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[4] / ".." / "shared" / "data"))


def sample(name: str) -> Path:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"sample data not there (PEGEL_SAMPLE_DATA): {name}")
    return path


def opened(folder: Path, text: str, **options: object) -> EventSource:
    path = folder / "Claims.csv"
    path.write_text(text, newline="")
    return FORMAT.open(path, ReadOptions(**options))  # type: ignore[arg-type]


def account(batches: list[Batch]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for batch in batches:
        counts.update(
            accepted=len(rows_of(batch)),
            merged=batch.merged,
            duplicate=batch.duplicate,
            ignored=sum(batch.ignored.values()),
            rejected=batch.rejects.height,
        )
    return {fate: count for fate, count in counts.items() if count}


def table_of(batches: list[Batch], table: str) -> pl.DataFrame:
    return pl.concat([getattr(batch, table) for batch in batches])


def test_a_german_list(tmp_path: Path) -> None:
    source = opened(tmp_path, "Vorgang;Zeitpunkt;Neuer Status\nA;31.01.2026 14:05;Offen\nA;01.02.2026;Erledigt\n")
    batches = list(source.batches())
    assert table_of(batches, "transitions").select("item", "at_us", "from_state", "to_state").rows() == [
        ("A", to_us(datetime(2026, 1, 31, 14, 5, tzinfo=UTC)), None, "Offen"),
        ("A", to_us(datetime(2026, 2, 1, tzinfo=UTC)), "Offen", "Erledigt"),
    ]
    assert table_of(batches, "items")["stream"].to_list() == ["Claims"]
    assert account(batches) == {"accepted": 2}
    assert source.info().columns == {"item": "Vorgang", "at": "Zeitpunkt", "state": "Neuer Status"}
    assert source.progress() == 1.0


def test_every_defect_has_its_reason(tmp_path: Path) -> None:
    text = (
        "id,date,status,note\n"
        "A,2026-01-01,Open,x\n"
        ",2026-01-01,Open,x\n"
        "A,,Open,x\n"
        "A,soon,Open,x\n"
        "A,9999-12-31,Open,x\n"
        "A,0000-01-01,Open,x\n"
        "A,1969-12-31,Open,x\n"
        "A,2026-01-02,  ,x\n"
        f"{'i' * 501},2026-01-02,Open,x\n"
        "A,2026-01-02,Op\x00en,x\n"
        "A,2026-01-02\n"
    )
    batches = list(opened(tmp_path, text).batches())
    assert table_of(batches, "rejects").select("row", "reason").rows() == [
        (2, "item_missing"),
        (3, "time_missing"),
        (4, "unreadable_time"),
        (5, "time_out_of_range"),
        (6, "time_out_of_range"),
        (7, "time_out_of_range"),
        (8, "state_missing"),
        (9, "name_too_long"),
        (10, "nul_byte"),
        (11, "wrong_number_of_cells"),
    ]
    assert account(batches) == {"accepted": 1, "rejected": 10}


def test_ambiguous_dates_are_asked_for_before_any_row_is_read(tmp_path: Path) -> None:
    text = "id,date,status\n" + "A,01/02/2026,Open\n" * 5
    with pytest.raises(AmbiguousInputError) as caught:
        opened(tmp_path, text)
    assert caught.value.values["column"] == "date"
    assert caught.value.values["example"] == "01/02/2026"
    at = table_of(list(opened(tmp_path, text, date_order="mdy").batches()), "transitions")["at_us"][0]
    assert at == to_us(datetime(2026, 1, 2, tzinfo=UTC))


def test_a_late_row_decides_the_order_of_day_and_month(tmp_path: Path) -> None:
    text = "id,date,status\n" + "A,01/02/2026,Open\n" * 50 + "A,13/02/2026,Done\n"
    source = opened(tmp_path, text, batch_rows=10)
    assert table_of(list(source.batches()), "transitions")["at_us"][0] == to_us(datetime(2026, 2, 1, tzinfo=UTC))
    assert source.info().notes == {"date_order": "dmy:values"}


def test_stream_title_and_attributes_on_request(tmp_path: Path) -> None:
    text = "id,date,status,project,title,site\nA,2026-01-01,Open,P,Secret,Berlin\nA,2026-01-02,Done,Q,Secret,\n"
    items = table_of(list(opened(tmp_path, text).batches()), "items")
    assert items.select("stream", "title", "attributes").rows() == [("Q", None, None)]
    source = opened(tmp_path, text, stream="S", titles=True, attributes=("site",))
    items = table_of(list(source.batches()), "items")
    assert items.select("stream", "title", "attributes").rows() == [("S", "Secret", '{"site": "Berlin"}')]
    with pytest.raises(InputError, match="column_unknown"):
        opened(tmp_path, text, attributes=("colour",))


def test_workbook_with_dates_and_day_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Key", "Datum", "Status"], ["A", 46023.5, "Offen"], ["A", 46024, "Erledigt"]):
        sheet.append(row)
    path = tmp_path / "Liste.xlsx"
    book.save(path)
    book.close()
    assert FORMAT.recognise(read_head(path)) == 0.8
    batches = list(FORMAT.open(path, ReadOptions()).batches())
    assert table_of(batches, "transitions")["at_us"].to_list() == [
        to_us(datetime(2026, 1, 1, 12, tzinfo=UTC)),
        to_us(datetime(2026, 1, 2, tzinfo=UTC)),
    ]
    assert table_of(batches, "items")["stream"].to_list() == ["Liste"]


def test_pairs_of_start_and_complete(tmp_path: Path) -> None:
    text = (
        "case,activity,time,lifecycle,resource\n"
        "c,Check,2026-01-01 10:00,start,ann\n"
        "c,Check,2026-01-01 12:00,COMPLETE,ann\n"
        "d,Check,2026-01-01 12:00,assign,ann\n"
    )
    source = opened(tmp_path, text)
    batches = list(source.batches())
    assert table_of(batches, "transitions").select("row", "to_state", "actor").rows() == [
        (1, "Check", "ann"),
        (1, "after Check", "ann"),
    ]
    assert table_of(batches, "items")["item"].to_list() == ["c"]
    assert account(batches) == {"accepted": 1, "merged": 1, "ignored": 1}
    assert source.info().log_kind == "intervals"
    assert source.info().state_hints == {"Check": "active", "after Check": "waiting"}


def test_batch_size_and_memory_do_not_change_the_meaning(tmp_path: Path) -> None:
    rows = [f"A-{n * 7 % 50},2026-01-{n % 28 + 1:02},S{n % 3},T{n % 5}" for n in range(600)]
    path = tmp_path / "many.csv"
    path.write_text("id,date,status,team\n" + "\n".join(rows) + "\n")

    def read(batch_rows: int, memory_bytes: int) -> tuple[list[object], dict[str, int]]:
        table = open_table(path, ReadOptions(batch_rows=batch_rows))
        roles = {"item": "id", "at": "date", "state": "status", "team": "team"}
        at, created = decide_times(table, roles, ReadOptions())
        cells = Cells(roles=roles, at=at, created=created)
        reading = TableReading(
            source="test", cells=cells, default_stream="S", batch_rows=batch_rows, memory_bytes=memory_bytes
        )
        batches = list(TransitionsTable(table, reading).batches())
        tables = [table_of(batches, name).sort(pl.all()).rows() for name in ("items", "transitions", "field_changes")]
        return tables, account(batches)

    in_memory = read(1_000_000, 1 << 30)
    assert sum(in_memory[1].values()) == 600
    assert read(7, 1 << 30) == in_memory
    assert read(50, 2_000) == in_memory


def test_recognition() -> None:
    def confidence(header: str, *rows: str) -> float:
        cells = tuple(tuple(row.split(",")) for row in rows)
        head = Head(path=Path("x.csv"), name="x.csv", data=b"x", text="x", header=tuple(header.split(",")), rows=cells)
        return FORMAT.recognise(head)

    assert confidence("id,date,status", "A,2026-01-01,Open") == 0.8
    assert confidence("id,date,status", *(f"{n},2026-01-01,Open" for n in range(20))) == 0.4
    assert confidence("id,created,closed", "A,2026-01-01,2026-01-02") == 0.0
    assert confidence("ID,Link,Title,Backlog,Doing,Done", "A,,x,2026-01-01,2026-01-02,") == 0.0


def test_real_jira_history() -> None:
    path = sample("jira-aea-verification-2025/jira.anon.csv.gz")
    source = FORMAT.open(path, ReadOptions())
    batches = list(source.batches())
    counts = account(batches)
    assert sum(counts.values()) == 25_636
    assert "rejected" not in counts
    assert table_of(batches, "items").height == 649
    transitions = table_of(batches, "transitions")
    assert transitions["to_state"].n_unique() == 21
    assert source.info().notes == {"row_order": "newest_first"}
    # The same by the definition in the data's description: a status interval starts where the status differs.
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        rows = [(r["ticket"], r["As.Of.Date"], -n, r["Status"]) for n, r in enumerate(csv.DictReader(text))]
    rows.sort(key=lambda row: (row[0], datetime.fromisoformat(row[1]), row[2]))
    last: dict[str, str] = {}
    entered = []
    for ticket, at, _, status in rows:
        if last.get(ticket) != status:
            entered.append((ticket, to_us(datetime.fromisoformat(at)), status))
        last[ticket] = status
    assert transitions.select("item", "at_us", "to_state").rows() == entered


def test_real_permit_log() -> None:
    source = FORMAT.open(sample("permit-receipt-wabo/receipt.csv.gz"), ReadOptions())
    batches = list(source.batches())
    assert account(batches) == {"accepted": 8_577}
    assert table_of(batches, "items").height == 1_434
    assert source.info().log_kind == "activities"
    assert len(source.info().state_hints) == 27
    transitions = table_of(batches, "transitions")
    # First event of the log as its file says: 2011-10-11 13:45:40.276000+02:00
    first = transitions.filter(pl.col("row") == 1)
    assert first["at_us"].item() == to_us(datetime(2011, 10, 11, 11, 45, 40, 276_000, tzinfo=UTC))
