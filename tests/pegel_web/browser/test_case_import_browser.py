"""Importing use cases as a person does, in both languages, wide and narrow: nothing is cut off or in the way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pegel_web.browser.barriers import barriers, overhang

_LIST = "id;Titel;Problem;Status;Wer\n1;Rechnungen lesen;Drei Unterschriften;im Einsatz;X\n2;;;pilot;\n"


@pytest.mark.parametrize("options", [{"language": "en"}, {"language": "de", "width": 390}])
def test_from_the_file_to_its_preview_and_the_templates(visit: Any, options: dict[str, Any]) -> None:
    visitor = visit(**options)
    page = visitor.sign_in("Petra")
    visitor.go("/use-cases/import/")
    page.set_input_files(
        "input[name=file]", {"name": "list.csv", "mimeType": "text/csv", "buffer": _LIST.encode("utf-8")}
    )
    page.fill("input[name=source]", f"Register {options['language']}")
    page.locator("form.form button.primary").click()
    page.wait_for_url("**/use-cases/import/*-*/")
    assert page.locator("#table-refused tbody tr").count() == 1
    page.locator("details summary").first.click()
    assert not overhang(page)
    assert not barriers(page)
    visitor.go("/use-cases/templates/")
    assert not overhang(page)
    assert not barriers(page)
