"""Saved answers of Bugzilla: bugs by hand with their history, then shapes, links, repeated and broken records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.pegel.sources.accounts import read_whole

from pegel.errors import InputError
from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, EventSource
from pegel.sources.bugzilla import FORMAT
from pegel.sources.formats import ReadOptions, all_formats
from pegel.sources.reading import read_head

_HOUR = schema.HOUR_US


def _at(hour: int) -> str:
    """Hours after 1970 began, as Bugzilla writes a time."""
    return f"1970-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z"


def _bug(number: int, hour: int, status: str, resolution: str = "", **more: Any) -> dict[str, Any]:
    bug = {"id": number, "creation_time": _at(hour), "status": status, "resolution": resolution, "product": "Core"}
    return {**bug, "component": "Layout", "severity": "normal", "creator": "rae@example.org", **more}


def _entry(hour: int, *changes: tuple[str, str, str], who: str = "ann@example.org") -> dict[str, Any]:
    named = [{"field_name": field, "removed": removed, "added": added} for field, removed, added in changes]
    return {"when": _at(hour), "who": who, "changes": named}


def _history(number: int, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "alias": [], "history": list(entries)}


def _bugs(*records: Any) -> dict[str, Any]:
    return {"bugs": list(records)}


def _open(path: Path, *documents: Any, **options: Any) -> EventSource:
    path.write_text("\n".join(json.dumps(one) for one in documents))
    return FORMAT.open(path, ReadOptions(**options))


def _steps(batch: Batch) -> list[tuple[str, int, str | None, str]]:
    """(item, hour, from, to) in the order of the log."""
    frame = batch.transitions.sort("item", "at_us", "sequence")
    return [
        (item, at_us // _HOUR, before, after)
        for item, at_us, before, after in frame.select("item", "at_us", "from_state", "to_state").rows()
    ]


_FIXED = (
    _entry(10, ("status", "NEW", "ASSIGNED"), ("assigned_to", "nobody", "ann@example.org"), ("cc", "", "x@y")),
    _entry(15, ("flagtypes.name", "", "needinfo?(bob@example.org)"), ("priority", "--", "P1")),
    _entry(20, ("status", "ASSIGNED", "RESOLVED"), ("resolution", "", "FIXED")),
)


def test_a_bug_with_its_history_by_hand(tmp_path: Path) -> None:
    # Filed at 8 h as NEW (what the first change of the status removed), assigned from 10 h, fixed at 20 h.
    path = tmp_path / "bugs.json"
    source = _open(path, _bugs(_bug(1, 8, "RESOLVED", "FIXED")), _bugs(_history(1, *_FIXED)))
    assert FORMAT.recognise(read_head(path)) > 0.9
    batch, fates = read_whole(source)
    assert _steps(batch) == [
        ("Bug 1", 8, None, "NEW"),
        ("Bug 1", 10, "NEW", "ASSIGNED"),
        ("Bug 1", 20, "ASSIGNED", "RESOLVED"),
    ]
    assert batch.items.select("item", "stream", "type", "created_us", "title").rows() == [
        ("Bug 1", "Core", "defect", 8 * _HOUR, None)
    ]
    assert batch.field_changes.select("field", "from_value", "to_value").rows() == [
        ("assignee", "nobody", "ann@example.org"),
        ("flag", None, "needinfo?"),
        ("priority", "--", "P1"),
    ]
    assert fates == {"accepted": 2}
    info = source.info()
    assert (info.log_kind, info.notes) == ("states", {})
    assert info.state_hints == {"NEW": "new", "ASSIGNED": "active", "RESOLVED": "done"}
    assert "bob@example.org" not in str(batch)
    assert "rae@example.org" not in str(batch)


def test_the_history_may_come_first(tmp_path: Path) -> None:
    bug, history = _bugs(_bug(1, 8, "RESOLVED", "FIXED")), _bugs(_history(1, *_FIXED))
    first, _ = read_whole(_open(tmp_path / "a.json", bug, history))
    second, fates = read_whole(_open(tmp_path / "b.json", history, bug, batch_rows=1))
    assert _steps(second) == _steps(first)
    assert fates == {"accepted": 2}


def test_resolutions_are_a_part_of_the_state(tmp_path: Path) -> None:
    # Closed without a fix, confirmed as such, reopened, then called a duplicate, at last another resolution.
    history = _history(
        7,
        _entry(10, ("status", "UNCONFIRMED", "RESOLVED"), ("resolution", "", "WONTFIX")),
        _entry(11, ("status", "RESOLVED", "VERIFIED")),
        _entry(12, ("status", "VERIFIED", "REOPENED"), ("resolution", "WONTFIX", "")),
        _entry(13, ("resolution", "", "DUPLICATE"), ("status", "REOPENED", "RESOLVED")),
        _entry(14, ("resolution", "DUPLICATE", "FIXED")),
    )
    source = _open(tmp_path / "b.json", _bugs(_bug(7, 9, "RESOLVED", "FIXED")), _bugs(history))
    batch, _ = read_whole(source)
    assert [after for _, _, _, after in _steps(batch)] == [
        "UNCONFIRMED",
        "RESOLVED (WONTFIX)",
        "VERIFIED (WONTFIX)",
        "REOPENED",
        "RESOLVED (DUPLICATE)",
        "RESOLVED",
    ]
    hints = source.info().state_hints
    assert {state: hints[state] for state in ("VERIFIED (WONTFIX)", "RESOLVED (DUPLICATE)", "RESOLVED")} == {
        "VERIFIED (WONTFIX)": "cancelled",
        "RESOLVED (DUPLICATE)": "cancelled",
        "RESOLVED": "done",
    }


def test_a_status_that_never_changed_is_that_of_today(tmp_path: Path) -> None:
    batch, fates = read_whole(_open(tmp_path / "b.json", _bugs(_bug(1, 8, "NEW")), _bugs(_history(1))))
    assert _steps(batch) == [("Bug 1", 8, None, "NEW")]
    assert fates == {"accepted": 1, "ignored": 1}
    assert batch.ignored == {"empty_changelog": 1}


def test_bugs_without_history_are_known_by_their_dates(tmp_path: Path) -> None:
    records = _bugs(_bug(1, 8, "RESOLVED", "INVALID", cf_last_resolved=_at(20)), _bug(2, 9, "ASSIGNED"))
    source = _open(tmp_path / "b.json", records)
    assert FORMAT.recognise(read_head(tmp_path / "b.json")) > 0.9
    batch, _ = read_whole(source)
    assert _steps(batch) == [
        ("Bug 1", 8, None, schema.CREATED_STATE),
        ("Bug 1", 20, schema.CREATED_STATE, "RESOLVED (INVALID)"),
        ("Bug 2", 9, None, schema.CREATED_STATE),
    ]
    assert json.loads(batch.items["attributes"][1]) == {"status": "ASSIGNED"}
    assert batch.warnings == {"no_state_history": 2}
    info = source.info()
    assert (info.log_kind, info.notes) == ("dates", {"no_state_history": "2"})
    assert info.state_hints[schema.CREATED_STATE] == "waiting"


def test_a_history_without_its_bug_is_kept(tmp_path: Path) -> None:
    batch, fates = read_whole(_open(tmp_path / "b.json", _bugs(_history(3, *_FIXED))))
    assert _steps(batch) == [
        ("Bug 3", 10, None, "NEW"),
        ("Bug 3", 10, "NEW", "ASSIGNED"),
        ("Bug 3", 20, "ASSIGNED", "RESOLVED"),
    ]
    assert batch.items.select("stream", "created_us").rows() == [("Bugzilla", None)]
    assert batch.warnings == {"bug_missing": 1}
    assert fates == {"accepted": 1}


def test_streams_and_types_change(tmp_path: Path) -> None:
    history = _history(1, _entry(10, ("product", "Toolkit", "Core")), _entry(11, ("severity", "enhancement", "normal")))
    documents = (_bugs(_bug(1, 8, "NEW")), _bugs(history))
    batch, _ = read_whole(_open(tmp_path / "b.json", *documents))
    assert batch.field_changes.select("field", "from_value", "to_value").rows() == [
        ("stream", "Toolkit", "Core"),
        ("severity", "enhancement", "normal"),
        ("type", "enhancement", "defect"),
    ]
    batch, _ = read_whole(_open(tmp_path / "b.json", *documents, stream="Mine"))
    assert set(batch.field_changes["field"]) == {"severity", "type"}
    assert batch.items["stream"].to_list() == ["Mine"]
    typed = (_bugs(_bug(1, 8, "NEW", type="task", summary="Secret")), _bugs(history))
    batch, _ = read_whole(_open(tmp_path / "b.json", *typed, titles=True))
    assert batch.items.select("type", "title").rows() == [("task", "Secret")]
    assert set(batch.field_changes["field"]) == {"severity", "stream"}


def test_links_wait_for_the_bug_that_they_begin_at(tmp_path: Path) -> None:
    records = _bugs(
        _bug(1, 8, "NEW", depends_on=[2, 9], blocks=[3]),
        _bug(2, 8, "NEW", blocks=[1]),
        _bug(3, 8, "RESOLVED", "DUPLICATE", dupe_of=2, depends_on=[1]),
    )
    history = _bugs(_history(1, _entry(12, ("depends_on", "", "2, 9"))))
    source = _open(tmp_path / "b.json", records, history)
    batch, _ = read_whole(source)
    assert set(batch.links.select("item", "kind", "other", "at_us").rows()) == {
        ("Bug 2", "blocks", "Bug 1", None),  # as bug 2 says it
        ("Bug 2", "blocks", "Bug 1", 12 * _HOUR),  # as bug 1 and its history say it
        ("Bug 1", "blocks", "Bug 3", None),
        ("Bug 3", "duplicates", "Bug 2", None),
    }
    assert source.info().notes == {"no_state_history": "2", "links_outside": "1"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param([_bugs(_bug(1, 8, "RESOLVED", "FIXED")), _bugs(_history(1, *_FIXED))], id="array of answers"),
        pytest.param(
            {"bugs": [_bug(1, 8, "RESOLVED", "FIXED")], "history": [_bugs(_history(1, *_FIXED))]}, id="object of both"
        ),
        pytest.param(
            {"bugs": _bugs(_bug(1, 8, "RESOLVED", "FIXED")), "history": [_history(1, *_FIXED)]}, id="answer inside"
        ),
        pytest.param([_bug(1, 8, "RESOLVED", "FIXED"), _history(1, *_FIXED)], id="array of records"),
        pytest.param({**_bug(1, 8, "RESOLVED", "FIXED"), "history": list(_FIXED)}, id="history inside the bug"),
    ],
)
def test_shapes(tmp_path: Path, content: Any) -> None:
    source = _open(tmp_path / "b.json", content)
    assert FORMAT.recognise(read_head(tmp_path / "b.json")) > 0.5
    batch, fates = read_whole(source)
    assert [after for _, _, _, after in _steps(batch)] == ["NEW", "ASSIGNED", "RESOLVED"]
    assert set(fates) == {"accepted"}
    assert batch.items.height == 1


def test_histories_that_overlap_are_told_once(tmp_path: Path) -> None:
    whole, part = _history(1, *_FIXED), _history(1, *_FIXED[1:])
    batch, fates = read_whole(
        _open(tmp_path / "b.json", _bugs(_bug(1, 8, "RESOLVED", "FIXED"), whole, whole), _bugs(part))
    )
    assert [after for _, _, _, after in _steps(batch)] == ["NEW", "ASSIGNED", "RESOLVED"]
    assert fates == {"accepted": 2, "duplicate": 2}
    assert batch.warnings == {"event_told_twice": 4}
    batch, fates = read_whole(_open(tmp_path / "c.json", _bugs(part, _bug(1, 8, "RESOLVED", "FIXED")), _bugs(whole)))
    assert [after for _, _, _, after in _steps(batch)] == ["NEW", "ASSIGNED", "RESOLVED"]
    assert fates == {"accepted": 3}


def test_broken_records_are_rejected(tmp_path: Path) -> None:
    records: list[Any] = [
        7,
        {"error": True, "code": 101},
        _history(0) | {"id": None},
        _bug(4, 8, "NEW", creation_time="soon"),
        _bug(5, 8, "x" * 600),
        _bug(6, 8, "NEW", product="p" * 501),
        {"id": 8, "history": [{"when": "never", "changes": []}, 3]},
        _history(9, {"when": _at(8), "who": None, "changes": [{"field_name": 3}, None]}),
        _history(10, _entry(9, ("status", "", ""))),
    ]
    batch, fates = read_whole(_open(tmp_path / "b.json", *records))
    assert batch.rejects.sort("row").select("row", "reason").rows() == [
        (1, "not_an_object"),
        (2, "no_bug_record"),
        (3, "item_missing"),
        (4, "unreadable_created"),
        (6, "name_too_long"),
        (7, "unreadable_history_entry"),
    ]
    assert fates == {"accepted": 1, "rejected": 6, "ignored": 2}
    assert fates.total() == len(records)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"bugs": [{"id": 1', "json_truncated"),
        ('{"bugs": [{"id": 1}}', "json_invalid"),
        ('{"bugs": [' + "[" * 100_000, "json_too_deep"),
    ],
)
def test_broken_files_end_in_an_error(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(InputError) as caught:
        list(FORMAT.open(tmp_path / "b.json", ReadOptions()).batches())
    assert caught.value.code == code


def test_other_formats_do_not_claim_such_files(tmp_path: Path) -> None:
    for number, document in enumerate((_bugs(_bug(1, 8, "NEW")), _bugs(_history(1, *_FIXED)))):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(document))
        others = [one for one in all_formats() if one.name != FORMAT.name]
        assert {one.name for one in others if one.recognise(read_head(path)) > 0.8} == set()
    (tmp_path / "jira.json").write_text('{"issues": [{"key": "A-1", "fields": {"status": {"name": "Open"}}}]}')
    assert FORMAT.recognise(read_head(tmp_path / "jira.json")) == 0.0
