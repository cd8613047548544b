"""What pages, programs and agents learn about digests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pegel_web.notifications.digests.times import Rhythm
from pegel_web.notifications.mail.settings import Security

State = Literal["waiting", "sending", "sent", "nothing", "unclear", "given_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestReport:
    """What became of one digest. ``day``: the one it was due on.

    ``count``: how many things it told of; None: not known. ``problem``: why it was not taken, as a code (unreachable,
    name_unknown, too_slow, hung_up, tls, certificate, sign_in, sender_refused, recipient_refused, refused, not_now,
    address_invalid, no_address, content_failed, too_late); empty: it was, or nobody has tried. ``next_at``: of the next
    try; None: there is none.
    """

    id: UUID
    day: date
    rhythm: Rhythm
    state: State
    count: int | None
    problem: str
    attempts: int
    tried_at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDigest:
    """How often a person wants digests, where they go, and what became of the newest ones.

    ``configured``: the installation has a mail server; without one the choice is kept and nothing is sent. ``address``
    None: there is none, or the account is closed. ``next_at``: when the next one is due; None: none is.
    """

    rhythm: Rhythm
    configured: bool
    address: str | None
    next_at: datetime | None
    digests: tuple[DigestReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDay:
    """What became of the digests of one day, without saying whose: how many are in a state for a reason."""

    day: date
    state: State
    problem: str
    digests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailReport:
    """The mail server as it is set (``host`` None: it is not), how many people want digests, and the last two weeks."""

    host: str | None
    port: int | None
    security: Security | None
    sender: str | None
    signs_in: bool
    daily: int
    weekly: int
    days: tuple[DigestDay, ...]
    may_test: bool
