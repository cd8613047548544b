"""Setting files: what hostile or broken YAML ends in."""

import pytest

from pegel.errors import InputError
from pegel.eventlog.calendar_file import load_calendar
from pegel.eventlog.policy import load_policy
from pegel.eventlog.setting_file import LONGEST_FILE, read_settings
from pegel.eventlog.workflow import load_workflow

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "[" * 50_000,
        "from: 2026-13-01",
        "a: b: c",
        "a: !!python/object/apply:os.system [true]",
        "x" * (LONGEST_FILE + 1),
        "a: \x00",
        "states: {Open: new, Done: done, Open: active}",
    ],
    ids=["aliases", "deep", "impossible date", "not yaml", "python object", "long", "nul", "key twice"],
)
def test_hostile_text_is_refused_with_the_code_of_its_kind(text: str) -> None:
    with pytest.raises(InputError) as refused:
        read_settings(text, unreadable="workflow_unreadable")
    assert refused.value.code == "workflow_unreadable"


@pytest.mark.parametrize("load", [load_workflow, load_policy, load_calendar])
def test_each_kind_of_file_reads_safely(load: object) -> None:
    with pytest.raises(InputError):
        load(BOMB)  # type: ignore[operator]


@pytest.mark.parametrize("text", ["", "- a", "1", "states: 3", "states: {A: nonsense}", "unknown: 1", "version: 0"])
def test_a_workflow_of_the_wrong_shape_says_what_belongs_there(text: str) -> None:
    with pytest.raises(InputError) as refused:
        load_workflow(text)
    assert refused.value.code == "workflow_invalid"
