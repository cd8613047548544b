"""An export that is read back gives the same transitions, the same intervals and the same figures."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pegel.eventlog.workflow import load_workflow
from pegel.exports import export_log, xes
from pegel.lake.store import create_lake
from pegel.sources import activities
from pegel.workbench import import_file
from pegel.worlds.company import company
from tests.pegel.exports.lakes import (
    DAY_US,
    SEEN_AT,
    Rows,
    figures_of,
    intervals_of,
    lake_of,
    read_back,
    transitions_of,
)
from tests.pegel.flow import histories

#: Read as the lifecycle, this attribute gives every state of an XES export back as it was.
AS_STATES = {"lifecycle": "state_lifecycle"}
HOUR_US = histories.HOUR_US
POLICIES = ["first_active_to_last_done", "commitment_to_done"]
MEANINGS = histories.workflow()
HOSTILE = [
    'says "so"',
    "two\nlines",
    "Größe ẞ 木 🚚",
    "]]>",
    "<event>&amp;",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@x",
    "a,b;c\td|e",
    "'",
    "line\u2028separator",
    "nbsp\u00a0zwj\u200d",
    "after lunch",
    "before noon",
    "NA",
    "start",
    "complete",
]
PRINTABLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
names = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=9
    )
    .map(str.strip)
    .filter(bool),
)

CREATED = st.one_of(st.none(), st.integers(0, 100).map(lambda hour: hour * HOUR_US))
RESTORED = st.tuples(histories.items, histories.hours, st.just("deleted"), st.just("true"), st.just("false"))


@st.composite
def worlds(draw: st.DrawFn) -> Rows:
    """A few items with hostile names, in two streams, that move, are changed and deleted."""
    ids = draw(st.lists(names, min_size=6, max_size=6, unique=True))
    # A type that is taken away cannot be said in a table whose empty cells mean "not said".
    edits = [edit for edit in draw(histories.changes) if edit[2] != "type" or edit[4] is not None]
    # Nothing can be restored before it has been somewhere.
    restored = draw(st.lists(RESTORED, max_size=2))
    begun = [(edit[0], 0, "Idea") for edit in restored]
    edits += restored
    about = {
        ids[number - 1]: {
            "stream": histories.STREAMS[number % 2],
            "type": histories.TYPES[number % 4],
            "parent": ids[0] if number == 3 else None,
            "created_us": draw(CREATED),
        }
        for number in range(1, 7)
    }
    for number in range(1, 7):
        # Two changes in the very moment an item begins are one beginning for a reader.
        if sum(edit[0] == number for edit in edits) > 1:
            about[ids[number - 1]]["created_us"] = 0
    moves = [(ids[item - 1], hour * HOUR_US + 1, state) for item, hour, state in [*begun, *draw(histories.transitions)]]
    return Rows(
        items=about | {"last": {"stream": "North"}},
        # The lake takes the last transition for its latest moment, even if something is created or deleted later.
        moves=[*moves, ("last", 120 * HOUR_US, "Idea")],
        changes=[(ids[item - 1], hour * HOUR_US + 1, *rest) for item, hour, *rest in edits],
        actor=draw(st.sampled_from([None, "Ann"])),
        from_state=draw(st.sampled_from([None, "Idea"])),
    )


@given(world=worlds(), as_of_hour=st.integers(0, 110), whole=st.booleans(), policy=st.sampled_from(POLICIES))
def test_csv_read_back_gives_the_same_intervals_and_figures(
    world: Rows, as_of_hour: int, whole: bool, policy: str
) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        lake = lake_of(root / "lake", world)
        export_log(lake, root / "log.csv", format="csv")
        again = read_back(root / "log.csv", root / "again", format="csv.transitions")
        assert intervals_of(again) == intervals_of(lake)
        asked = {"as_of_us": as_of_hour * HOUR_US, "streams": None if whole else lake.streams()[:1], "policy": policy}
        figures = figures_of(lake, lambda stream: MEANINGS, **asked)
        assert figures_of(again, lambda stream: MEANINGS, **asked) == figures


@given(world=worlds())
def test_xes_read_back_gives_the_same_transitions(world: Rows) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        lake = lake_of(root / "lake", world)
        export_log(lake, root / "log.xes", format="xes")
        again = read_back(root / "log.xes", root / "again", format="xes", columns=AS_STATES)
        # What a log of events cannot say twice: the same state by the same person at the same moment, one by one.
        assert _once(transitions_of(again)) == _once(transitions_of(lake))


def _once(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [row for number, row in enumerate(rows) if not number or row != rows[number - 1]]


#: Control characters in more than two of a hundred places make a file binary for the reader.
BELL = "bell \x01 " + "long enough not to be taken for a binary file " * 2 + "."


@pytest.mark.parametrize("hostile", [*HOSTILE, BELL])
def test_hostile_names_come_back_as_they_are(hostile: str, tmp_path: Path) -> None:
    moves = [(f"{hostile} {item}", day * DAY_US, hostile + "!" * day) for item in (1, 2) for day in range(3)]
    # As a type, a word for "unknown" would be read as none; the remark that says so has a test of its own.
    kind = "kind" if hostile == "NA" else hostile
    about = {item: {"stream": f"{hostile} S", "type": kind, "parent": "P", "created_us": 0} for item, _, _ in moves}
    lake = lake_of(tmp_path / "lake", Rows(items=about, moves=moves))
    export_log(lake, tmp_path / "log.csv", format="csv")
    again = read_back(tmp_path / "log.csv", tmp_path / "again", format="csv.transitions")
    assert transitions_of(again) == transitions_of(lake)
    assert intervals_of(again) == intervals_of(lake)
    export_log(lake, tmp_path / "log.xes", format="xes")
    columns = {**AS_STATES, "stream": "stream", "type": "type", "created": "created"}
    again = read_back(tmp_path / "log.xes", tmp_path / "xes", format="xes", columns=columns)
    wanted = [tuple(_as_in_xml(value) for value in row) for row in intervals_of(lake)]
    assert intervals_of(again) == wanted


def _as_in_xml(value: Any) -> Any:
    return value.replace("\x01", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def test_xes_of_states_read_plainly_gives_what_comes_after_them(tmp_path: Path) -> None:
    lake = lake_of(tmp_path / "lake", Rows(items={"A": {}}, moves=[("A", 0, "Open"), ("A", DAY_US, "after lunch")]))
    export_log(lake, tmp_path / "log.xes", format="xes")
    again = read_back(tmp_path / "log.xes", tmp_path / "again", format="xes")
    assert transitions_of(again) == [("A", 0, "after Open"), ("A", DAY_US, "after after lunch")]


ACTIVITIES = """case,activity,timestamp,resource
A,Submit,2026-01-05T08:00,Ann
A,Check,2026-01-06T08:00,Bob
A,Pay,2026-01-09T08:00,Bob
B,Submit,2026-01-06T08:00,Ann
B,Check,2026-01-06T09:30,Bob
"""
PAIRS = """case,activity,lifecycle,timestamp
A,Check,schedule,2026-01-04T08:00
A,Check,start,2026-01-05T08:00
A,Check,complete,2026-01-06T08:00
A,Pay,start,2026-01-07T08:00
A,Pay,complete,2026-01-09T08:00
B,Check,start,2026-01-06T08:00
B,Pay,complete,2026-01-08T08:00
"""
CLAIMS = load_workflow(
    """
