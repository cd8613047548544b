"""Exported queries and lists of revisions of Azure Boards, English and German, CSV and Excel.

The headers and rows are built after Microsoft's "Import, update, and export bulk work items with CSV files"; there is
no real export here. The German headers follow Microsoft's German pages and were not seen in a real file.
"""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from tests.pegel.sources.accounts import read
from tests.pegel.sources.azure_boards.answers import steps, table

from pegel.errors import InputError
from pegel.eventlog import schema
from pegel.sources.azure_boards import FORMATS
from pegel.sources.azure_boards.columns import is_azure
from pegel.sources.azure_boards.query_list import FORMAT as QUERY
from pegel.sources.azure_boards.revision_list import FORMAT as REVISIONS
from pegel.sources.formats import ReadOptions, all_formats
from pegel.sources.reading import read_head

_CREATED = schema.CREATED_STATE
_ENGLISH = (
    '"ID","Work Item Type","Title","Assigned To","State","Tags","Area Path","Iteration Path","Created Date",'
    '"Activated Date","Resolved Date","Closed Date","State Change Date","Parent"\n'
    '"272","Issue","Fix issues","Jamal Hartnett <fabrikamfiber4@hotmail.com>","Closed","web","Fabrikam\\Website",'
    '"Fabrikam\\Sprint 1","1/2/1970 8:00:00 AM","1/2/1970 10:00:00 AM","1/2/1970 11:00:00 AM",'
    '"1/2/1970 8:00:00 PM","1/2/1970 8:00:00 PM","271"\n'
    '"273","Bug","Merge testing","","Active","","Fabrikam","Fabrikam","1/13/1970 12:00:00 AM",'
    '"1/13/1970 6:00:00 AM","","","1/13/1970 6:00:00 AM",""\n'
    '"274","Issue","Open preview","","New","","Fabrikam","Fabrikam","1/14/1970 12:00:00 AM","","","",'
    '"1/14/1970 12:00:00 AM",""\n'
)
_GERMAN = (
    "ID;Arbeitselementtyp;Titel;Zugewiesen zu;Zustand;Bereichspfad;Erstellungsdatum;Aktivierungsdatum;Abschlussdatum;"
    "Datum der Statusänderung;Übergeordnetes Element\n"
    "272;Issue;Fix issues;Jamal;Closed;Fabrikam\\Website;02.01.1970 08:00;02.01.1970 10:00;02.01.1970 20:00;"
    "02.01.1970 20:00;271\n"
    "273;Bug;Merge testing;;Active;Fabrikam;13.01.1970 00:00;13.01.1970 06:00;;13.01.1970 06:00;\n"
    "274;Issue;Open preview;;New;Fabrikam;14.01.1970 00:00;;;14.01.1970 00:00;\n"
)


