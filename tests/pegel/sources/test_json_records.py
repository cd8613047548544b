"""Reading records out of saved JSON: shapes, limits, and that cutting the text anywhere changes nothing."""

from __future__ import annotations

import io
import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.errors import InputError
from pegel.sources import json_records
from pegel.sources.json_records import JsonRecords, Record

_ARRAYS = frozenset({"issues", "result", "incident"})


class _Dribble(io.StringIO):
    """Gives at most ``size`` characters at a time, whatever is asked for."""

    size = 1

    def read(self, size: int | None = -1, /) -> str:
        return super().read(self.size)


def _read(text: str, *, dribble: int = 0) -> list[Record]:
    stream = _Dribble(text) if dribble else io.StringIO(text)
    if dribble:
        stream.size = dribble  # type: ignore[attr-defined]
    return list(JsonRecords(stream, arrays=_ARRAYS))


def _values(text: str) -> list[object]:
    return [record.value for record in _read(text) if not record.page]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", []),
        ("  \n ", []),
        ("[]", []),
        ('{"issues": []}', []),
        ('{"issues": [{"key": "A"}, {"key": "B"}], "total": 2}', [{"key": "A"}, {"key": "B"}]),
        ('[{"issues": [{"key": "A"}]}, {"issues": [{"key": "B"}]}]', [{"key": "A"}, {"key": "B"}]),
        ('{"key": "A"}\n{"key": "B"}\n', [{"key": "A"}, {"key": "B"}]),
        ('{"issues": [{"key": "A"}]}{"issues": [{"key": "B"}]}', [{"key": "A"}, {"key": "B"}]),
        ('{"incident": {"result": [{"number": 1}]}, "other": 2}', [{"number": 1}]),
        ('{"issues": [1, "two", null, [3]]}', [1, "two", None, [3]]),
        ("[2.5, -1e5, 12]", [2.5, -1e5, 12]),
    ],
)
def test_shapes(text: str, values: list[object]) -> None:
    assert _values(text) == values


def test_page_members_come_after_their_records() -> None:
    records = _read('{"startAt": 0, "issues": [{"key": "A"}], "isLast": false}')
    assert [(record.name, record.value, record.page) for record in records] == [
        ("issues", {"key": "A"}, False),
        ("", {"startAt": 0, "isLast": False}, True),
    ]


def test_equal_records_share_their_digest_and_others_do_not() -> None:
    first, second, third = _read('[{"a": 1}, {"a": 1}, {"a": 2}]')
    assert first.digest == second.digest
    assert first.digest != third.digest


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"issues": [{"key": "A"}', "json_truncated"),
        ('{"issues": [{"key": "A', "json_truncated"),
        ("[nul", "json_truncated"),
        ('{"a": 1}}', "json_invalid"),
        ('{"a" 1}', "json_invalid"),
        ('{"a": 1,}', "json_invalid"),
        ("[1 2]", "json_invalid"),
        ("hello", "json_invalid"),
        ("9" * 5_000, "json_invalid"),
        ("[" * 200_000, "json_too_deep"),
        ('{"issues": [' + '{"a":' * 200_000, "json_too_deep"),
    ],
)
def test_broken_and_hostile_text_ends_in_a_code(text: str, code: str) -> None:
    with pytest.raises(InputError) as raised:
        _read(text)
    assert raised.value.code == code


def test_a_record_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "LARGEST_RECORD", 2_000_000)
    assert len(_values(json.dumps({"issues": ["x" * 900_000] * 5}))) == 5
    for text in (json.dumps({"issues": ["x" * 6_000_000]}), json.dumps({str(n): "x" * 100_000 for n in range(60)})):
        with pytest.raises(InputError) as raised:
            _read(text)
        assert raised.value.code == "json_record_too_large"


def test_half_a_surrogate_pair_becomes_a_character_that_can_be_written() -> None:
    [value] = _values('{"key": "\\ud83d\\ude00 \\ud800", "\\udc00": ["\\udfff"]}')
    assert value == {"key": "😀 \ufffd", "\ufffd": ["\ufffd"]}
    json.dumps(value, ensure_ascii=False).encode()


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(string.ascii_letters), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    pages=st.lists(st.lists(_json, max_size=4), max_size=3),
    size=st.integers(1, 7),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 1]),
)
def test_wherever_the_text_is_cut_the_records_are_the_same(
    pages: list[list[object]], size: int, ascii_only: bool, indent: int | None
) -> None:
    text = "\n".join(
        json.dumps({"startAt": 0, "issues": page}, ensure_ascii=ascii_only, indent=indent) for page in pages
    )
    records = _read(text, dribble=size)
    assert [record.value for record in records if not record.page] == [value for page in pages for value in page]
