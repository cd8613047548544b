"""Mail servers on this machine that stand in for the real one: aiosmtpd for honest ones, sockets for the others."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pegel_web.notifications.mail.settings import MailServer, Security


@dataclass
class Taken:
    """What a server was told. ``answers``: what it says to the steps of a talk instead of taking them."""

    port: int
    answers: dict[str, str] = field(default_factory=dict)
    envelopes: list[Envelope] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        """Return the messages it took."""
        return [read(one.content) for one in self.envelopes]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  (aiosmtpd's)
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802  (the same)
        for key in (f"RCPT {address}", "RCPT"):
            if key in self.answers:
                return self.answers[key]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (the same)
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.envelopes.append(envelope)
        return "250 OK"


def read(content: Any) -> EmailMessage:
    """Return a message as it was sent."""
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def texts(mail: EmailMessage) -> tuple[str, str]:
    """Return a message as plain text and as HTML."""
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    return plain.get_content(), html.get_content()


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, password: str | None = None, answers: dict[str, str] | None = None
) -> Iterator[Taken]:
    """Take mail on a free port until the end of the block. ``tls``: offers STARTTLS; ``password``: of "pegel"."""
    heard = Taken(port=free_port(), answers=answers or {})

    def known(server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        heard.names.append(login.login.decode())
        return AuthResult(success=login.login == b"pegel" and login.password.decode() == password, handled=False)

    controller = Controller(
        heard,
        hostname="127.0.0.1",
        port=heard.port,
        tls_context=tls,
        authenticator=known if password else None,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield heard
    finally:
        controller.stop()


@contextmanager
def odd_server(behaviour: Callable[[socket.socket], None]) -> Iterator[int]:
    """Do what it likes with every connection until the end of the block; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    behaviour(connection)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(2)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def settings_for(
    port: int, security: Security = "none", *, user: str = "", password: str = "", host: str = "127.0.0.1"
) -> MailServer:
    """Return the settings of an installation that uses a server here."""
    return MailServer(
        host=host, port=port, security=security, user=user, password=password, sender="pegel@example.org", seconds=1
    )


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return how a server with the address 127.0.0.1 encrypts, and the file by which it is believed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "server.pem", folder / "server.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public
