"""What tests of the shell share: a real browser on the real application."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.pegel_web.company import Company

_CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return Chromium, as the system's packages have it."""
    if not _CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("needs Chromium: apt-get install chromium")
    # The test itself runs beside the browser's event loop; its database calls are still one after the other.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=str(_CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def signed_in(browser: Browser, company: Company, address: str, **options: object) -> BrowserContext:
    """Return a browser window in which the programme lead is signed in."""
    cookie = company.client("programme_lead").cookies["sessionid"].value
    context = browser.new_context(**options)  # type: ignore[arg-type]  # Playwright's own options
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    return context
