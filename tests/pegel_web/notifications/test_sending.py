"""One request against real servers on this machine: where it goes, how long it takes, what it follows."""

import os
import socket
import time
from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from pegel_web.notifications.outbound.addresses import OutboundRules, Target, target_of
from pegel_web.notifications.outbound.sending import Answer, post
from tests.pegel_web.notifications.servers import Behaviour, Heard, says, server


def rules(port: int, *networks: str) -> OutboundRules:
    return OutboundRules(networks=tuple(ip_network(one) for one in networks), ports=frozenset({port, 443}), http=True)


def here(heard: Heard, name: str = "hooks.example", **options: object) -> Answer:
    allowed = rules(heard.port, "127.0.0.1/32", "::1/128")
    target = target_of(f"http://{name}:{heard.port}/in", allowed)
    return post(
        target,
        b'{"a":1}',
        {"webhook-id": "1"},
        allowed,
        resolver=lambda *_: ["127.0.0.1"],
        **options,  # type: ignore[arg-type]
    )


def test_the_request_goes_to_the_checked_address_under_its_name() -> None:
    with server() as heard:
        assert here(heard) == Answer(status=200, problem="")
    (request,) = heard.requests
    assert request.startswith(b"POST /in HTTP/1.1\r\n")
    assert f"Host: hooks.example:{heard.port}\r\n".encode() in request
    assert request.endswith(b'\r\n\r\n{"a":1}')


def test_a_name_that_changes_its_answer_is_asked_once() -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["9.9.9.9"] if len(asked) == 1 else ["127.0.0.1"]

    with server() as heard:
        allowed = rules(heard.port)
        target = target_of(f"http://rebind.example:{heard.port}/", allowed)
        # The first answer is public and (here) unreachable; nothing may come of the second one.
        post(target, b"{}", {}, allowed, resolver=rebinding, seconds=1.0)
        assert asked == ["rebind.example"]
        assert heard.requests == []


@pytest.mark.parametrize(
    "answers",
    [["127.0.0.1"], ["9.9.9.9", "10.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], ["fe80::1%eth0"]],
)
def test_one_address_inside_and_nothing_is_sent(answers: list[str]) -> None:
    with server() as heard:
        allowed = rules(heard.port)
        target = Target(secure=False, host="inside.example", port=heard.port, path="/")
        found = post(target, b"{}", {}, allowed, resolver=lambda *_: answers)
        assert found == Answer(status=None, problem="address_inside")
        assert heard.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with server() as inside:
        leads = says(f"HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:{inside.port}/\r\nContent-Length: 0\r\n\r\n")
        with server(leads) as heard:
            assert here(heard) == Answer(status=status, problem="redirected")
        assert inside.requests == []


def test_the_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as proxy, server() as heard:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert here(heard).accepted
        assert proxy.requests == []
    assert os.environ["http_proxy"]


def _silent(connection: socket.socket) -> None:
    time.sleep(3)


def _dripping(connection: socket.socket) -> None:
    for sign in "HTTP/1.1 200 OK" + " " * 100:
        connection.sendall(sign.encode())
        time.sleep(0.1)


def _endless_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X: " + b"y" * 1000 + b"\r\n")


@pytest.mark.parametrize("behaviour", [_silent, _dripping])
def test_nothing_takes_longer_than_it_may(behaviour: Behaviour) -> None:
    with server(behaviour) as heard:
        begun = time.monotonic()
        assert here(heard, seconds=0.5) == Answer(status=None, problem="too_slow")
        assert time.monotonic() - begun < 2


def test_an_endless_head_is_no_http() -> None:
    with server(_endless_head) as heard:
        assert here(heard) == Answer(status=None, problem="no_http")


def test_an_endless_body_is_not_read() -> None:
    sent = 0

    def endless(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sent += connection.send(b"z" * 65536)

    with server(endless) as heard:
        begun = time.monotonic()
        assert here(heard).accepted
        assert time.monotonic() - begun < 2
    assert sent < 50_000_000


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("HTTP/1.1 204 No Content\r\n\r\n", Answer(status=204, problem="")),
        ("HTTP/1.1 410 Gone\r\n\r\n", Answer(status=410, problem="refused")),
        ("HTTP/1.1 500 Oh\r\n\r\n", Answer(status=500, problem="refused")),
        ("SSH-2.0-OpenSSH_9\r\n", Answer(status=None, problem="no_http")),
        ("", Answer(status=None, problem="no_http")),
    ],
)
def test_answers(text: str, answer: Answer) -> None:
    with server(says(text)) as heard:
        assert here(heard) == answer


def test_ipv6_where_it_is_allowed() -> None:
    with server(host="::1") as heard:
        allowed = rules(heard.port, "::1/128")
        target = target_of(f"http://[::1]:{heard.port}/", allowed)
        assert post(target, b"{}", {}, allowed).accepted
        assert f"Host: [::1]:{heard.port}\r\n".encode() in heard.requests[0]


def test_a_server_without_encryption_behind_https() -> None:
    with server(says("plain\r\n")) as heard:
        allowed = rules(heard.port, "127.0.0.1/32")
        target = target_of(f"https://hooks.example:{heard.port}/", allowed)
        found = post(target, b"{}", {}, allowed, resolver=lambda *_: ["127.0.0.1"], seconds=2.0)
        assert found.status is None
        assert found.problem in ("tls", "too_slow")


def test_names_without_addresses() -> None:
    target = Target(secure=True, host="nowhere.invalid", port=443, path="/")

    def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    assert post(target, b"{}", {}, OutboundRules(), resolver=unknown).problem == "name_unknown"
    assert post(target, b"{}", {}, OutboundRules(), resolver=lambda *_: []).problem == "name_unknown"
