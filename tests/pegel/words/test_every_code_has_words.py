"""Walks through the source: whatever code the library can raise, count or answer has words, with the values it gets."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import pytest

import pegel
from pegel.eventlog import policy, workflow
from pegel.flow import answer, flow_report
from pegel.words.catalogue import forms_of, has, placeholders

_SOURCE = Path(pegel.__file__).parent
_TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(_SOURCE.rglob("*.py"))}
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
#: Errors of Python and click, not of Pegel.
_FOREIGN = {"ValueError", "KeyError", "TypeError", "UsageError", "RuntimeError", "BadParameter"}
#: What readers of XML raise inwardly; it becomes an InputError with these values besides its own.
_INWARD = {"BrokenMarkup": {"line", "detail"}}
#: Texts that look like codes to the walk below and are none.
_NO_CODES = {"incident_state", "ident_state", "state", "sys_audit", "from_state", "metric_instance"}


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _texts(node: ast.AST) -> Iterator[str]:
    """Constant texts that an expression can have, through conditions."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)


def _raised() -> list[tuple[str, str, frozenset[str], bool]]:
    """(where, code, names of values, whether more may be added by ``**``) of every error that is made."""
    found = []
    for path, tree in _TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            kind = _name(node.func)
            if not (kind.endswith("Error") or kind in _INWARD) or kind in _FOREIGN:
                continue
            keywords = {word.arg: word.value for word in node.keywords}
            given = frozenset(str(name) for name in keywords if name) | _INWARD.get(kind, set())
            codes = _texts(node.args[0])
            if kind in _INWARD:
                codes = _texts(keywords["code"]) if "code" in keywords else iter(["xml_broken"])
            where = f"{path.relative_to(_SOURCE)}:{node.lineno}"
            found += [(where, code, given, None in keywords) for code in codes]
    return found


def _row_codes() -> set[tuple[str, str]]:
    """(where, code) of reasons to reject or ignore a row, and of warnings."""
    found = set()
    for path, tree in _TREES.items():
        of_sources = "sources" in path.parts
        for node in ast.walk(tree):
            codes: list[str] = []
            if isinstance(node, ast.Call) and _name(node.func) == "reject" and len(node.args) > 1:
                codes += _texts(node.args[1])
            if isinstance(node, ast.Subscript) and _name(node.value) in {"ignored", "warnings"}:
                codes += _texts(node.slice)
            if isinstance(node, ast.keyword) and node.arg == "undated":
                codes += _texts(node.value)
            if isinstance(node, ast.FunctionDef) and node.name.endswith("defect"):
                codes += [one for part in ast.walk(node) if isinstance(part, ast.Return) and part.value
                          for one in _texts(part.value)]  # fmt: skip
            if of_sources and isinstance(node, ast.Call) and _name(node.func) == "lit" and node.args:
                codes += [code for code in _texts(node.args[0]) if "_" in code]
            if of_sources and isinstance(node, ast.Tuple) and len(node.elts) == 3:
                condition, code, _ = node.elts
                if not isinstance(condition, ast.Constant):
                    codes += _texts(code)
            found |= {
                (path.name, code) for code in codes if _CODE.fullmatch(code) and "_" in code and code not in _NO_CODES
            }
    return found


def _note_codes() -> set[str]:
    found = set()
    for tree in _TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and _name(node.value) == "notes":
                found |= set(_texts(node.slice))
            if isinstance(node, ast.keyword) and node.arg == "notes":
                found |= {
                    text
                    for part in ast.walk(node.value)
                    if isinstance(part, ast.Dict)
                    for key in part.keys
                    if key is not None
                    for text in _texts(key)
                }
    return found


def _reason_codes() -> set[str]:
    """Reasons why a figure has no value."""
    found = set()
    for path, tree in _TREES.items():
        if not {"flow", "waits", "prediction", "quality", "network"} & set(path.parts):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg in {"reason", "not_configured"}:
                found |= set(_texts(node.value))
            if isinstance(node, ast.FunctionDef) and node.name == "_no_efficiency":
                returns = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value]
                constants = [part for value in returns for part in ast.walk(value) if isinstance(part, ast.Constant)]
                found |= {text for constant in constants for text in _texts(constant)}
    return found


def test_the_walk_finds_what_is_there():
    assert {code for _, code, _, _ in _raised()} >= {"unknown_stream", "lake_busy", "xml_broken", "archive_bomb"}
    assert {code for _, code in _row_codes()} >= {"time_out_of_range", "name_too_long", "broken_encoding", "nul_byte"}
    assert _reason_codes() >= {"nothing_finished", "no_active_states", "policy_adds_up_states", "nothing_departed"}


def test_every_error_has_words_and_says_what_to_do():
    assert [
        (where, code) for where, code, _, _ in _raised() if not (has(f"error.{code}") and has(f"error.{code}.do"))
    ] == []


def test_every_error_brings_the_values_that_its_words_need():
    short = [
        (where, code, sorted(wanted - given))
        for where, code, given, open_ended in _raised()
        if has(f"error.{code}") and not open_ended
        and (wanted := {name for part in ("", ".do") for text in forms_of(f"error.{code}{part}", "en").values()
                        for name in placeholders(text)}) - given
    ]  # fmt: skip

    assert short == []


def test_every_reason_and_warning_about_rows_has_words():
    assert {(where, code) for where, code in _row_codes() if not has(f"row.{code}")} == set()


def test_every_note_on_an_import_has_words():
    assert {code for code in _note_codes() if not has(f"note.{code}")} == set()


def test_every_reason_for_no_value_has_words():
    assert {code for code in _reason_codes() if not has(f"reason.{code}")} == set()


def test_every_code_that_is_said_by_name_exists():
    missing = {
        (str(path.relative_to(_SOURCE)), code)
        for path, tree in _TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) == "say" and node.args
        for code in _texts(node.args[0])
        if not has(code)
    }

    assert missing == set()


@pytest.mark.parametrize(
    ("group", "vocabulary"),
    [
        ("category", workflow.StateCategory),
        ("phase", workflow.Phase),
        ("friction", workflow.Friction),
        ("kind", workflow.FlowItemKind),
        ("status", answer.Status),
    ],
)
def test_every_word_of_a_closed_vocabulary_has_words(group: str, vocabulary: type[StrEnum]):
    assert [one.value for one in vocabulary if not has(f"{group}.{one.value}")] == []


def test_every_built_in_policy_has_a_name_and_a_meaning():
    keys = [f"policy.{name}.{part}" for name in policy.BUILT_IN for part in ("label", "meaning")]

    assert [key for key in keys if not has(key)] == []


def test_every_metric_of_the_report_has_a_label_a_meaning_and_a_definition():
    metrics = [one.name for one in fields(flow_report.FlowReport) if one.type in _answers()]

    assert len(metrics) == 10
    assert [
        (name, part)
        for name in metrics
        for part in ("label", "means", "definition")
        if not has(f"metric.{name}.{part}")
    ] == []


def _answers() -> set[str]:
    return {kind.__name__ for kind in answer.Answer.__subclasses__()}
