"""Log lines: one JSON object each, made of what is known to be harmless.

Nothing is filtered out afterwards; only named values get in. Texts of other packages and of errors may quote whatever
they worked on, so of them only the pattern (before values are put in), the kind of error and the places in the code are
kept. A line never holds an address with its query, a body, a header, a name or an e-mail address.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, Final

import structlog

Event = MutableMapping[str, Any]

#: Values that are text; numbers and truth values may have any name.
_TEXTS: Final = frozenset(
    {
        "event", "level", "logger", "timestamp", "request_id", "method", "route", "error", "code", "job", "kind",
        "worker", "state", "process", "digest", "raised", "at", "version", "permission", "tool", "source", "import_id",
    }
)  # fmt: skip
_HARMLESS: Final = re.compile(r"[\w .:,;()%*/+=-]{1,200}")
#: Looks like an e-mail address, a token, a key or a query.
_TELLING: Final = re.compile(r"@|pegel_|\?|[A-Za-z0-9_-]{65,}")
_MOST_FRAMES: Final = 25
_INSTEAD: Final = "left out"


def only_harmless(logger: Any, name: str, event: Event) -> Event:
    """Keep numbers under any name, and texts under known names as far as they look like codes."""
    del logger, name
    return {key: _kept(key, value) for key, value in event.items()}


class HarmlessFormatter(structlog.stdlib.ProcessorFormatter):
    """Writes the lines; of what other packages log the pattern only, or where there is none, the place in the code.

    A message without values may have been put together before it was logged.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        if not hasattr(record, "_logger"):
            pattern = record.msg if record.args and isinstance(record.msg, str) else None
            record = logging.makeLogRecord({**record.__dict__, "args": (), "stack_info": None})
            record.msg = pattern or f"{record.module}:{record.lineno}"
        return super().format(record)


def places_of_error(logger: Any, name: str, event: Event) -> Event:
    """Put the kinds of an error and the places in the code in the line, without what its message says."""
    del logger, name
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    event.pop("exception", None)
    event.pop("stack", None)
    event.pop("stack_info", None)
    if isinstance(found, tuple) and isinstance(found[1], BaseException):
        event["raised"] = _kinds(found[1])
        event["at"] = _places(found[2])
    return event


def _kinds(error: BaseException) -> str:
    """Return ``ValueError from KeyError``: what was raised, and from what; of our own errors the code."""
    names: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(names) < 8:
        code = getattr(seen, "code", None)
        names.append(f"{type(seen).__name__}({code})" if isinstance(code, str) else type(seen).__name__)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return " from ".join(names)


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_MOST_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(path: str) -> str:
    for mark in ("site-packages/", "src/", "lib/python"):
        _, found, rest = path.rpartition(mark)
        if found:
            return rest
    return path.rsplit("/", 1)[-1]


def _kept(key: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if key == "at" and isinstance(value, list):
        return value
    if key in _TEXTS and isinstance(value, str):
        flat = value.strip().replace("\n", " ")
        return flat if _HARMLESS.fullmatch(flat) and not _TELLING.search(flat) else _INSTEAD
    return _INSTEAD


def configure(wanted: Mapping[str, str]) -> None:
    """Set up logging for the process; ``wanted``: ``level``, ``format`` (``json`` or ``console``)."""
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    shown: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if wanted["format"] == "console":
        shown = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    formatter = HarmlessFormatter(
        foreign_pre_chain=before,
        processors=[
            places_of_error,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            only_harmless,
            shown,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.set_name("pegel")
    # A line that cannot be written must not write its values in another way.
    logging.raiseExceptions = False
    root = logging.getLogger()
    for old in [one for one in root.handlers if one.get_name() == "pegel"]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(wanted["level"])
    # These have handlers and opinions of their own; each request has one line, which the middleware writes.
    for name in ("django", "django.server", "django.request", "uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
    for name in ("uvicorn.error", "httpx", "mcp"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # That a client asked for something that is not there is told by the status of its line.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
