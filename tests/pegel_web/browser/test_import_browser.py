"""Importing the organisation as a person does: choose a file, see what would happen and what not, confirm, look."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pegel_web.browser.barriers import barriers, overhang

#: Words of the pages, by language.
WORDS = {
    "en": {"refused": "Refused", "done": "The import is done.", "missing": "A value is missing: Name",
           "parent": "The unit above does not exist, or was refused: NOWHERE", "twice": "It stands in the file twice"},
    "de": {"refused": "Abgelehnt", "done": "Der Import ist ausgeführt.", "missing": "Ein Wert fehlt: Name",
           "parent": "Die übergeordnete Einheit gibt es nicht, oder sie wurde abgelehnt: NOWHERE",
           "twice": "Steht doppelt in der Datei"},
}  # fmt: skip


def units_file(prefix: str) -> str:
    """Return a list with two good rows and three that cannot be taken over, the codes beginning with a prefix."""
    return "\n".join(
        [
            "Kürzel;Bezeichnung;Art;Gehört zu",
            f"{prefix}1;{prefix} Liability;team;K",
            f"{prefix}2;;team;K",
            f"{prefix}3;{prefix} Abroad;team;NOWHERE",
            f"{prefix}1;{prefix} Liability again;team;K",
            f"{prefix}4;{prefix} Legal;department;C",
        ]
    )


def upload(page: Page, name: str, content: bytes, kind: str = "units", *, names: bool = False) -> None:
    """Fill the form of a new import and send it; a good file leads to its preview."""
    page.set_input_files("input[name=file]", {"name": name, "mimeType": "text/csv", "buffer": content})
    page.select_option("select[name=kind]", kind)
    page.set_checked("input[name=with_names]", names)
    page.locator("form.form button.primary").click()


def cells(page: Page, identity: str) -> list[list[str]]:
    """Return what stands in a table."""
    rows = page.locator(f"#table-{identity} tbody tr").all()
    return [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in rows]


def confirm(page: Page) -> Locator:
    """Return the button that does what was shown."""
    return page.locator("form[action$='/confirm/'] button")


@pytest.mark.parametrize(
    ("prefix", "options"),
    [
        ("W", {"language": "en"}),
        ("P", {"language": "de", "width": 390}),
        ("N", {"language": "de", "scripts": False}),
    ],
    ids=["wide", "phone", "without_javascript"],
)
def test_units_from_file_to_tree(visit: Any, prefix: str, options: dict[str, Any]) -> None:
    words = WORDS[options["language"]]
    visitor = visit(**options)
    page = visitor.sign_in("Petra")
    visitor.go("/organisation/")
    tree = page.locator(".tree")
    expect(tree).not_to_contain_text(f"{prefix} Liability")

    visitor.go("/organisation/import/")
    upload(page, "units.csv", units_file(prefix).encode())
    page.wait_for_url("**/organisation/import/*-*/")

    # 2 added, 0 changed, 0 ended, 0 unchanged, 3 refused: five rows.
    assert [row[1:] for row in cells(page, "counts")] == [["2", "0", "0", "0", "3"]]
    assert [row[2] for row in cells(page, "changes")] == [
        f"{prefix}1 · {prefix} Liability",
        f"{prefix}4 · {prefix} Legal",
    ]
    expect(page.locator("#table-refused-caption")).to_have_text(words["refused"])
    assert [row[1:3] for row in cells(page, "refused")] == [
        ["2", words["missing"]], ["3", words["parent"]], ["4", words["twice"]],
    ]  # fmt: skip
    assert overhang(page) == 0
    visitor.go("/organisation/")
    expect(tree).not_to_contain_text(f"{prefix} Liability")

    page.go_back()
    expect(confirm(page)).to_contain_text("2")
    confirm(page).click()
    expect(page.locator(".messages")).to_contain_text(words["done"])
    expect(confirm(page)).to_have_count(0)
    assert overhang(page) == 0
    visitor.go("/organisation/")
    expect(tree.get_by_role("link", name=f"{prefix} Liability", exact=True)).to_be_visible()
    expect(tree.get_by_role("link", name=f"{prefix} Legal", exact=True)).to_be_visible()
    expect(tree).not_to_contain_text(f"{prefix} Abroad")


def test_people_come_with_names_only_where_that_was_asked_for(visit: Any) -> None:
    visitor = visit(language="en")
    page = visitor.sign_in("Ada")
    visitor.go("/organisation/import/")
    file = "Personalnummer;name;email;Einheit\n900;Zoe Zimmer;zoe@example.org;K2\n901;Yves Yilmaz;not an address;K2\n"

    upload(page, "people.csv", file.encode(), "people")
    page.wait_for_url("**/organisation/import/*-*/")
    expect(page.get_by_text("Column “email”: names and addresses were not asked for")).to_be_visible()
    assert "Zoe" not in page.content()

    visitor.go("/organisation/import/")
    upload(page, "people.csv", file.encode(), "people", names=True)
    page.wait_for_url("**/organisation/import/*-*/")
    assert [row[1:3] for row in cells(page, "refused")] == [["2", "This is no email address"]]
    confirm(page).click()
    expect(page.locator(".messages")).to_contain_text("The import is done.")
    visitor.go("/organisation/people/?q=zimmer")
    expect(page.get_by_role("link", name="Zoe Zimmer")).to_be_visible()
    visitor.go("/organisation/people/?q=yilmaz")
    expect(page.get_by_role("link", name="Yves Yilmaz")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "says"), [("de", "In „rubbish.csv“ ist keine Tabelle."), ("en", "There is no table in “rubbish.csv”.")]
)
def test_a_broken_file_ends_in_a_clear_sentence_and_changes_nothing(visit: Any, language: str, says: str) -> None:
    visitor = visit(language=language, width=390)
    page = visitor.sign_in("Petra")
    visitor.go("/organisation/")
    before = page.locator(".tree").inner_text()
    visitor.go("/organisation/import/")
    imports = page.locator("#table-imports tbody tr").count()

    upload(page, "rubbish.csv", bytes(range(256)) * 40)

    expect(page.get_by_role("alert")).to_contain_text(says)
    assert page.input_value("select[name=kind]") == "units"
    assert barriers(page) == []
    assert overhang(page) == 0
    assert page.locator("#table-imports tbody tr").count() == imports
    visitor.go("/organisation/")
    assert page.locator(".tree").inner_text() == before
