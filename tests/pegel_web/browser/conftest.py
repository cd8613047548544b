"""A real server on a data folder of its own, and a real browser in front of it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

PASSWORD = "correct horse battery"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The running application; ``data``: its data folder."""

    url: str
    data: Path
    units: dict[str, str]
    emails: dict[str, str]
    things: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A data folder as ``seed.py`` leaves it, and what that says about it."""

    data: Path
    said: dict[str, Any]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environment_of(data: Path, url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PEGEL_DATABASE_URL"}
    return {
        **kept, "PEGEL_DATA_DIR": str(data), "PEGEL_PUBLIC_URL": url, "PEGEL_TWO_FACTOR": "optional",
        "DJANGO_SETTINGS_MODULE": "pegel_web.config.settings",
    }  # fmt: skip


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Fill a data folder once; no server runs on it, each takes a copy."""
    data = tmp_path_factory.mktemp("filled") / "data"
    environment = environment_of(data, "http://127.0.0.1")
    seed = [sys.executable, "-m", "tests.pegel_web.browser.seed"]
    done = subprocess.run(seed, env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.fail(f"the data folder was not filled: {done.stderr[-2000:]}")
    return Filled(data=data, said=json.loads(done.stdout))


@pytest.fixture(scope="module")
def site(filled: Filled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run the application as ``pegel web`` does, on SQLite; each file of tests has a data folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(filled.data, folder / "data")
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    environment = environment_of(folder / "data", url)
    command = [sys.executable, "-m", "uvicorn", "pegel_web.config.asgi:application", "--port", str(port)]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server,
    ):
        _wait(url, server, folder / "log")
        yield Site(url=url, data=folder / "data", **filled.said)
        server.terminate()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if server.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/account/login/").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    pytest.fail(f"the application did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a Chromium of the system; its absence is a failure where CI runs."""
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is needed: apt-get install chromium")
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


@dataclass(slots=True)
class Visitor:
    """Somebody in front of a browser window."""

    page: Page
    site: Site

    def go(self, path: str) -> Page:
        """Open an address of the application."""
        self.page.goto(self.site.url + path)
        return self.page

    def sign_in(self, name: str) -> Page:
        """Sign in as one of the people of ``seed.py``."""
        self.go("/account/login/")
        self.page.fill("input[name=login]", self.site.emails[name])
        self.page.fill("input[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(self.site.url + "/")
        return self.page


def _is_error(said: ConsoleMessage) -> bool:
    # 422 is the answer to a form that cannot be used; Chromium writes down every answer from 400 on.
    return said.type == "error" and "the server responded with a status of 422" not in said.text


@pytest.fixture
def visit(chromium: Browser, site: Site, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Return a function that opens a new window: ``visit(width=390, language="de", scripts=False)``.

    A window in which the console shows an error fails the test.
    """
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def new(*, width: int = 1280, language: str = "en", scripts: bool = True, dark: bool = False) -> Visitor:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, locale=language, java_script_enabled=scripts,
            color_scheme="dark" if dark else "light", reduced_motion="reduce",
        )  # fmt: skip
        opened.append(context)
        page = context.new_page()
        page.on("console", lambda said: errors.append(f"{page.url}: {said.text}") if _is_error(said) else None)
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        return Visitor(page, site)

    yield new
    for context in opened:
        context.close()
    assert errors == []
