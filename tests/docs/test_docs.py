"""The documentation is complete, current and consistent with the code."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import click
import pytest

import pegel.flow
from pegel.eventlog import calendar, policy
from pegel.eventlog.calendar_file import load_calendar
from pegel.eventlog.policy import load_policy
from pegel.eventlog.workflow import FlowItemKind, Friction, Phase, StateCategory, load_workflow
from pegel.flow.answer import Status
from pegel.impact.verdicts.plan import load_plan
from pegel.sources.formats import all_formats
from pegel.words import say
from tests.docs.pages import DOCS, ROOT, anchor, blocks, generator, headings, links, pages, pegel_lines

REFERENCE = DOCS / "reference"


def _id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", pages(), ids=_id)
def test_internal_links_resolve(page: Path) -> None:
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, section = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        anchors = (
            {anchor(heading) for heading in headings(target)} if target.suffix == ".md" and target.exists() else set()
        )
        if not target.exists() or (section and section not in anchors):
            broken.append(link)
    assert broken == []


def test_every_page_is_linked_from_the_index() -> None:
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links(DOCS / "index.md") if "://" not in link}
    assert [
        _id(page) for page in pages() if DOCS in page.parents and page not in linked and page.name != "index.md"
    ] == []


def test_the_readme_leads_to_every_document_beside_it() -> None:
    linked = {link.partition("#")[0] for link in links(ROOT / "README.md")}
    assert {"CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "GLOSSARY.md", "LICENSE"} <= linked


@pytest.mark.parametrize("page", sorted(REFERENCE.glob("*.md")), ids=_id)
def test_generated_reference_is_current(page: Path) -> None:
    before = page.read_text(encoding="utf-8")
    assert generator().rendered(before) == before, "run python docs/generate_reference.py"


def test_every_generated_part_has_its_place() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.md"))
    assert sorted(re.findall(r"<!-- generated: ([\w.-]+) -->", text)) == sorted(generator().PARTS)


def test_commands_page_has_exactly_the_commands_that_exist() -> None:
    documented = [heading for heading in headings(REFERENCE / "commands.md") if heading.startswith("pegel ")]
    assert documented == [name for name, _ in generator().commands()]


@pytest.mark.parametrize("page", pages(), ids=_id)
def test_commands_in_the_text_exist_with_their_options(page: Path) -> None:
    known = dict(generator().commands())
    for line in pegel_lines(page):
        words = shlex.split(line)
        if words[1:] == ["--version"]:
            continue
        name = next((" ".join(words[:count]) for count in (3, 2) if " ".join(words[:count]) in known), None)
        assert name is not None, line
        if name == "pegel call":
            continue  # the options after a tool's name are that tool's; tests/pegel_web/interfaces calls them
        options = {text for one in known[name].params if isinstance(one, click.Option) for text in one.opts}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= options, line


def _definitions() -> dict[str, str]:
    modules = [import_module(f"pegel.flow.{module.name}") for module in iter_modules(pegel.flow.__path__)]
    return {
        module.__name__.rsplit(".", 1)[-1]: module.DEFINITION for module in modules if hasattr(module, "DEFINITION")
    }


def test_there_are_eleven_metrics() -> None:
    assert len(_definitions()) == 11


@pytest.mark.parametrize(("metric", "definition"), _definitions().items())
def test_every_metric_has_its_methods_page(metric: str, definition: str) -> None:
    page = DOCS / "methods" / f"{metric.replace('_', '-')}.md"
    text = page.read_text(encoding="utf-8")
    assert f"`{definition}`" in text
    assert {"Definition", "Clock", "Edge cases", "Worked example"} <= set(headings(page))
    assert re.search(r"^## Sources?\n\n- .*\((19|20)\d\d\)", text, re.MULTILINE)
    for case in ("reopened", "cancelled", "deleted", "moved", "skipped", "**Unit.**", "no data"):
        assert case in text, case
    assert definition in (ROOT / "src" / "pegel" / "flow" / f"{metric}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("metric", _definitions())
def test_every_reason_that_a_metric_gives_is_on_its_page(metric: str) -> None:
    code = (ROOT / "src" / "pegel" / "flow" / f"{metric}.py").read_text(encoding="utf-8")
    text = (DOCS / "methods" / f"{metric.replace('_', '-')}.md").read_text(encoding="utf-8")
    for reason in re.findall(r'reason=(?:None if [\w.]+ else )?"(\w+)"', code):
        assert f"`{reason}`" in text, reason


def test_every_format_has_its_section() -> None:
    documented = [heading for heading in headings(REFERENCE / "formats.md") if heading != "Formats"]
    assert sorted(documented) == sorted(one.name for one in all_formats())


@pytest.mark.parametrize("name", [one.name for one in all_formats()])
def test_every_format_says_what_is_left_out(name: str) -> None:
    text = (REFERENCE / "formats.md").read_text(encoding="utf-8")
    section = re.split(r"^## ", text.partition(f"\n## {name}\n")[2], flags=re.MULTILINE)[0]
    assert "Left out" in section


@pytest.mark.parametrize("name", policy.BUILT_IN)
def test_every_built_in_policy_is_documented(name: str) -> None:
    for page in (
        REFERENCE / "policy-file.md",
        DOCS / "methods" / "item-windows.md",
        DOCS / "how-to" / "choose-a-policy.md",
    ):
        assert f"`{name}`" in page.read_text(encoding="utf-8"), _id(page)


@pytest.mark.parametrize("name", calendar.BUILT_IN)
def test_every_built_in_calendar_is_documented(name: str) -> None:
    for page in (REFERENCE / "calendar-file.md", DOCS / "methods" / "calendars.md"):
        assert f"`{name}`" in page.read_text(encoding="utf-8"), _id(page)


@pytest.mark.parametrize("page", pages(), ids=_id)
def test_files_shown_on_the_pages_can_be_read(page: Path) -> None:
    readers = {"workflow": load_workflow, "policy": load_policy, "calendar": load_calendar, "plan": load_plan}
    for block in blocks(page):
        if block.language != "yaml":
            continue
        kind = next((key for key in readers if re.search(rf"^{key}:", block.text, re.MULTILINE)), None)
        assert kind is not None, block.text
        readers[kind](block.text)


TERMS = {
    "category": [one for one in StateCategory if one is not StateCategory.DELETED],
    "phase": list(Phase),
    "friction": list(Friction),
    "kind": list(FlowItemKind),
    "status": [one for one in Status if one is not Status.VALUE],
}


@pytest.mark.parametrize(("group", "term"), [(group, term.value) for group, terms in TERMS.items() for term in terms])
def test_the_glossary_has_the_words_that_the_program_uses(group: str, term: str) -> None:
    rows = [line for line in (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    english, german = say(f"{group}.{term}", "en"), say(f"{group}.{term}", "de")
    assert any(english in row.split("|")[1] and german in row.split("|")[2] for row in rows), (english, german)


@pytest.mark.parametrize("metric", _definitions())
def test_the_glossary_has_the_names_of_the_metrics(metric: str) -> None:
    english, german = say(f"metric.{metric}.label", "en"), say(f"metric.{metric}.label", "de")
    text = (ROOT / "GLOSSARY.md").read_text(encoding="utf-8").replace("'", "’").lower()
    for label in (english, german):
        words = re.split(r" \(| und | and | je | per ", label.lower())
        assert all(word.rstrip(")") in text for word in words), label


def test_no_page_names_a_machine() -> None:
    here = re.escape(str(ROOT))
    forbidden = re.compile(rf"{here}\b|/(?:home|Users|root|tmp|mnt)/|[A-Z]:\\\\|localhost")
    assert [_id(page) for page in pages() if forbidden.search(page.read_text(encoding="utf-8"))] == []


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert text.count("END OF TERMS AND CONDITIONS") == 1


def test_the_changelog_names_the_version() -> None:
    assert f"## [{pegel.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
