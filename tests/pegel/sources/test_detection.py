from pathlib import Path

import pytest

from pegel.errors import InputError, NotFoundError
from pegel.sources.detection import detect, open_source
from pegel.sources.formats import ReadOptions

OPTIONS = ReadOptions()


def written(folder: Path, text: str, name: str = "input.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_table_of_transitions_is_detected_and_opened(tmp_path: Path) -> None:
    path = written(tmp_path, "id,date,status\nA,2026-01-01,Open\n")
    assert detect(path, OPTIONS)[0][0].name == "csv.transitions"
    assert sum(batch.transitions.height for batch in open_source(path, OPTIONS).batches()) == 1


@pytest.mark.parametrize(
    ("text", "code"), [("", "file_empty"), (" \n\n", "file_empty"), ("just words\n", "format_unknown")]
)
def test_what_cannot_be_opened(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        open_source(written(tmp_path, text), OPTIONS)
    assert caught.value.code == code


def test_a_named_format_is_taken_at_its_word(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,2\n")
    with pytest.raises(InputError, match="columns_missing"):
        open_source(path, OPTIONS, format="csv.transitions")
    with pytest.raises(NotFoundError, match="unknown_format"):
        open_source(path, OPTIONS, format="csv.nonsense")


def test_named_columns_make_a_table_readable(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b,c\nA,2026-01-01,Open\n")
    options = ReadOptions(columns={"item": "a", "at": "b", "state": "c"})
    assert sum(batch.transitions.height for batch in open_source(path, options).batches()) == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="file_not_found"):
        open_source(tmp_path / "missing.csv", OPTIONS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("log.jsonocel", '{"ocel:global-log": {"ocel:version": "1.0"}, "ocel:events": {}}'),
        ("log.json", '{"objectTypes": [{"name": "order"}], "eventTypes": [], "objects": [], "events": []}'),
        ("log.xml", "<?xml version='1.0'?><log><object-types><object-type name='o'/></object-types><events/></log>"),
    ],
)
def test_an_object_centric_log_without_objects_is_named_as_what_it_is(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        open_source(path, ReadOptions())
    assert refused.value.code == "ocel_without_objects"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("log.csv", "ocel:eid;ocel:activity\ne1;place\n"),
        ("log.yaml", "ocel:objects:\n- o1\n"),
        ("log.xmlocel", "<events><event/></events>"),
    ],
)
def test_an_object_centric_log_in_another_form_is_named_as_what_it_is(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        open_source(path, ReadOptions())
    assert refused.value.code == "object_centric_form_unknown"
