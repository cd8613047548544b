"""Kinds of events that webhooks carry: declared by the app that tells of them; words ``notifications.kind.CODE``."""

from __future__ import annotations

from typing import Final

#: What the test button sends; every endpoint gets it.
TEST: Final = "notifications.test"

_KINDS: Final[set[str]] = set()


def declare_kinds(*codes: str) -> None:
    """Declare kinds of events, once, in an app's ``events.py``."""
    _KINDS.update(codes)


def kinds() -> tuple[str, ...]:
    """Return the kinds that can be asked for, sorted."""
    return tuple(sorted(_KINDS - {TEST}))
