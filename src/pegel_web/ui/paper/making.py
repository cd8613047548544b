"""Having a document made: in a process of its own, few at a time, each only so long, and the same one only once."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import asdict
from hashlib import sha256
from threading import BoundedSemaphore
from typing import Any, Final

from django.core.cache import caches

from pegel import __version__
from pegel.errors import BusyError, InternalError
from pegel_web.ui.paper.blocks import Document

#: Documents that one web process has made at a time: each takes a processor for about a second.
AT_ONCE: Final = 2
#: How long a document waits for its turn, and how long it may take, in seconds.
PATIENCE: Final = 20.0
LONGEST: Final = 60.0
_TURNS: Final = BoundedSemaphore(AT_ONCE)
#: Longer runs without a space get places where they may break: a table cannot be wider than its page.
_RUN: Final = re.compile(r"[^\s\u200b]{24,}")
#: Signs that turn the direction of writing: on paper nobody sees that they are there.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAK: Final = "\u200b"
_PIECE: Final = 12


def pdf_of(document: Document) -> bytes:
    """Return a document as PDF.

    Raises
    ------
    BusyError: ``paper_busy``: too many at a time. InternalError: ``internal``.
    """
    content = {key: value for key, value in asdict(document).items() if key not in {"drawings", "at"}}
    # The date of a PDF has no parts of a second.
    at = document.at.replace(microsecond=0).isoformat()
    asked = json.dumps({"content": _clean(content), "drawings": dict(document.drawings), "at": at}).encode()
    name = f"{sha256(__version__.encode() + asked).hexdigest()}.pdf"
    kept = caches["charts"].get(name)
    if not isinstance(kept, bytes):
        kept = _made(asked)
        caches["charts"].set(name, kept)
    return kept


def _made(asked: bytes) -> bytes:
    if not _TURNS.acquire(timeout=PATIENCE):
        raise BusyError("paper_busy")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pegel_web.ui.paper.typesetting"],
            input=asked,
            capture_output=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        raise BusyError("paper_busy") from None
    finally:
        _TURNS.release()
    if done.returncode:
        raise InternalError("internal") from RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


def _clean(part: Any) -> Any:
    """Return words without signs that no letter stands for, and with places to break in runs that have none."""
    if isinstance(part, str):
        plain = "".join(" " if sign in "\n\r\t" else sign for sign in part if _printable(sign))
        return _RUN.sub(_broken, plain)
    if isinstance(part, dict):
        return {key: value if key in {"kind", "name"} else _clean(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_clean(one) for one in part]
    return part


def _printable(sign: str) -> bool:
    return sign in "\n\r\t" or (unicodedata.category(sign) not in {"Cc", "Cs", "Cn", "Co"} and sign not in _TURNING)


def _broken(run: re.Match[str]) -> str:
    text = run[0]
    return _BREAK.join(text[place : place + _PIECE] for place in range(0, len(text), _PIECE))
