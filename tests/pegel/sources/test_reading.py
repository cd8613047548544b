from pathlib import Path

import pytest

from pegel.errors import InputError
from pegel.sources.reading import (
    BROKEN,
    HEAD_BYTES,
    decide_encoding,
    detect_encoding,
    open_bytes,
    open_text,
    read_head,
    sniff_delimiter,
    utf8_blocks,
)

GERMAN = "Vorgang;Zeitpunkt;Neuer Status\nA-1;31.12.2026 14:05;Prüfung läuft\n"


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        (GERMAN.encode(), "utf-8"),
        (GERMAN.encode("utf-8-sig"), "utf-8-sig"),
        (GERMAN.encode("cp1252"), "cp1252"),
        (GERMAN.encode("utf-16"), "utf-16"),
        (GERMAN.encode("utf-16-le"), "utf-16-le"),
        (GERMAN.encode("utf-16-be"), "utf-16-be"),
        (GERMAN.encode("utf-32"), "utf-32"),
        (b"\x81\xe4", "latin-1"),  # 0x81 is nothing in Windows-1252
        (b"plain", "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_encoding_is_detected_and_read(tmp_path: Path, encoded: bytes, name: str) -> None:
    assert detect_encoding(encoded) == name
    path = tmp_path / "table.csv"
    path.write_bytes(encoded)
    if len(encoded) > 10:
        assert read_head(path).header == ("Vorgang", "Zeitpunkt", "Neuer Status")
        assert read_head(path).rows == (("A-1", "31.12.2026 14:05", "Prüfung läuft"),)
        with open_text(path) as text:
            assert text.read() == GERMAN


def test_first_umlaut_far_down_still_decides(tmp_path: Path) -> None:
    path = tmp_path / "late.csv"
    path.write_bytes(b"a;b\n" * HEAD_BYTES + "größer".encode("cp1252"))
    assert decide_encoding(path) == "cp1252"
    path.write_bytes(b"a;b\n" * HEAD_BYTES + "größer".encode())
    assert decide_encoding(path) == "utf-8"


def test_text_that_breaks_later_is_marked_never_mistaken(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes("größer;äöü\n".encode() * 40_000 + b"gr\xf6\xdfer;x\n")
    assert decide_encoding(path) == "utf-8"
    with open_text(path) as text:
        last = text.read().splitlines()[-1]
    assert last.startswith("gr" + BROKEN)
    with open_bytes(path) as stream:
        blocks = b"".join(utf8_blocks(stream, "utf-8", size=1000)).decode()
    assert blocks.splitlines()[-1] == last
    assert blocks.count(BROKEN) == last.count(BROKEN)


def test_blocks_are_the_same_wherever_they_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_bytes("é\r\n\rß\n😀\ud800".encode("utf-16-le", "surrogatepass"))
    for size in (1, 2, 3, 5, 100):
        with open_bytes(path) as stream:
            assert b"".join(utf8_blocks(stream, "utf-16-le", size)).decode() == f"é\n\nß\n😀{BROKEN}"


def test_binary_data_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "noise.bin"
    path.write_bytes(bytes(range(256)) * 100)
    head = read_head(path)
    assert (head.text, head.header, len(head.data)) == ("", (), 25_600)
    path.write_bytes(b"\0" * 10_000_000)
    assert read_head(path).text == ""


def test_a_record_cut_by_the_end_of_the_head_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"item,at,state\n" + b'A,2026-01-01,"' + b"x" * 2 * HEAD_BYTES + b'"\n')
    head = read_head(path)
    assert (head.header, head.rows) == (("item", "at", "state"), ())


def test_encoding_must_exist(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n")
    for wrong in ("klingon", "base64", "utf\0"):
        with pytest.raises(InputError, match="unknown_encoding"):
            read_head(path, encoding=wrong)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a,b\n1,2\n", (",", 0)),
        ("a;b\n1,5;2,5\n", (";", 0)),
        ("a\tb\n1\t2\n", ("\t", 0)),
        ("a|b\n1|2\n", ("|", 0)),
        ('"a, b";c\n"1, 2";3\n', (";", 0)),
        ("sep=;\na;b\n", (";", 1)),
        ("\n\nsep=;\na;b\n", (";", 3)),
        ("", ("", 0)),
        ("no table at all\n", ("", 0)),
    ],
)
def test_delimiter(text: str, found: tuple[str, int]) -> None:
    assert sniff_delimiter(text) == found
