"""What an installation says about its mail server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

Security = Literal["starttls", "tls", "none"]

#: The usual port of each way to reach a server.
PORTS: Final[dict[Security, int]] = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The server that takes the mail. ``user`` empty: it wants no sign-in. ``seconds``: for each step of a talk."""

    host: str
    port: int
    security: Security
    user: str
    password: str = field(repr=False)
    sender: str
    seconds: int


def checked_address(text: str) -> str:
    """Return an e-mail address as it can stand in a header.

    Raises
    ------
    ValueError
    """
    # Its parser takes a tenth of a second to load, and every process reads these settings.
    from email.headerregistry import Address  # noqa: PLC0415

    wanted = text.strip()
    if not (wanted.isascii() and wanted.isprintable()):
        raise ValueError("an address has no other signs than those of ASCII")
    try:
        found = Address(addr_spec=wanted)
    except Exception as error:
        # The parser of the standard library fails in several ways; all of them mean the same.
        raise ValueError("this is no e-mail address; an example is pegel@example.org") from error
    if not found.username or not found.domain:
        raise ValueError("this is no e-mail address; an example is pegel@example.org")
    return wanted
