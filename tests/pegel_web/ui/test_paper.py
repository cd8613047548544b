"""Documents on paper: bounded in number and time, and unable to read or run anything."""

import io
from datetime import UTC, datetime
from typing import Any

import pypdf
import pytest
from django.core.cache import caches

from pegel.errors import BusyError, InternalError
from pegel_web.ui.components import Badge, Column, EmptyState, Missing, Table
from pegel_web.ui.paper import making
from pegel_web.ui.paper.blocks import Block, Callout, Cell, Document, Grid, Head, Heading, Paragraph, Picture, Terms
from pegel_web.ui.paper.making import pdf_of
from pegel_web.ui.paper.tables import grid_of


def document(*blocks: Block, title: str = "Title", drawings: dict[str, str] | None = None) -> Document:
    return Document(
        language="en",
        kicker="Kind",
        title=title,
        lead="Lead",
        foot="Foot",
        page_words="Page {page} of {pages}",
        at=datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC),
        blocks=blocks,
        drawings=drawings or {},
    )


def words_of(made: bytes) -> str:
    return " ".join("\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages).split())


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    caches["charts"].clear()


def test_what_looks_like_markup_is_words() -> None:
    said = '#read("/etc/passwd") $x$ *b* #import "@preview/cetz:0.3.0" ] \\n @ref'
    table = Grid(caption=said, heads=[Head(label=said)], rows=[[Cell(text=said, note=said)]])
    made = words_of(pdf_of(document(Heading(text=said), Paragraph(text=said), Callout(text=said, label=said), table,
                                    Terms(terms=[(said, said, said)]), title=said)))  # fmt: skip
    # The title, the heading, the paragraph, two words of the callout, four of the table, three of the terms.
    assert made.count('#read("/etc/passwd")') == 1 + 1 + 1 + 2 + 4 + 3
    assert "root:" not in made


def test_a_drawing_may_not_fetch_anything() -> None:
    drawing = '{"data": {"url": "URL"}, "mark": "text", "encoding": {"text": {"field": "root"}}}'
    shown = (Heading(text="H"), Picture(name="a", title="A", sentence="S"))
    made = pdf_of(document(*shown, drawings={"a": drawing.replace("URL", "file:///etc/passwd")}))
    assert "/bin/" not in words_of(made)
    for address in ("https://127.0.0.1/x.json", "/etc/passwd"):
        with pytest.raises(InternalError) as refused:
            pdf_of(document(*shown, drawings={"a": drawing.replace("URL", address)}))
        assert "External data url not allowed" in str(refused.value.__cause__)


def test_pages_are_numbered_and_heads_repeated() -> None:
    rows = [[Cell(text=f"row {number}")] for number in range(120)]
    found = pypdf.PdfReader(io.BytesIO(pdf_of(document(Grid(caption="", heads=[Head(label="The head")], rows=rows)))))
    pages = [page.extract_text() for page in found.pages]
    assert len(pages) > 2
    assert [f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)
    assert [page.count("The head") for page in pages] == [1] * len(pages)


def test_a_document_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "LONGEST", 0.001)
    for _ in range(making.AT_ONCE + 1):
        with pytest.raises(BusyError) as refused:
            pdf_of(document())
        assert refused.value.code == "paper_busy"
    monkeypatch.undo()
    assert pdf_of(document()).startswith(b"%PDF")


def test_no_more_than_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PATIENCE", 0.01)
    for _ in range(making.AT_ONCE):
        assert making._TURNS.acquire(blocking=False)
    try:
        with pytest.raises(BusyError):
            pdf_of(document(title="Waits"))
    finally:
        making._TURNS.release(making.AT_ONCE)
    kept = pdf_of(document(title="Waits"))
    assert pdf_of(document(title="Waits")) == kept


def test_a_table_is_written_as_on_the_page() -> None:
    columns = [Column(key="name", label="Name"), Column(key="share", label="Share", kind="percent"),
               Column(key="pace", label="Pace", kind="badge"),
               Column(key="none", label="None", kind="number")]  # fmt: skip
    rows: list[dict[str, Any]] = [
        {"name": "Größe", "share": 0.384, "pace": Badge(text="late", tone="bad"), "none": Missing.NO_DATA},
        {"name": "two", "share": None, "pace": Badge(text="fine", tone="good"), "none": 1234.5},
    ]
    table = Table(
        identity="t", caption="C", columns=columns, rows=rows[:1], found=rows, total=2,
        empty=EmptyState(title="", text=""), page=1, pages=2, text="", sort="", parameters=None,  # type: ignore[arg-type]
    )  # fmt: skip
    found = grid_of(table, "de")
    assert [[cell.text for cell in row] for row in found.rows] == [
        ["Größe", "38\u202f%", "late", "keine Daten"],
        ["two", "–", "fine", "1.234"],
    ]
    assert [[cell.look for cell in row] for row in found.rows] == [
        ["plain", "plain", "bad", "missing"],
        ["plain", "missing", "good", "plain"],
    ]
    assert [head.end for head in found.heads] == [False, True, False, True]
    assert len(grid_of(table, "de", most=1).rows) == 1
