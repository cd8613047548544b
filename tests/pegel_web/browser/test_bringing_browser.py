"""From a dropped file to a value stream, as a team lead does it: with a real worker beside the real server."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.pegel_web.browser.conftest import Site, environment_of
from tests.pegel_web.flow.lakes import rows_of_weeks

#: Reading, importing and computing happen in another process.
_PATIENCE_MS = 90_000


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


@pytest.mark.usefixtures("worker")
def test_a_team_lead_brings_a_file_on_a_german_phone(visit: Any, tmp_path: Path) -> None:
    file = tmp_path / "Kfz-Schäden.csv"
    file.write_text("\n".join([*rows_of_weeks(prefix="Kfz"), "Kfz-1,,Doing,person0"]), encoding="utf-8")
    visitor = visit(width=390, language="de")
    page = visitor.sign_in("Tina")
    visitor.go("/streams/").get_by_role("link", name="Daten bringen").first.click()
    page.set_input_files("input[name=file]", file)
    page.get_by_role("button", name="Ansehen, was darin ist").click()
    # The page follows by itself; nobody reloads it.
    expect(page.get_by_text("Das enthält die Datei.")).to_be_visible(timeout=_PATIENCE_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("link", name="Abgelehnte Zeilen als CSV")).to_be_visible()
    page.get_by_role("button", name="Das importieren").click()
    expect(page.get_by_text("Der Import ist fertig.")).to_be_visible(timeout=_PATIENCE_MS)
    page.get_by_role("link", name="Kfz-Schäden", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kfz-Schäden")


@pytest.mark.usefixtures("worker")
def test_a_file_that_is_no_log_ends_in_a_sentence_and_can_be_discarded(visit: Any, tmp_path: Path) -> None:
    file = tmp_path / "letter.csv"
    file.write_text("Dear colleagues,\nall is well.\n", encoding="utf-8")
    visitor = visit()
    page = visitor.sign_in("Tina")
    visitor.go("/streams/files/")
    page.set_input_files("input[name=file]", file)
    page.get_by_role("button", name="Look what is in it").click()
    expect(page.get_by_text("The file cannot be used as it is.")).to_be_visible(timeout=_PATIENCE_MS)
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("The file was discarded")).to_be_visible()
    assert page.get_by_role("link", name="letter.csv").count() == 0
