"""Servers on this machine that stand in for the other side: honest ones, slow ones, hostile ones."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

#: Gets the connection after the whole request was read, and does what it likes.
Behaviour = Callable[[socket.socket], None]


@dataclass
class Heard:
    """What a server heard: each request as bytes."""

    port: int
    requests: list[bytes] = field(default_factory=list)


def says(text: str) -> Behaviour:
    return lambda connection: connection.sendall(text.encode())


OK = says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@contextmanager
def server(behaviour: Behaviour = OK, *, host: str = "127.0.0.1") -> Iterator[Heard]:
    """Listen on a free port until the end of the block."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listening:
        heard = Heard(port=listening.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    heard.requests.append(_request(connection))
                    behaviour(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield heard
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(2)


def _request(connection: socket.socket) -> bytes:
    connection.settimeout(5)
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(4096)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(4096)
    return head + b"\r\n\r\n" + body
