"""A document from the standard input as a PDF on the standard output: what runs in a process of its own.

    python -m pegel_web.ui.paper.typesetting < document.json > document.pdf

A process for each document, because drawing a chart stops every other thread for a tenth of a second, because a
process can be ended when it takes too long, and because in a fresh one the same document gets the same bytes. It reads
no settings and no database; the typesetter sees the files given to it and no folder.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import typst
import vl_convert

_FONT: Final = "Source Sans Pro"
#: As wide as still drawings are: legends have room, and signs are not much smaller than the text beside them.
_WIDTH: Final = 760
#: Halves of signs, which no program but Python lets pass.
_HALF: Final = re.compile("[\ud800-\udfff]")
#: What XML may not hold, not even written as an entity.
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def typeset(content: Mapping[str, Any], drawings: Mapping[str, str], at: datetime) -> bytes:
    """Return a document as PDF: tagged, and declared accessible (PDF/UA-1) unless a sign is in none of our letters."""
    fonts = resources.files("font_source_sans_pro") / "files"
    vl_convert.register_font_directory(str(fonts))
    files = {
        "main.typ": (resources.files(__package__) / "document.typ").read_bytes(),
        "document.json": json.dumps(content, ensure_ascii=False).encode(),
        **{f"{name}.svg": _drawn(specification) for name, specification in drawings.items()},
    }
    try:
        return _compiled(files, str(fonts), at, ["ua-1"])
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        # Letters of another writing: those of the machine, and no claim that every sign can be read aloud.
        return _compiled(files, str(fonts), at, [])


def _compiled(files: dict[str, bytes], fonts: str, at: datetime, standards: list[Any]) -> bytes:
    known = typst.Fonts(include_system_fonts=not standards, include_embedded_fonts=False, font_paths=[fonts])
    # It may read below its root besides what it is given: an empty folder.
    with TemporaryDirectory() as root:
        made = typst.compile(
            # Its type leaves out that it also takes files by name.
            files,  # type: ignore[call-overload]
            root=Path(root),
            font_paths=known,
            format="pdf",
            timestamp=at,
            pdf_standards=standards,
        )
    assert isinstance(made, bytes)  # noqa: S101  (a PDF is one file)
    return made


def _drawn(text: str) -> bytes:
    specification = json.loads(_HALF.sub("\ufffd", text))
    config = {**specification.get("config", {}), "font": _FONT}
    fixed = {**specification, "width": _WIDTH, "config": config}
    drawn = str(vl_convert.vegalite_to_svg(fixed, show_warnings=False, allowed_base_urls=[]))
    return _NO_XML.sub("", drawn).encode()


if __name__ == "__main__":
    asked = json.load(sys.stdin.buffer)
    sys.stdout.buffer.write(typeset(asked["content"], asked["drawings"], datetime.fromisoformat(asked["at"])))
