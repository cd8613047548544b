"""Every page that can be looked at, with what is in it: no barrier that axe finds, no sideways scrolling, no error.

The main pages in both languages, wide and on a phone, light and dark: every pair of these is seen, not every triple,
which would take twice as long. Every other page (most of them forms) in German on a dark phone, where words are longest
and room is least. The gallery is looked at in the same way by the tests of ``ui``, with everything in it opened.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pegel_web.browser.barriers import barriers, overhang
from tests.pegel_web.walk import DECLARED, own_routes, page_address

MAIN = (
    "home", "streams", "stream", "organisation_tree", "unit_report", "people_list", "person_report",
    "responsibility_map", "tool_map", "platform_catalogue", "platform_report",
    "frame_of", "decisions", "decision", "decision_summary", "decision_rights",
    "own_rights", "delegations", "give_delegation", "structure_imports", "privacy_rules", "access_log",
    "retention_preview", "erasure", "processing_record", "privacy_notice", "audit", "tokens", "jobs", "search",
    "use_case_list", "use_case",
)  # fmt: skip
#: Pages of django-allauth in our clothes.
ACCOUNT = ("/account/email/", "/account/password/change/", "/account/2fa/", "/account/sessions/")
#: Files and drawings are no pages; who is signed in is not invited; and no item of the one stream waits for another.
NO_PAGES = {
    "still_chart", "stream_chart", "stream_paper", "dependency_items", "rejected_rows", "brought_rejects",
    "accept_invitation", "gallery", "case_inventory", "use_case_map_chart",
    "refused_case_rows",
}  # fmt: skip
#: What only this installation has: computed streams with items in them.
ASKED = {
    "stream_item": "?item={item_id}",
    "desk_item": "?item={item_id}",
    "quarter_items": "?stream={stream_id}&quarter=2026-Q1",
}
LOOKS = {"de": ((1280, "light"), (390, "dark")), "en": ((1280, "dark"), (390, "light"))}


def others() -> list[str]:
    """Return the names of the other addresses that can be opened."""
    return [name for name, asked in DECLARED["pages"].items() if "get" in asked and name not in NO_PAGES.union(MAIN)]


def show_charts(page: Page) -> None:
    """Have every chart drawn: each is, when it comes into view."""
    for chart in page.locator(".chart").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg").first).to_be_visible()


def problems(page: Page, looks: tuple[tuple[int, str], ...]) -> list[str]:
    """Return what is wrong with the page that is open, in each look."""
    found = []
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        if over := overhang(page):
            found.append(f"{width}: {over} pixels too wide")
        found += [f"{width} {scheme}: {one}" for one in barriers(page)]
    return found


def walk(visitor: Any, paths: list[str], looks: tuple[tuple[int, str], ...]) -> list[str]:
    """Open each address; return what is wrong, and where."""
    wrong = []
    for path in paths:
        answer = visitor.page.goto(visitor.site.url + path)
        if answer.status != 200:
            wrong.append(f"{path}: {answer.status}")
            continue
        show_charts(visitor.page)
        wrong += [f"{path} {one}" for one in problems(visitor.page, looks)]
    return wrong


@pytest.mark.parametrize("part", [0, 1])
@pytest.mark.parametrize("language", ["de", "en"])
def test_main_pages_in_every_look(visit: Any, language: str, part: int) -> None:
    visitor = visit(language=language)
    page = visitor.sign_in("Alma")
    routes = own_routes()
    paths = [page_address(name, routes[name], visitor.site.things) for name in MAIN] + list(ACCOUNT)
    assert "\n".join(walk(visitor, paths[part::2], LOOKS[language])) == ""
    assert page.get_attribute("html", "lang") == language


def test_every_other_page_on_a_dark_phone_in_german(visit: Any) -> None:
    visitor = visit(language="de")
    visitor.sign_in("Alma")
    routes = own_routes()
    things = visitor.site.things
    paths = [page_address(name, routes[name], things) + ASKED.get(name, "").format(**things) for name in others()]
    assert "\n".join(walk(visitor, paths, ((390, "dark"),))) == ""
