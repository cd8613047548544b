"""Git histories: by hand, written by git itself, against brute force on a real one, then broken and forged."""

from __future__ import annotations

import csv
import gzip
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.pegel.sources.accounts import read_whole

from pegel.errors import InputError
from pegel.eventlog import schema
from pegel.eventlog.batch import Batch, EventSource
from pegel.sources.formats import ReadOptions, all_formats
from pegel.sources.git_history import FORMATS, graph
from pegel.sources.git_history.commits import Commit
from pegel.sources.git_history.graph import Graph
from pegel.sources.reading import read_head

SAMPLES = Path(os.environ.get("PEGEL_SAMPLE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
_REAL = SAMPLES / "releases-lighthouse"
_HOUR = schema.HOUR_US
_LOG, _TABLE = FORMATS


def _hash(number: int) -> str:
    return f"{number:08x}" + "0" * 32


def _at(hour: int) -> str:
    """Hours after 1970 began, as git writes a time."""
    return f"1970-01-{1 + hour // 24:02d}T{hour % 24:02d}:00:00+00:00"


def _line(number: int, parents: tuple[int, ...], hours: tuple[int, int], subject: str, *references: str) -> str:
    """One commit: hours of authoring and committing."""
    fields = [_hash(number), " ".join(map(_hash, parents)), *map(_at, hours), "Ann <ann@example.org>"]
    return "\t".join([*fields, *references, subject])


def _open(path: Path, *lines: str, **options: Any) -> EventSource:
    path.write_bytes("\n".join(lines).encode())
    return _LOG.open(path, ReadOptions(**options))


def _steps(batch: Batch) -> list[tuple[str, int, str]]:
    """(item, of requests without the hash, hour, state) in the order of the log."""
    rows = batch.transitions.sort("item", "at_us", "sequence").select("item", "at_us", "to_state").rows()
    return [(item.partition(" ")[0], at_us // _HOUR, state) for item, at_us, state in rows]


#: 1 and 2 on the main branch; 3 and 4 (with 2 merged into it) on a branch, merged by 5; 6 squashed; 7 a plain merge.
_HISTORY = (
    (7, (6, 2), (40, 40), "Merge branch 'old'"),
    (6, (5,), (38, 38), "Tidy up (#13)"),
    (5, (2, 4), (30, 31), "Merge pull request #12 from ann/door"),
    (4, (3, 2), (20, 21), "Merge branch 'main' into door"),
    (3, (1,), (10, 25), "Add a door"),
    (2, (1,), (9, 9), "Fix the roof (see #3)"),
    (1, (), (1, 2), "Begin"),
)


def test_requests_and_commits_by_hand(tmp_path: Path) -> None:
    source = _open(tmp_path / "house.log", *(_line(*one) for one in _HISTORY))
    assert _LOG.recognise(read_head(tmp_path / "house.log")) > 0.9
    batch, fates = read_whole(source)
    requests = [step for step in _steps(batch) if step[0].startswith("#")]
    assert requests == [("#12", 10, "Coding"), ("#12", 31, "Merged"), ("#13", 38, "Coding"), ("#13", 38, "Merged")]
    # 1 and 2 are items of their own; 4 belongs to the request; the plain merge 7 is no work.
    assert fates == {"accepted": 5, "merged": 1, "ignored": 1}
    assert batch.ignored == {"merge_without_request": 1}
    assert batch.items.select("stream", "type", "title").unique().sort("type").rows() == [
        ("house", "commit", None),
        ("house", "pull_request", None),
    ]
    info = source.info()
    assert info.state_hints == {"Coding": "active", "Merged": "done", "Committed": "done"}
    assert info.notes == {"requests": "2", "single_commits": "2", "code_history_only": ""}
    assert set(batch.transitions["actor"]) == {"Ann <ann@example.org>"}
    assert "Ann" not in str(batch.items)


def test_titles_only_where_switched_on(tmp_path: Path) -> None:
    batch, _ = read_whole(
        _open(tmp_path / "a.log", _line(1, (), (1, 2), "Begin\twith a tab"), titles=True, stream="House")
    )
    assert batch.items.select("stream", "title").rows() == [("House", "Begin\twith a tab")]


def test_releases_from_tags(tmp_path: Path) -> None:
    # v1 stands at 2 and holds 1; v2 at 5 holds the request; 6 is in no release yet.
    tags = {5: "HEAD -> main, tag: v2", 2: "tag: v1"}
    lines = [
        _line(number, parents, hours, subject, tags.get(number, "")) for number, parents, hours, subject in _HISTORY
    ]
    source = _open(tmp_path / "a.log", *lines)
    batch, _ = read_whole(source)
    released = batch.transitions.filter(pl.col("to_state") == "Released")
    assert sorted(released.select("from_state", pl.col("at_us") // _HOUR).rows()) == [
        ("Committed", 9),
        ("Committed", 9),
        ("Merged", 31),
    ]
    assert source.info().state_hints == {
        "Coding": "active",
        "Merged": "waiting",
        "Committed": "waiting",
        "Released": "done",
    }


def test_a_number_in_different_subjects_is_a_reference(tmp_path: Path) -> None:
    history = (
        (5, (4,), (50, 50), "Fix (#2)"),  # a backport: the same subject
        (4, (3,), (40, 40), "Fix (#2)"),
        (3, (2,), (30, 30), "More of it (#1)"),
        (2, (1,), (20, 20), "Part of it (#1)"),
        (1, (), (1, 2), "Begin"),
    )
    batch, fates = read_whole(_open(tmp_path / "a.log", *(_line(*one) for one in history)))
    assert [step for step in _steps(batch) if step[0].startswith("#")] == [("#2", 40, "Coding"), ("#2", 40, "Merged")]
    assert batch.warnings == {"number_is_reference": 2}
    assert fates == {"accepted": 4, "merged": 1}


def test_a_merge_of_a_whole_branch_leaves_its_requests_alone(tmp_path: Path) -> None:
    # 4 merges a development branch with the squashed request 2 and the commit 3.
    history = (
        (4, (1, 3), (40, 41), "Merge pull request #50 from house/develop"),
        (3, (2,), (30, 31), "Paint"),
        (2, (1,), (20, 21), "Door (#40)"),
        (1, (), (1, 2), "Begin"),
    )
    batch, _ = read_whole(_open(tmp_path / "a.log", *(_line(*one) for one in history)))
    assert [step for step in _steps(batch) if step[0].startswith("#")] == [
        ("#40", 20, "Coding"),
        ("#40", 21, "Merged"),
        ("#50", 30, "Coding"),
        ("#50", 41, "Merged"),
    ]


def test_a_log_cut_off_says_what_is_missing(tmp_path: Path) -> None:
    source = _open(tmp_path / "a.log", _line(5, (2, 4), (30, 31), "Merge pull request #12 from ann/door"))
    batch, _ = read_whole(source)
    assert _steps(batch) == [("#12", 31, "Merged")]
    assert batch.warnings == {"branch_unknown": 1}
    assert source.info().notes["parents_missing"] == "1"


def test_nul_between_fields_and_between_records(tmp_path: Path) -> None:
    plain, _ = read_whole(_open(tmp_path / "a.log", *(_line(*one) for one in _HISTORY)))
    fields, _ = read_whole(_open(tmp_path / "b.log", *(_line(*one).replace("\t", "\0") for one in _HISTORY)))
    assert _steps(fields) == _steps(plain)
    body = "\n\nTells\ta lot\n\nSee merge request house/main!77\n"
    records = "\0".join(_line(*one) + (body if one[0] == 7 else "\n") for one in _HISTORY)
    source = _open(tmp_path / "c.log", records, titles=True)
    assert _LOG.recognise(read_head(tmp_path / "c.log")) > 0.9
    batch, fates = read_whole(source)
    assert [step for step in _steps(batch) if step[0].startswith("!")] == [("!77", 40, "Merged")]
    assert "Tells" not in str(batch.items["title"].to_list())
    assert fates.total() == len(_HISTORY)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize(
    "form",
    ["%H%x09%P%x09%aI%x09%cI%x09%an <%ae>%x09%s", "%H%x09%P%x09%aI%x09%cI%x09%an <%ae>%x09%D%x09%s"],
    ids=["without tags", "with tags"],
)
@pytest.mark.parametrize("separator", [(), ("-z",)], ids=["lines", "nul"])
def test_what_git_itself_writes(tmp_path: Path, form: str, separator: tuple[str, ...]) -> None:
    def git(*words: str, hour: int = 0) -> str:
        clock = f"{1_000_000_000 + hour * 3600} +0200"
        environment = {
            **os.environ, "GIT_AUTHOR_DATE": clock, "GIT_COMMITTER_DATE": clock, "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
        }  # fmt: skip
        command = ["git", "-c", "user.name=Änn", "-c", "user.email=a@b", "-c", "commit.gpgsign=false", *words]
        done = subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
        return done.stdout.decode()

    git("init", "-q", "-b", "main")
    git("commit", "--allow-empty", "-m", "Begin", hour=1)
    git("checkout", "-q", "-b", "door")
    git("commit", "--allow-empty", "-m", "Add a door, a\ttab", hour=2)
    git("commit", "--allow-empty", "-m", "Paint it", hour=3)
    git("checkout", "-q", "main")
    git("commit", "--allow-empty", "-m", "Roof", hour=4)
    git("merge", "-q", "--no-ff", "door", "-m", "Merge pull request #1 from a/door", hour=5)
    git("tag", "v1.0")
    log = git("log", *separator, "--all", "--date-order", f"--pretty=format:{form}")
    batch, fates = read_whole(_open(tmp_path / "out.log", log))
    start = 1_000_000_000 * schema.SECOND_US
    request = [
        ((at_us - start) // _HOUR, state)
        for item, at_us, state in batch.transitions.sort("at_us", "sequence").select("item", "at_us", "to_state").rows()
        if item.startswith("#1 ")
    ]
    expected = [(2, "Coding"), (5, "Merged")] + ([(5, "Released")] if "%D" in form else [])
    assert request == expected
    assert fates == {"accepted": 4, "merged": 1}
    merge = git("rev-parse", "main").strip()
    assert f"#1 {merge[:12]}" in batch.items["item"].to_list()


def test_broken_records_are_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = _line(1, (), (1, 2), "Begin")
    monkeypatch.setattr("pegel.sources.git_history.log_text._LONGEST_RECORD", 5_000)
    monkeypatch.setattr("pegel.sources.git_history.log_text._CHUNK", 1_000)
    lines = [
        good,
        good,
        good.replace("Ann", "Bob"),
        "",
        "just words",
        good.replace(_hash(1), "xyz"),
        _line(2, (1,), (1, 2), "x").replace(_at(1), "yesterday"),
        _line(3, (1,), (1, 2), "x").replace(_at(1), "9999-01-01T00:00:00Z"),
        _line(4, (1,), (1, 2), "x" * 20_000),
        _line(5, (1,), (9, 8), "ok"),
    ]
    batch, fates = read_whole(_open(tmp_path / "a.log", *lines))
    assert batch.rejects.sort("row").select("row", "reason").rows() == [
        (3, "item_repeated"),
        (4, "wrong_number_of_cells"),
        (5, "commit_id_unreadable"),
        (6, "unreadable_time"),
        (7, "time_out_of_range"),
        (8, "cell_too_large"),
    ]
    assert fates == {"accepted": 2, "duplicate": 1, "rejected": 6}
    assert batch.warnings == {"authored_after_commit": 1}
    assert "Bob" not in str(batch.rejects)


def test_forged_histories_come_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    circle = [_line(number, (number % 50 + 1, (number + 7) % 50 + 1), (1, 2), f"Merge pull request #{number} from x")
              for number in range(1, 51)]  # fmt: skip
    _, fates = read_whole(_open(tmp_path / "a.log", *circle, _line(99, (99,), (1, 2), "its own parent")))
    assert fates.total() == 51
    monkeypatch.setattr(graph, "_MOST_STEPS", 0)
    lines = [_line(*one) for one in _HISTORY]
    lines += [_line(9, (7, 8), (60, 60), "Merge pull request #14 from x/y"), _line(8, (1,), (50, 50), "Late")]
    batch, fates = read_whole(_open(tmp_path / "b.log", *lines))
    assert batch.warnings == {"branch_too_long": 1, "branch_unknown": 1}
    assert fates.total() == 9


def test_tabs_in_a_subject_are_no_references(tmp_path: Path) -> None:
    lines = [_line(1, (), (1, 2), "Begin\twith a tab"), _line(2, (1,), (3, 4), "plain")]
    batch, _ = read_whole(_open(tmp_path / "a.log", *lines, titles=True))
    assert batch.items["title"].to_list() == ["Begin\twith a tab", "plain"]


def test_not_a_log(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _open(tmp_path / "a.log", "commit 8666a17831e69b80e05fbe23e1d383be5db42539", "Author: Ann")
    assert caught.value.code == "git_log_unreadable"


def _table(path: Path, *rows: str, **options: Any) -> EventSource:
    path.write_text("\n".join(rows) + "\n")
    return _TABLE.open(path, ReadOptions(**options))


def test_a_table_of_commits(tmp_path: Path) -> None:
    source = _table(
        tmp_path / "house.csv",
        "hash,author_date,commit_date,author,subject,pr,tags,released_at,files",
        "bbbbbbb2,1970-01-01T04:00Z,1970-01-01T05:00Z,Ann,x,12,,,3",
        "bbbbbbb1,1970-01-01T02:00Z,1970-01-01T03:00Z,Ann,y,12,v1,1970-01-01T09:00Z,4",
        "aaaaaaa3,1970-01-01T01:00Z,1970-01-01T01:00Z,Bob,z,,,1970-01-01T08:00Z,5",
        "nothing,1970-01-01T01:00Z,1970-01-01T01:00Z,Bob,z,,,,",
        "aaaaaaa4,1970-01-01T01:00Z,,Bob,z,,,,",
        attributes=("files",),
    )
    assert _TABLE.recognise(read_head(tmp_path / "house.csv")) > 0.9
    batch, fates = read_whole(source)
    # The request is only listed: coded from its first commit on, merged with its last, which no release holds yet.
    assert _steps(batch) == [
        ("#12", 2, "Coding"),
        ("#12", 5, "Merged"),
        ("aaaaaaa3", 1, "Coding"),
        ("aaaaaaa3", 1, "Committed"),
        ("aaaaaaa3", 8, "Released"),
    ]
    assert batch.items["attributes"].to_list() == ['{"files": "3"}', '{"files": "5"}']
    assert batch.rejects["reason"].to_list() == ["commit_id_unreadable", "unreadable_time"]
    assert fates == {"accepted": 3, "rejected": 2}
    assert source.info().left_out == ("subject",)
    with pytest.raises(InputError) as caught:
        _table(tmp_path / "b.csv", "hash,subject", "aaaaaaa1,x")
    assert caught.value.code == "columns_missing"


def test_other_formats_do_not_claim_such_files(tmp_path: Path) -> None:
    _open(tmp_path / "a.log", *(_line(*one) for one in _HISTORY))
    _table(
        tmp_path / "a.csv", "sha,parents,authored_at,committed_at,author,subject", f"{_hash(1)},,{_at(1)},{_at(2)},A,b"
    )
    for path, mine in ((tmp_path / "a.log", _LOG), (tmp_path / "a.csv", _TABLE)):
        head = read_head(path)
        assert mine.recognise(head) > 0.9
        others = [one for one in (*FORMATS, *all_formats()) if one.name != mine.name]
        assert {one.name for one in others if one.recognise(head) > 0.8} == set()


_needs_sample = pytest.mark.skipif(not _REAL.exists(), reason="needs the public sample data")


@_needs_sample
def test_branches_are_those_of_brute_force() -> None:
    with gzip.open(_REAL / "commits.csv.gz", "rt", encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    commits = [Commit(row, one["sha"], tuple(one["parents"].split()), 0, 0) for row, one in enumerate(rows, start=1)]
    history = Graph(commits)
    place = {commit.hash: number for number, commit in enumerate(commits)}
    ancestors = [0] * len(commits)  # sets of places as bits
    for number in history.oldest_first():
        ancestors[number] = 1 << number
        for parent in commits[number].parents:
            ancestors[number] |= ancestors[place[parent]]
    merges = [number for number, commit in enumerate(commits) if commit.is_merge]
    assert len(merges) == 1620  # the data set's README
    for number in merges:
        first, *others = (ancestors[place[parent]] for parent in commits[number].parents)
        expected = others[0] & ~first
        assert sum(1 << one for one in history.branch_of(number)) == expected


@_needs_sample
def test_lead_times_of_a_real_repository(tmp_path: Path) -> None:
    # README: "Lead time of a commit = creation of the first release tag that reaches it, minus `authored_at`".
    commits = pl.read_csv(_REAL / "commits.csv.gz", infer_schema=False)
    tags = pl.read_csv(_REAL / "tags.csv", infer_schema=False).unique("commit", keep="first", maintain_order=True)
    joined = commits.join(tags.select(sha="commit", tag="tag", tagged_at="tag_created_at"), on="sha", how="left")
    path = tmp_path / "lighthouse.csv"
    joined.write_csv(path)
    source = _TABLE.open(path, ReadOptions(titles=True))
    batch, fates = read_whole(source)
    assert fates.total() == 7603
    assert fates["rejected"] == 0

    places = {sha: number for number, sha in enumerate(joined["sha"])}
    reached: dict[str, datetime] = {}
    for row in joined.filter(pl.col("tag").is_not_null()).sort("tagged_at").iter_rows(named=True):
        todo, at = [row["sha"]], datetime.fromisoformat(row["tagged_at"])
        while todo:
            sha = todo.pop()
            if sha not in reached or at < reached[sha]:
                reached[sha] = at
                todo += joined["parents"][places[sha]].split() if joined["parents"][places[sha]] else []
    wide = batch.transitions.pivot("to_state", index="item", values="at_us", aggregate_function="first")
    committed = {sha[:16]: sha for sha in joined["sha"]}
    checked = 0
    for item, released_us, committed_us in wide.select("item", "Released", "Committed").rows():
        if committed_us is None:
            continue
        at = reached.get(committed[item])
        assert released_us == (None if at is None else max(schema.to_us(at), committed_us))
        checked += at is not None
    assert checked > 4000