def _write(folder: Path, text: str, name: str = "query.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _best(path: Path) -> str:
    """Name of the format that is detected, and that it is so without doubt, with these formats registered."""
    head = read_head(path)
    known = {one.name: one for one in (*all_formats(), *FORMATS)}
    order = sorted(((one.recognise(head), name) for name, one in known.items()), reverse=True)
    assert order[0][0] - order[1][0] > 0.05, order[:3]
    return order[0][1]


@pytest.mark.parametrize("text", [_ENGLISH, _GERMAN])
def test_a_query_by_hand(tmp_path: Path, text: str) -> None:
    path = _write(tmp_path, text)
    assert _best(path) == "azure_boards.query"
    source = QUERY.open(path, ReadOptions())
    batches, fates = read(source)
    hour = 3600
    assert steps(batches, 272) == [
        (32 * hour, None, _CREATED),
        (34 * hour, _CREATED, "started"),
        (44 * hour, "started", "Closed"),
        (44 * hour, "Closed", "Closed"),
    ]
    # 12 days after the first: in the state of today since it last changed.
    assert steps(batches, 273)[1:] == [
        (12 * 24 * hour + 6 * hour, _CREATED, "started"),
        (12 * 24 * hour + 6 * hour, "started", "Active"),
    ]
    assert steps(batches, 274) == [(13 * 24 * hour, None, _CREATED), (13 * 24 * hour, _CREATED, "New")]
    items = table(batches, "items").select("item", "stream", "type", "parent", "title").rows()
    assert items == [
        ("272", "Fabrikam", "Issue", "271", None),
        ("273", "Fabrikam", "Bug", None, None),
        ("274", "Fabrikam", "Issue", None, None),
    ]
    assert fates == {"accepted": 3}
    info = source.info()
    assert (info.source, info.log_kind) == ("azure_boards.query", "dates")
    assert info.state_hints == {
        _CREATED: "new", "started": "active", "Closed": "done", "Active": "active", "New": "new",
    }  # fmt: skip
    assert "no_state_history" in info.notes
    assert not any("Jamal" in str(frame) for frame in (batches[0].items, batches[0].transitions))
    assert not {"ID", "Bereichspfad", "Area Path"} & set(info.left_out)


def test_without_state_change_only_the_closed_have_a_state(tmp_path: Path) -> None:
    text = (
        "ID,Work Item Type,Title,State,Team Project,Created Date,Closed Date\n"
        "1,Bug,a,Verified,Fabrikam,1970-01-02,1970-01-03\n2,Bug,b,Active,Fabrikam,1970-01-02,\n"
        "3,Bug,c,Removed,Fabrikam,1970-01-02,1970-01-04\n"
    )
    source = QUERY.open(_write(tmp_path, text), ReadOptions())
    batches, _ = read(source)
    assert steps(batches, 1)[-1] == (2 * 86400, _CREATED, "Verified")
    assert steps(batches, 2) == [(86400, None, _CREATED)]
    # What was closed is done whatever it is called; a known name goes before that.
    assert source.info().state_hints == {_CREATED: "waiting", "Verified": "done", "Removed": "cancelled"}
    assert [json.loads(one) for one in batches[0].items["attributes"]][1] == {"State": "Active"}


def test_a_tree_says_parents_by_its_titles(tmp_path: Path) -> None:
    text = (
        "ID,Work Item Type,Title 1,Title 2,Title 3,State,Created Date,Closed Date\n"
        "165,Epic,Telemetry,,,New,1970-01-02,\n"
        "166,Issue,,Fix code,,New,1970-01-02,\n"
        "167,Task,,,Test it,New,1970-01-02,\n"
        "168,Issue,,Preview,,New,1970-01-02,\n"
        "169,Epic,Other,,,New,1970-01-02,\n"
        "170,Task,,,Too deep,New,1970-01-02,\n"
    )
    path = _write(tmp_path, text)
    assert _best(path) == "azure_boards.query"
    for titles in (False, True):
        source = QUERY.open(path, ReadOptions(titles=titles, batch_rows=2))
        batches, fates = read(source)
        items = table(batches, "items")
        assert dict(items.select("item", "parent").rows()) == {
            "165": None, "166": "165", "167": "166", "168": "165", "169": None, "170": None,
        }  # fmt: skip
        expected = ["Telemetry", "Fix code", "Test it", "Preview", "Other", "Too deep"] if titles else [None] * 6
        assert items["title"].to_list() == expected
        assert ("Title 2" in source.info().left_out) is not titles
        assert fates == {"accepted": 6}
    assert set(items["stream"]) == {"query"}


def test_excel_with_dates_and_numbers(tmp_path: Path) -> None:
    """Saved from Excel, connected to Azure Boards: a line about the query stands above the table."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Project: Fabrikam  Server: fabrikam  Query: All  List type: Flat"])
    header, *rows = [line.split(";") for line in _GERMAN.splitlines()]
    sheet.append(header)
    for row in rows:
        sheet.append([int(cell) if cell.isdigit() else cell for cell in row])
    book.save(tmp_path / "query.xlsx")
    assert _best(tmp_path / "query.xlsx") == "azure_boards.query"
    batches, fates = read(QUERY.open(tmp_path / "query.xlsx", ReadOptions()))
    assert steps(batches, 272)[-1] == (44 * 3600, "Closed", "Closed")
    assert batches[0].items["parent"].to_list() == ["271", None, None]
    assert fates == {"accepted": 3}


def test_a_query_without_dates_is_recognised_and_says_what_it_lacks(tmp_path: Path) -> None:
    """The example of Microsoft's page has none of them, and every second tool could have written its first columns."""
    text = 'ID,Work Item Type,Title,Assigned To,State,Tags\n"272","Issue","Fix issues with code","","Active",""\n'
    path = _write(tmp_path, text)
    assert _best(path) == "azure_boards.query"
    with pytest.raises(InputError) as raised:
        QUERY.open(path, ReadOptions())
    assert (raised.value.code, raised.value.values["missing"]) == ("columns_missing", ["created"])
    path = _write(tmp_path, "ID,Work Item Type,Title,Tags,State,Created Date\n1,Bug,a,,New,1970-01-02\n")
    with pytest.raises(InputError) as raised:
        QUERY.open(path, ReadOptions())
    assert raised.value.values["missing"] == ["closed"]


def test_broken_rows_have_their_reasons(tmp_path: Path) -> None:
    text = (
        "ID,Work Item Type,State,Area Path,Created Date,Closed Date\n"
        "1,Bug,Closed,F,1970-01-03,1970-01-02\n"
        ",Bug,Closed,F,1970-01-02,1970-01-03\n"
        "3,Bug,Closed,F,9999-01-01,\n"
        "4,Bug,Closed,F,soon,\n"
        "5,Bug,New,F,,\n"
        f"6,Bug,New,{'x' * 600},1970-01-02,\n"
        "7,Bug,New,F,1970-01-02,\n7,Bug,New,F,1970-01-02,\n7,Bug,Closed,F,1970-01-02,1970-01-03\n"
    )
    batches, fates = read(QUERY.open(_write(tmp_path, text), ReadOptions()))
    assert dict(table(batches, "rejects").select("row", "reason").rows()) == {
        1: "closed_before_created",
        2: "item_missing",
        3: "time_out_of_range",
        4: "unreadable_time",
        5: "time_missing",
        9: "item_repeated",
    }
    assert fates == {"accepted": 2, "duplicate": 1, "rejected": 6}


_REVISIONS = (
    "WorkItemId,Revision,WorkItemType,State,StateCategory,ChangedDate,CreatedDate,AreaPath,AssignedTo,ChangedBy\n"
    "7,1,Bug,New,Proposed,1970-01-01T00:00:10Z,1970-01-01T00:00:10Z,Fabrikam,,Ann Lee <Ann@example.org>\n"
    "7,2,Bug,Checking,InProgress,1970-01-01T00:00:20Z,1970-01-01T00:00:10Z,Fabrikam,Ann Lee <Ann@example.org>,\n"
    "7,3,Bug,Checking,InProgress,1970-01-01T00:00:30Z,1970-01-01T00:00:10Z,Fabrikam,Ann Lee <Ann@example.org>,\n"
    "8,1,Bug,New,Proposed,1970-01-01T00:00:30Z,1970-01-01T00:00:30Z,Fabrikam,,\n"
    "7,4,Bug,Done,Completed,1970-01-01T00:00:40Z,1970-01-01T00:00:10Z,Fabrikam,,\n"
)
_QUERIED = _REVISIONS.replace(
    "WorkItemId,Revision,WorkItemType,State,StateCategory,ChangedDate,CreatedDate,AreaPath,AssignedTo,ChangedBy",
    "ID,Rev,Work Item Type,State,State Category,Changed Date,Created Date,Area Path,Assigned To,Changed By",
)


@pytest.mark.parametrize("text", [_REVISIONS, _QUERIED])
def test_a_list_of_revisions_by_hand(tmp_path: Path, text: str) -> None:
    path = _write(tmp_path, text, "revisions.csv")
    assert _best(path) == "azure_boards.revisions"
    source = REVISIONS.open(path, ReadOptions())
    batches, fates = read(source)
    assert steps(batches, 7) == [(10, None, "New"), (20, "New", "Checking"), (40, "Checking", "Done")]
    assert steps(batches, 8) == [(30, None, "New")]
    assert fates == {"accepted": 4, "ignored": 1}
    info = source.info()
    assert info.source == "azure_boards.revisions"
    # The categories are those of the file: no process has a state "Checking".
    assert info.state_hints == {"New": "new", "Checking": "active", "Done": "done"}
    # A blank cell means "not said", so that Ann stays the assignee; her name is the one of the REST answers.
    changes = table(batches, "field_changes").filter(pl.col("field") == "assignee").select("at_us", "to_value").rows()
    assert changes == [(20_000_000, "ann@example.org")]
    assert table(batches, "transitions")["actor"].drop_nulls().to_list() == ["ann@example.org"]
    assert set(table(batches, "items")["stream"]) == {"revisions"}


def test_one_row_per_item_with_a_revision_number_is_a_query(tmp_path: Path) -> None:
    text = "ID,Rev,Work Item Type,State,Area Path,Changed Date,Created Date,Closed Date\n" + "".join(
        f"{item},4,Bug,Closed,F,1970-01-05,1970-01-02,1970-01-03\n" for item in range(30)
    )
    assert _best(_write(tmp_path, text)) == "azure_boards.query"


@pytest.mark.parametrize(
    "header",
    [
        "Summary,Issue key,Issue id,Issue Type,Status,Project key,Created,Resolved",
        "Summary,Work item key,Work item id,Work item type,Status,Created,Resolved,Parent",
        "ID,Title,State,Created Date,Closed Date",
        "id,type,state,created,closed",
        "number,sys_id,state,opened_at,closed_at",
        "item,at,sequence,state,type,stream,created",
    ],
)
def test_headers_of_other_tools_are_not_azures(tmp_path: Path, header: str) -> None:
    assert not is_azure(header.split(","))
    head = read_head(_write(tmp_path, header + "\n" + ",".join("1" * len(header.split(","))) + "\n"))
    assert {one.recognise(head) for one in FORMATS} == {0.0}


def test_columns_may_be_named_and_unknown_ones_are_told(tmp_path: Path) -> None:
    path = _write(tmp_path, _ENGLISH)
    source = QUERY.open(path, ReadOptions(columns={"closed": "Resolved Date"}, attributes=("Tags",), stream="Mine"))
    batches, _ = read(source)
    assert steps(batches, 272)[2] == (35 * 3600, "started", "Closed")
    assert set(batches[0].items["stream"]) == {"Mine"}
    assert json.loads(batches[0].items["attributes"][0]) == {"State": "Closed", "Tags": "web"}
    for opened in (QUERY, REVISIONS):
        path = _write(tmp_path, _QUERIED if opened is REVISIONS else _ENGLISH)
        with pytest.raises(InputError) as raised:
            opened.open(path, ReadOptions(attributes=("Nope",)))
        assert raised.value.code == "column_unknown"
