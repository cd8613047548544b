"""Where a request may go: which URLs, which networks.

A person who may enter an address must not be able to use Pegel as a way into the network it stands in (server-side
request forgery). The URL is checked when it is entered, the addresses behind its name each time a request leaves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from pegel.errors import InputError

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

LONGEST_URL: Final = 1000
#: IPv6 addresses that lead to the IPv4 address in their last four bytes: NAT64, and the old compatible ones.
_CARRIERS: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("::/96"))
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRules:
    """What an installation allows. ``networks``: inside the house, and allowed all the same; ``http``: without TLS."""

    networks: tuple[Network, ...] = ()
    ports: frozenset[int] = frozenset({443})
    http: bool = False

    def permits(self, address: Address) -> bool:
        """Tell whether a request may go to an address: it is on the public internet, or in a network named for it.

        >>> rules = OutboundRules(networks=(ip_network("10.1.0.0/16"),))
        >>> [rules.permits(ip_address(one)) for one in ("9.9.9.9", "10.1.2.3", "10.2.0.1", "169.254.169.254")]
        [True, True, False, False]
        >>> [rules.permits(ip_address(one)) for one in ("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::")]
        [False, False, False]
        """
        if any(address.version == network.version and address in network for network in self.networks):
            return True
        public = address.is_global and not address.is_multicast
        return public and all(self.permits(one) for one in _embedded(address))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request goes. ``host``: in ASCII and lower case, without brackets; ``path``: with the query."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """Return the value of ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def target_of(url: str, rules: OutboundRules) -> Target:
    """Return where a URL leads, if requests may go there as far as can be told without asking for its name.

    Raises
    ------
    InputError: ``webhook_url_invalid``, ``webhook_url_credentials``, ``webhook_url_not_https``, ``webhook_url_port``
    (with those allowed), ``webhook_url_inside``.
    """
    text = url.strip()
    if not text or len(text) > LONGEST_URL or not text.isprintable() or " " in text or "\\" in text:
        raise InputError("webhook_url_invalid")
    try:
        parts = urlsplit(text)
        host, port = _host(parts), parts.port
    except ValueError:
        raise InputError("webhook_url_invalid") from None
    if parts.scheme not in ("https", "http"):
        raise InputError("webhook_url_invalid")
    if parts.username is not None or parts.password is not None:
        raise InputError("webhook_url_credentials")
    secure = parts.scheme == "https"
    if not secure and not rules.http:
        raise InputError("webhook_url_not_https")
    wanted = port or (443 if secure else 80)
    if wanted not in rules.ports:
        raise InputError("webhook_url_port", ports=", ".join(map(str, sorted(rules.ports))))
    literal = _literal(host)
    if literal is not None and not rules.permits(literal):
        raise InputError("webhook_url_inside")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise InputError("webhook_url_invalid")
    return Target(secure=secure, host=host, port=wanted, path=path)


def _host(parts: SplitResult) -> str:
    """Return the host as names are asked for. Numbers that only old functions read as addresses are no host.

    Raises
    ------
    ValueError
    """
    found = parts.hostname or ""
    if ":" in found:
        if "%" in found:
            raise ValueError(found)
        return str(IPv6Address(found))
    host = found.encode("idna").decode("ascii").lower().rstrip(".")
    labels = host.split(".")
    if not host or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(found)
    if labels[-1].isdecimal() or labels[-1].startswith("0x"):
        # 2130706433, 0177.0.0.1, 0x7f.1: a number at the end is an address, and an address has four plain parts.
        return str(IPv4Address(host))
    return host


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _embedded(address: Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses to which an IPv6 address really leads."""
    if isinstance(address, IPv4Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in _CARRIERS):
        found.append(IPv4Address(address.packed[-4:]))
    return tuple(one for one in found if one is not None)
