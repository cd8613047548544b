"""The gallery in a real browser: no barrier, no refused script or style, and everything without JavaScript, too."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.pegel_web.company import Company
from tests.pegel_web.ui.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_WIDE = {"width": 1280, "height": 900}
_PHONE = {"width": 390, "height": 844}


def _complaints(page: Page) -> list[str]:
    """Collect what the browser complains about, such as a script that the policy refuses."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def _violations(page: Page) -> list[str]:
    found = Axe().run(page, options=_RULES).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:300]}" for one in found for node in one["nodes"]
    ]


def _show_everything(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    for chart in page.locator(".chart").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg").first).to_be_visible(timeout=20_000)
    for details in page.locator("main details").all():
        details.evaluate("it => { it.open = true }")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [_WIDE, _PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("locale", ["de", "en"])
def test_the_gallery_has_no_barrier_and_no_refused_code(
    browser: Browser, company: Company, live_server, locale, size, scheme
):
    context = signed_in(browser, company, live_server.url, viewport=size, color_scheme=scheme, locale=locale)
    page = context.new_page()
    complaints = _complaints(page)

    page.goto(f"{live_server.url}/ui/")
    _show_everything(page)

    assert page.get_attribute("html", "lang") == locale
    assert _violations(page) == []
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    context.close()


@pytest.mark.parametrize("address", ["/account/login/", "/account/password/reset/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_way_in_has_no_barrier(browser: Browser, live_server, address, scheme):
    context = browser.new_context(viewport=_PHONE, color_scheme=scheme, locale="de")
    page = context.new_page()
    complaints = _complaints(page)

    page.goto(live_server.url + address)

    assert _violations(page) == []
    assert complaints == []
    context.close()


@pytest.mark.parametrize("address", ["/account/2fa/", "/account/sessions/", "/search?q=motor", "/nowhere", "/"])
def test_pages_of_the_shell_have_no_barrier(browser: Browser, company: Company, live_server, address):
    context = signed_in(browser, company, live_server.url, viewport=_WIDE, locale="de")
    page = context.new_page()

    page.goto(live_server.url + address)

    assert _violations(page) == []
    context.close()


def test_a_tooltip_shows_the_values_under_the_pointer(browser: Browser, company: Company, live_server):
    context = signed_in(browser, company, live_server.url, viewport=_WIDE, locale="en")
    page = context.new_page()
    complaints = _complaints(page)
    page.goto(f"{live_server.url}/ui/")
    _show_everything(page)

    page.locator("#throughput-chart .mark-rect path").nth(3).hover()

    expect(page.locator("#chart-tip")).to_contain_text("17")
    assert complaints == []
    context.close()


def test_sorting_and_filtering_change_the_table_only_and_the_address(browser: Browser, company: Company, live_server):
    context = signed_in(browser, company, live_server.url, viewport=_WIDE, locale="en")
    page = context.new_page()
    page.goto(f"{live_server.url}/ui/")
    page.evaluate("window.same = true")
    table = page.locator("#table-streams")

    table.get_by_role("link", name="Items").click()

    expect(table.locator("[aria-sort=ascending]")).to_contain_text("Items")
    assert "streams.sort=items" in page.url
    table.get_by_role("searchbox").fill("stream 63")
    expect(table.locator("tbody tr")).to_have_count(1)
    expect(page.locator("#announcer")).to_have_text("1 of 63 rows")
    assert page.evaluate("window.same") is True
    page.go_back()
    expect(table.locator("tbody tr")).to_have_count(12)
    context.close()


def test_without_javascript_a_table_sorts_filters_and_pages(browser: Browser, company: Company, live_server):
    context = signed_in(browser, company, live_server.url, viewport=_WIDE, locale="en", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/ui/")
    table = page.locator("#table-streams")

    table.get_by_role("link", name="Items").click()
    table.get_by_role("link", name="Page 2").click()

    expect(table.locator("tbody tr")).to_have_count(12)
    expect(table.locator("[aria-sort=ascending]")).to_contain_text("Items")
    expect(table.locator(".pager [aria-current]")).to_have_text("2")
    table.get_by_role("searchbox").fill("stream 63")
    table.get_by_role("button", name="Apply").click()
    expect(table.locator("tbody tr")).to_have_count(1)
    still = page.locator("#throughput-chart img:not(.on-paper)")
    expect(still).to_have_js_property("complete", True)
    assert still.evaluate("it => it.naturalWidth") > 700
    context.close()


def test_without_javascript_the_navigation_opens_on_a_phone(browser: Browser, company: Company, live_server):
    context = signed_in(browser, company, live_server.url, viewport=_PHONE, locale="en", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/ui/")
    expect(page.locator("#navigation")).to_be_hidden()

    page.get_by_role("button", name="Menu").click()

    expect(page.locator("#navigation")).to_be_visible()
    context.close()


def test_the_search_opens_by_keyboard_and_closes_again(browser: Browser, company: Company, live_server):
    context = signed_in(browser, company, live_server.url, viewport=_WIDE, locale="en")
    page = context.new_page()
    page.goto(f"{live_server.url}/ui/")

    page.keyboard.press("Control+k")
    page.keyboard.type("zzz nothing")

    expect(page.locator("#found-here")).to_contain_text("zzz nothing")
    page.keyboard.press("Escape")
    expect(page.locator("#found-here")).to_be_empty()
    context.close()