workflow: claims
states: {after Submit: waiting, before Check: waiting, Check: active, after Check: active, Pay: active, after Pay: done}
"""
)


@pytest.mark.parametrize(("text", "finished"), [(ACTIVITIES, 1), (PAIRS, 2)], ids=["activities", "pairs"])
def test_activity_logs_come_back_with_their_states_and_figures(text: str, finished: int, tmp_path: Path) -> None:
    (tmp_path / "claims.csv").write_text(text, encoding="utf-8")
    lake = create_lake(tmp_path / "lake")
    import_file(lake, tmp_path / "claims.csv", seen_at=SEEN_AT)
    export_log(lake, tmp_path / "log.csv", format="csv")
    export_log(lake, tmp_path / "log.xes", format="xes")
    at_us = int(SEEN_AT.timestamp() * 1_000_000)
    figures = figures_of(lake, lambda stream: CLAIMS, as_of_us=at_us)
    assert figures["flow_time"]["n"] == finished
    for file, options in (
        ("log.csv", {"format": "csv.transitions"}),
        ("log.xes", {"format": "xes"}),
        ("log.xes", {"format": "xes", "columns": AS_STATES if text is PAIRS else {"stream": "stream"}}),
    ):
        again = read_back(tmp_path / file, tmp_path / f"again-{len(list(tmp_path.iterdir()))}", **options)
        assert transitions_of(again) == transitions_of(lake)
        assert figures_of(again, lambda stream: CLAIMS, as_of_us=at_us) == figures


def test_prefixes_are_those_of_the_import() -> None:
    assert (activities.after(""), activities.before("")) == (xes.AFTER, xes.BEFORE)


def test_of_the_same_moment_the_earlier_import_comes_first(tmp_path: Path) -> None:
    # Sequences count within an import: 4 and 2 here. The second import knows of both moments as well.
    first = Rows(items={"A": {}, "B": {}, "C": {}}, moves=[("A", 5, "Ready")])
    second = Rows(items={"A": {}}, moves=[("A", 5, "Doing")])
    lake = lake_of(tmp_path / "lake", first, second)
    assert [row[3] for row in intervals_of(lake)] == ["Ready", "Doing"]
    export_log(lake, tmp_path / "log.csv", format="csv")
    again = read_back(tmp_path / "log.csv", tmp_path / "again", format="csv.transitions")
    assert intervals_of(again) == intervals_of(lake)


def test_a_whole_company_comes_back_with_its_figures(tmp_path: Path) -> None:
    world = company(items=400, seed=3, until=datetime(2026, 5, 1, tzinfo=UTC))
    lake = create_lake(tmp_path / "lake")
    at_us = int(SEEN_AT.timestamp() * 1_000_000)
    lake.import_source(world.source(), file="company", fingerprint="c" * 64, seen_us=at_us)
    export_log(lake, tmp_path / "log.csv.gz", format="csv")
    again = create_lake(tmp_path / "again")
    # Without naming the format: what it is must be seen from its first rows.
    assert import_file(again, tmp_path / "log.csv.gz", seen_at=SEEN_AT).source == "csv.transitions"
    assert intervals_of(again) == intervals_of(lake)
    figures = figures_of(lake, world.workflow, as_of_us=at_us)
    assert figures["flow_time"]["n"] > 100
    assert figures_of(again, world.workflow, as_of_us=at_us) == figures
