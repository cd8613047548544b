"""Files appear whole or not at all, and never in place of something else."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pegel.errors import PegelError
from pegel.exports import FORMATS, ExportFormat, export_log
from pegel.exports.target import new_file, new_folder
from pegel.lake.store import Lake
from tests.pegel.exports.lakes import DAY_US, Rows, lake_of


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    # Many names, so that the file is larger than any buffer.
    moves = [(f"item {number} {'x' * 300}", number * DAY_US, "Open") for number in range(1000)]
    return lake_of(tmp_path / "lake", Rows(items={item: {} for item, _, _ in moves}, moves=moves))


def refused(lake: Lake, path: Path, format: ExportFormat = "csv", **options: bool) -> tuple[str, int]:  # noqa: A002
    with pytest.raises(PegelError) as caught:
        export_log(lake, path, format=format, **options)  # type: ignore[arg-type]  # handed on
    return caught.value.code, caught.value.exit_code


@pytest.mark.parametrize("format_name", FORMATS)
def test_nothing_is_overwritten_unasked(lake: Lake, tmp_path: Path, format_name: ExportFormat) -> None:
    path = tmp_path / "log"
    export_log(lake, path, format=format_name, readme="first")
    before = sorted(path.iterdir()) if path.is_dir() else path.read_bytes()
    assert refused(lake, path, format_name) == ("export_exists", 2)
    again = export_log(lake, path, format=format_name, overwrite=True, readme="first")
    assert again.items == 1000
    assert (sorted(path.iterdir()) if path.is_dir() else path.read_bytes()) == before
    assert {one.name for one in tmp_path.iterdir()} == {"lake", "log"}


def test_other_things_are_not_replaced(lake: Lake, tmp_path: Path) -> None:
    file, folder, empty = tmp_path / "file", tmp_path / "folder", tmp_path / "empty"
    file.write_text("mine")
    folder.mkdir()
    empty.mkdir()
    (folder / "thesis.txt").write_text("mine")
    assert refused(lake, folder, "csv", overwrite=True) == ("not_a_file", 3)
    assert refused(lake, Path("/dev/null"), "csv", overwrite=True) == ("not_a_file", 3)
    assert refused(lake, file, "parquet", overwrite=True) == ("not_a_folder", 3)
    assert refused(lake, folder, "parquet", overwrite=True) == ("export_folder_foreign", 2)
    assert refused(lake, folder, "parquet") == ("export_exists", 2)
    assert (folder / "thesis.txt").read_text() == "mine"
    assert export_log(lake, empty, format="parquet").items == 1000


def test_the_lake_takes_no_exports(lake: Lake, tmp_path: Path) -> None:
    for path in (
        lake.root,
        lake.root / "log.csv",
        lake.root / "items" / "log",
        tmp_path / "lake" / ".." / "lake" / "x",
    ):
        assert refused(lake, path) == ("export_inside_lake", 2)


def test_the_folder_must_be_there(lake: Lake, tmp_path: Path) -> None:
    assert refused(lake, tmp_path / "none" / "log.csv") == ("no_such_folder", 5)
    (tmp_path / "file").write_text("")
    assert refused(lake, tmp_path / "file" / "log.csv") == ("no_such_folder", 5)


def test_a_link_is_followed(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "real" / "log.csv")
    export_log(lake, tmp_path / "link.csv", format="csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real" / "log.csv").stat().st_size > 100_000


@contextmanager
def full_disk(at_bytes: int) -> Iterator[None]:
    """Let every file end at some bytes, as on a disk that is full then."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (at_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_full_disk_leaves_what_was_there(lake: Lake, tmp_path: Path, format_name: ExportFormat) -> None:
    path = tmp_path / "log"
    if format_name != "parquet":
        path.write_text("the older export")
    with full_disk(1000):
        assert refused(lake, path, format_name, overwrite=True) == ("path_unusable", 3)
    assert path.exists() == (format_name != "parquet")
    assert format_name == "parquet" or path.read_text() == "the older export"
    assert {one.name for one in tmp_path.iterdir()} <= {"lake", "log"}


def test_an_interruption_leaves_what_was_there(tmp_path: Path) -> None:
    file, folder = tmp_path / "log.csv", tmp_path / "log"
    file.write_text("older")
    folder.mkdir()
    (folder / "README.txt").write_text("older")

    def write_half_a_file() -> None:
        with new_file(file) as opened:
            opened.write(b"half")
            raise KeyboardInterrupt

    def write_half_a_folder() -> None:
        with new_folder(folder) as made:
            (made / "README.txt").write_text("half")
            raise KeyboardInterrupt

    for write in (write_half_a_file, write_half_a_folder):
        with pytest.raises(KeyboardInterrupt):
            write()
    assert (file.read_text(), (folder / "README.txt").read_text()) == ("older", "older")
    assert {one.name for one in tmp_path.iterdir()} == {"log.csv", "log"}
