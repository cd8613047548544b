"""From a file to the answer, as somebody does it for the first time: where it stalls, what that costs, what will be
late, where to start.

Real logs of three departments (a help desk, a town hall, a finance department) that may not be committed; without them
the tests are skipped. A real worker runs beside the real server.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

import pegel
from pegel.flow.flow_report import flow_report
from pegel.workbench import find_policy, open_log
from tests.pegel_web.browser.barriers import overhang
from tests.pegel_web.browser.conftest import Site, environment_of

DATA: Final = Path(os.environ.get("PEGEL_SAMPLE_DATA") or Path(__file__).parents[4] / "shared/data")
#: Reading, importing and computing happen in another process, beside other tests.
_PATIENCE_MS: Final = 150_000
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "de": {
        "bring": "Daten bringen", "look": "Ansehen, was darin ist", "holds": "Das enthält die Datei.",
        "import": "Das importieren", "done": "Der Import ist fertig.", "stalls": "Wo es stockt",
        "steps": "Nächste Schritte", "all": "gesamte Zeit", "look_step": "Ansehen, wo es stockt",
        "meaning_step": "Bestätigen, was die Status bedeuten", "targets_tab": "Ziele und Grenzen",
        "confirm": "Bestätigen", "save": "Speichern und neu berechnen", "price": "Preis des Wartens",
        "tabs": "Seiten dieses Wertstroms", "ahead": "Vorhersage", "start_tab": "Klein anfangen", "ways": "Wege",
    },
    "en": {
        "bring": "Bring data", "look": "Look what is in it", "holds": "This is what the file holds.",
        "import": "Import this", "done": "The import is done.", "stalls": "Where it stalls",
        "steps": "Next steps", "all": "all time", "look_step": "Look where it stalls",
        "meaning_step": "Confirm what the states mean", "targets_tab": "Targets and limits",
        "confirm": "Confirm", "save": "Save and compute anew", "price": "Price of waiting",
        "tabs": "Pages of this value stream", "ahead": "Forecast", "start_tab": "Start small", "ways": "Ways",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def worker(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run a worker on the data folder of the server."""
    command = [sys.executable, "-c", "from pegel.cli import main; main()", "worker"]
    with (
        (tmp_path_factory.mktemp("worker") / "log").open("w") as log,
        subprocess.Popen(command, env=environment_of(site.data, site.url), stdout=log, stderr=log) as process,
    ):
        yield
        process.terminate()


def shot(page: Page, name: str) -> None:
    """Keep a picture for people to look at, where ``PEGEL_PICTURES`` names a folder."""
    if folder := os.environ.get("PEGEL_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    ("name", "language", "width"),
    [
        ("helpdesk-italian/helpdesk.xes.gz", "de", 1280),
        ("permit-receipt-wabo/receipt.csv.gz", "en", 390),
        ("expenses-bpic2020-declarations/DomesticDeclarations.xes.gz", "de", 390),
    ],
)
def test_from_a_file_to_where_it_stalls(
    visit: Any, name: str, language: str, width: int, request: pytest.FixtureRequest
) -> None:
    file, words = DATA / name, WORDS[language]
    if not file.is_file():
        pytest.skip(f"sample data not there (PEGEL_SAMPLE_DATA): {name}")
    called = file.name.split(".", 1)[0]
    visitor = visit(width=width, language=language)
    page = visitor.sign_in("Tina")
    visitor.go("/streams/").get_by_role("link", name=words["bring"]).first.click()
    page.set_input_files("input[name=file]", file)
    page.get_by_role("button", name=words["look"]).click()
    expect(page.get_by_text(words["holds"])).to_be_visible(timeout=_PATIENCE_MS)
    shot(page, f"{called}-1-look")
    assert overhang(page) <= 0
    page.get_by_role("button", name=words["import"]).click()
    expect(page.get_by_text(words["done"])).to_be_visible(timeout=_PATIENCE_MS)
    shot(page, f"{called}-2-report")
    page.get_by_role("link", name=called, exact=True).first.click()
    # The page follows by itself until the figures are there.
    expect(page.get_by_role("heading", name=words["steps"])).to_be_visible(timeout=_PATIENCE_MS)
    shot(page, f"{called}-3-stream")
    assert overhang(page) <= 0
    # What the page says is what the library says of the same file.
    lake = pegel.open_lake(Path(visitor.site.data) / "lake")
    log = open_log(lake, streams=[called])
    told = flow_report(log, find_policy("commitment_to_done", lake))
    page.get_by_role("link", name=words["all"], exact=True).click()
    counted = f"{told.counts.finished:,}".replace(",", "." if language == "de" else ",")
    expect(page.get_by_text(re.compile(rf"\b{re.escape(counted)}\b")).first).to_be_visible()
    # Where it stalls: the steps, the slowest of them, and the items in it.
    page.get_by_role("link", name=words["look_step"]).click()
    expect(page.get_by_role("heading", name=words["stalls"])).to_be_in_viewport()
    expect(page.locator(".stall-map")).to_be_visible()
    # One step is work: what waits, and what waiting costs, can be told.
    page.get_by_role("link", name=words["meaning_step"]).click()
    page.locator("select[name=category-1]").select_option("active")
    page.get_by_role("button", name=words["confirm"]).click()
    page.get_by_role("link", name=words["targets_tab"], exact=True).click()
    page.locator("[name=target_days]").fill("10")
    page.locator("[name=target_share]").fill("85")
    page.locator("[name=currency]").fill("EUR")
    page.locator("[name=cost_of_delay]").fill("40")
    page.get_by_role("button", name=words["save"], exact=True).click()
    # It is computed anew in the background; the price is there when it is done.
    expect(page.get_by_role("heading", level=1, name=called, exact=True)).to_be_visible(timeout=_PATIENCE_MS)
    price = page.get_by_role("link", name=words["price"], exact=True).locator("..")
    expect(price).to_contain_text(re.compile(r"\d EUR|EUR \d|€"), timeout=_PATIENCE_MS)
    shot(page, f"{called}-5-price")
    assert overhang(page) <= 0
    # When it will be done, which ways the work takes, and where to start.
    for number, tab in enumerate(("ahead", "ways", "start_tab"), start=6):
        inside = page.get_by_role("navigation", name=words["tabs"])
        inside.get_by_role("link", name=words[tab], exact=True).click()
        expect(inside.get_by_role("link", name=words[tab], exact=True)).to_have_attribute("aria-current", "page")
        shot(page, f"{called}-{number}-{tab}")
        assert overhang(page) <= 0
