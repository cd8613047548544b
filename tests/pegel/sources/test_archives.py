import bz2
import gzip
import io
import os
import struct
import zipfile
from pathlib import Path

import pytest

from pegel.errors import InputError, NotFoundError
from pegel.sources.archives import container_of, open_bytes

TEXT = b"item,at,state\nA,2026-01-01,Open\n"


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "container", "inside"),
    [
        ("export.csv", TEXT, "plain", "export.csv"),
        ("export.csv.gz", gzip.compress(TEXT), "gzip", "export.csv"),
        ("misnamed.csv", gzip.compress(TEXT), "gzip", "misnamed.csv"),
        ("two.csv.gz", gzip.compress(TEXT[:10]) + gzip.compress(TEXT[10:]), "gzip", "two.csv"),
        ("export.zip", zipped(**{"deep__data.csv": TEXT}), "zip", "data.csv"),
        ("mac.zip", zipped(**{"data.csv": TEXT, ".DS_Store": b"x"}), "zip", "data.csv"),
    ],
)
def test_input_is_unpacked_whatever_its_name(
    tmp_path: Path, name: str, data: bytes, container: str, inside: str
) -> None:
    path = written(tmp_path, name, data)
    assert container_of(path) == container
    with open_bytes(path) as stream:
        assert stream.name_inside == inside
        assert stream.read() == TEXT
        assert stream.share_read() == 1.0


def test_progress_is_the_share_of_packed_bytes(tmp_path: Path) -> None:
    path = written(tmp_path, "noise.gz", gzip.compress(os.urandom(4_000_000)))
    with open_bytes(path) as stream:
        assert stream.share_read() < 0.2
        stream.read(2_000_000)
        assert 0.4 < stream.share_read() < 0.7


def read_to_the_end(path: Path, limits: dict[str, int]) -> None:
    with open_bytes(path, **limits) as stream:  # type: ignore[arg-type]
        while stream.read(1 << 20):
            pass


def refused(path: Path, **limits: int) -> InputError:
    with pytest.raises(InputError) as caught:
        read_to_the_end(path, limits)
    return caught.value


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (gzip.compress(os.urandom(100_000))[:50_000], "archive_broken"),  # cut short
        (gzip.compress(TEXT)[:-8] + b"\0" * 8, "archive_broken"),  # checksum
        (b"\x1f\x8b" + b"\xff" * 50, "archive_broken"),
        (zipped(a=os.urandom(100_000))[:50_000], "archive_broken"),
        (b"PK\x03\x04" + b"\0" * 100, "archive_broken"),
        (gzip.compress(gzip.compress(TEXT)), "archive_nested"),
        (gzip.compress(zipped(a=TEXT)), "archive_nested"),
        (zipped(a=zipped(b=TEXT)), "archive_nested"),
        (zipped(a=bz2.compress(TEXT)), "archive_nested"),
        (zipped(a=TEXT, b=TEXT), "archive_members"),
        (zipped(), "archive_members"),
        (bz2.compress(TEXT), "archive_kind_unsupported"),
        (b"\0" * 257 + b"ustar" + b"\0" * 250, "archive_kind_unsupported"),
        (gzip.compress(b"\0" * 64_000_000), "archive_bomb"),
        (zipped(a=b"\0" * 64_000_000), "archive_bomb"),
    ],
)
def test_hostile_archives_end_in_a_clear_error(tmp_path: Path, data: bytes, code: str) -> None:
    assert refused(written(tmp_path, "input", data)).code == code


def test_an_archive_may_not_exceed_a_size_even_at_a_modest_ratio(tmp_path: Path) -> None:
    path = written(tmp_path, "big.gz", gzip.compress(os.urandom(300_000)))
    assert refused(path, max_bytes=200_000).code == "archive_bomb"


def test_members_are_named_when_there_is_a_choice(tmp_path: Path) -> None:
    error = refused(written(tmp_path, "two.zip", zipped(a=TEXT, b=TEXT)))
    assert error.values["members"] == ("a", "b")
    assert error.values["count"] == 2


def test_encrypted_zip_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped(a=TEXT))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # flag bit 0 in both headers
        place = data.find(signature) + offset
        data[place : place + 2] = struct.pack("<H", 1)
    assert refused(written(tmp_path, "secret.zip", bytes(data))).code == "archive_encrypted"


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="file_not_found"):
        open_bytes(tmp_path / "missing.csv")
    with pytest.raises(InputError, match="not_a_file"):
        open_bytes(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not_a_file"):
        open_bytes(tmp_path / "pipe")
