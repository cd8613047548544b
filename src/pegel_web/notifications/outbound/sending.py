"""One POST: the name is asked for once, every answer is checked, the connection goes to exactly that address.

A name that answers differently the second time (DNS rebinding) changes nothing, because there is no second time. No
redirect is followed, no proxy of the environment is used, the answer's body is never read, and nothing takes longer
than it may, however slowly the other side speaks.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Timer
from typing import Final

from pegel_web.notifications.outbound.addresses import Address, OutboundRules, Target

#: Seconds until a connection stands, and for everything together.
CONNECT_SECONDS: Final = 5.0
WHOLE_SECONDS: Final = 15.0
#: Addresses of one name that are tried.
_MOST_ADDRESSES: Final = 4

#: Asks for the addresses of a host, as ``socket.getaddrinfo`` does.
Resolver = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a request: the status code; or why there is none, as a code (words ``notifications.problem``)."""

    status: int | None
    problem: str

    @property
    def accepted(self) -> bool:
        """Tell whether the other side took it."""
        return self.status is not None and 200 <= self.status < 300


def resolved(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host.

    Raises
    ------
    OSError: there are none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    rules: OutboundRules,
    *,
    resolver: Resolver = resolved,
    trust: ssl.SSLContext | None = None,
    seconds: float = WHOLE_SECONDS,
) -> Answer:
    """Send a body; every failure is an answer, never an error. ``trust``: other certificates, for tests."""
    try:
        addresses = [ip_address(one.partition("%")[0]) for one in resolver(target.host, target.port)]
    except (OSError, UnicodeError, ValueError):
        return _failed("name_unknown")
    if not addresses:
        return _failed("name_unknown")
    if not all(rules.permits(one) for one in addresses):
        # One answer inside is enough: whoever answers so wants in.
        return _failed("address_inside")
    connection = _Pinned(target, addresses[:_MOST_ADDRESSES], trust or ssl.create_default_context())
    limit = Timer(seconds, connection.give_up)
    limit.daemon = True
    limit.start()
    try:
        with closing(connection):
            connection.request("POST", target.path, body=body, headers={**headers, "Host": target.host_header})
            status = connection.getresponse().status
    except ssl.SSLCertVerificationError:
        return _failed("certificate")
    except (TimeoutError, OSError, http.client.HTTPException) as error:
        return _failed("too_slow" if connection.given_up or isinstance(error, TimeoutError) else _kind(error))
    finally:
        limit.cancel()
    if connection.given_up:
        return _failed("too_slow")
    if 300 <= status < 400:
        return Answer(status=status, problem="redirected")
    return Answer(status=status, problem="" if 200 <= status < 300 else "refused")


class _Pinned(http.client.HTTPConnection):
    """A connection to addresses that were checked, under the name that certificates are compared with."""

    def __init__(self, target: Target, addresses: Sequence[Address], trust: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self.given_up = False
        self._target = target
        self._addresses = addresses
        self._trust = trust

    def connect(self) -> None:
        """Connect to the first address that answers."""
        self.sock = self._reached()
        if self._target.secure:
            plain = self.sock
            self.sock = self._trust.wrap_socket(plain, server_hostname=self._target.host, do_handshake_on_connect=False)
            self._leave_if_given_up()
            self.sock.do_handshake()
        self._leave_if_given_up()
        self.sock.settimeout(WHOLE_SECONDS)

    def give_up(self) -> None:
        """End the connection from outside: whoever reads or writes in it gets an error at once."""
        self.given_up = True
        held = self.sock
        if held is not None:
            with suppress(OSError):
                socket.socket.shutdown(held, socket.SHUT_RDWR)

    def _leave_if_given_up(self) -> None:
        """Leave where the end came while there was no socket to end."""
        if self.given_up:
            raise TimeoutError

    def _reached(self) -> socket.socket:
        last: OSError = OSError("no address")
        for one in self._addresses:
            if self.given_up:
                break
            try:
                return socket.create_connection((str(one), self._target.port), timeout=CONNECT_SECONDS)
            except OSError as error:
                last = error
        raise last


def _kind(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "no_http" if isinstance(error, http.client.HTTPException) else "unreachable"


def _failed(problem: str) -> Answer:
    return Answer(status=None, problem=problem)
