"""What apps above tell in digests, and where the mail of a person goes: this app knows neither domain nor people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from pegel_web.core.actor import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where the mail of a person goes, and in which language (``de``, ``en``)."""

    address: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """One thing that calls for a look now, in words of the actor's language.

    ``reference``: by which it is told once; whatever calls anew has another one. ``group``, ``group_path``: what it is
    about, and the page of that. ``path``: its own page.
    """

    reference: str
    group: str
    group_path: str
    text: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSource:
    """Something that has lines for digests. ``path``: the name of the page with all of them.

    ``function``: everything that calls now and that this actor may see, by group; what they may not see is not there.
    """

    name: str
    url_name: str
    function: Callable[[Actor], Sequence[DigestLine]]


_SOURCES: Final[dict[str, DigestSource]] = {}
_mailbox_of: Callable[[UUID], Mailbox | None] | None = None


def declare_digest_source(source: DigestSource) -> None:
    """Declare a source, once, when the app is ready; words ``notifications.digest.source.NAME``."""
    _SOURCES[source.name] = source


def digest_sources() -> tuple[DigestSource, ...]:
    """Return every declared source, by name."""
    return tuple(_SOURCES[name] for name in sorted(_SOURCES))


def mailboxes_from(function: Callable[[UUID], Mailbox | None]) -> None:
    """Register how the mailbox of a person is found; None: there is none, or nobody may use it any more."""
    global _mailbox_of  # noqa: PLW0603  (a registry of one, filled when the apps are ready)
    _mailbox_of = function


def mailbox_of(person_id: UUID) -> Mailbox | None:
    """Return where the mail of a person goes; None: nowhere."""
    return None if _mailbox_of is None else _mailbox_of(person_id)
