"""What pages, programs and agents learn about webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

State = Literal["waiting", "delivered", "given_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to an endpoint. ``id``: its ``webhook-id``.

    ``status``: code of the last answer; None: there was none. ``problem``: why it was not accepted, as a code
    (name_unknown, address_inside, url_refused, secret_unreadable, certificate, tls, unreachable, no_http, too_slow,
    redirected, refused);
    empty: it was accepted, or nobody has tried. ``next_at``: of the next try; None: there is none.
    """

    id: UUID
    kind: str
    state: State
    attempts: int
    status: int | None
    problem: str
    made_at: datetime
    tried_at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A place to which events are sent. ``waiting``, ``given_up``: messages in that state; ``last``: the newest."""

    id: UUID
    name: str
    url: str
    kinds: tuple[str, ...]
    active: bool
    made_at: datetime
    waiting: int
    given_up: int
    last: Delivery | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointReport:
    """An endpoint with its newest messages, and whether the actor may change it."""

    endpoint: Endpoint
    deliveries: tuple[Delivery, ...]
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeEndpoint:
    """An endpoint, and the secret that its messages are signed with: shown now and never again."""

    endpoint: Endpoint
    secret: str
