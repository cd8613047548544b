"""The page of a stream on paper: every chart, in light colours, and nothing that only a screen can do."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Page, expect


def printed(page: Page) -> list[str]:
    """Return the words on each page of paper."""
    found = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert {(round(one.mediabox.width), round(one.mediabox.height)) for one in found.pages} == {(595, 842)}  # A4
    return [one.extract_text() for one in found.pages]


@pytest.mark.parametrize("language", ["en", "de"])
def test_paper_has_every_chart_and_no_navigation(visit: Any, language: str) -> None:
    visitor = visit(language=language, dark=True)
    visitor.sign_in("Alma")
    page = visitor.go(f"/streams/{visitor.site.things['stream_id']}/")
    charts = page.locator(".chart")
    expect(page.locator(".chart[data-drawn]")).to_have_count(charts.count(), timeout=20_000)
    pages = printed(page)
    whole = " ".join(" ".join(pages).split())
    axes = page.locator(".chart svg").evaluate_all(
        "all => all.map(one => [...one.querySelectorAll('text')].map(text => text.textContent).filter(text => text))"
    )
    assert len(axes) == charts.count() > 4
    for words in axes:
        assert " ".join(words[-1].split()) in whole
    page.emulate_media(media="print")
    for gone in (".top", ".side", ".tabs", ".choices", "details.selection", ".exports", ".actions", ".foot", "summary"):
        for one in page.locator(gone).all():
            expect(one).to_be_hidden()
    expect(page.locator("main h1")).to_be_visible()
    # What is folded up on the screen is there, and dark is light.
    expect(page.locator("#table-states")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert page.evaluate("getComputedStyle(document.querySelector('main h1')).color") == "rgb(28, 38, 48)"


def test_who_prints_at_once_gets_still_drawings(visit: Any) -> None:
    visitor = visit(language="en")
    visitor.sign_in("Alma")
    # The drawings never come.
    visitor.page.route("**/charts/*.json?*", lambda route: None)
    page = visitor.go(f"/streams/{visitor.site.things['stream_id']}/")
    stills = page.locator(".chart > .on-paper")
    assert stills.count() == page.locator(".chart").count() > 4
    expect(stills.first).to_be_hidden()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for one in stills.all():
        expect(one).to_be_visible()
        expect(one).to_have_js_property("complete", True, timeout=20_000)
        assert one.evaluate("image => image.naturalWidth") == 760
