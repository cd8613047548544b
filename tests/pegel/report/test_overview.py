"""The overview of several reports."""

from pegel.report import IndexEntry, render_index
from tests.pegel.report import reports
from tests.pegel.report.test_page import Page


def test_one_line_per_report_with_its_figures():
    entries = [
        IndexEntry(name="Claims", href="claims.html", report=reports.weekly(), note="invented"),
        IndexEntry(name="<i>", href='a b".html', report=reports.empty()),
    ]

    page = Page(render_index(entries, "en"))

    assert [found["href"] for found in page.all("a")] == ["#content", "claims.html", "a%20b%22.html"]
    assert len(page.all("tr")) == 3
    assert "2 reports: what gets finished, how long it takes, where it stalls." in page.text
    assert "<i>" in page.text
    assert "no data" in page.text
    assert page.all("script") == []


def test_a_scheme_cannot_be_smuggled_in():
    entry = IndexEntry(name="x", href="javascript:alert(1)", report=reports.empty())

    assert Page(render_index([entry], "en")).all("a")[1]["href"] == "javascript%3Aalert%281%29"


def test_no_report_yet():
    page = Page(render_index([], "de"))

    assert "Noch kein Bericht." in page.text
    assert page.all("table") == []
