"""Handing one message to the mail server: what became of it, and whether it may be tried again.

A server that has got the text of a message but not said what it does with it may have delivered it. Such a message is
never sent again: the answer is ``unclear``.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, cast

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from pegel_web.notifications.mail.settings import MailServer

#: again: it was certainly not taken, and may be next time · never: it will not be taken, however often it is sent.
Outcome = Literal["taken", "again", "never", "unclear"]
_PERMANENT: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAnswer:
    """What became of a message. ``problem``: words ``notifications.mail.problem.CODE``; empty: it was taken.

    ``of_server``: it would be the same with every other message.
    """

    outcome: Outcome
    problem: str = ""
    of_server: bool = False


TAKEN: Final = MailAnswer(outcome="taken")


class _Watched:
    """Notes when the text of a message begins to leave."""

    handed_over = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the text of a message."""
        self.handed_over = True
        return cast("tuple[int, bytes]", super().data(msg))  # type: ignore[misc]  # of smtplib, by the classes below


class _Plain(_Watched, smtplib.SMTP):
    """A connection that begins without TLS."""


class _Encrypted(_Watched, smtplib.SMTP_SSL):
    """A connection that begins with TLS."""


class MailConnection(EmailBackend):
    """Django's way to a mail server, to the one of the settings; it can tell whether a text has begun to leave."""

    def __init__(self, server: MailServer) -> None:
        super().__init__(
            host=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security == "starttls",
            use_ssl=server.security == "tls",
            timeout=server.seconds,
        )

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Return what a connection is made of."""
        return _Encrypted if self.use_ssl else _Plain

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """Return how certificates are checked: by the authorities that the machine knows."""
        return ssl.create_default_context()

    @property
    def handed_over(self) -> bool:
        """Tell whether the text of a message has begun to leave."""
        return bool(getattr(self.connection, "handed_over", False))

    def greet(self) -> None:
        """Introduce oneself, where neither TLS nor the sign-in has needed it."""
        if self.connection is not None:
            self.connection.ehlo_or_helo_if_needed()

    def leave(self) -> None:
        """End the talk; how that goes changes nothing of what was said."""
        with suppress(OSError):
            self.close()


def opened(server: MailServer) -> tuple[MailConnection, MailAnswer | None]:
    """Return a connection up to the sign-in, or why there is none."""
    connection = MailConnection(server)
    try:
        connection.open()
        connection.greet()
    except OSError as error:
        connection.leave()
        return connection, MailAnswer(outcome="again", problem=_opening(error), of_server=True)
    return connection, None


def probe(server: MailServer) -> str:
    """Talk to a server up to the sign-in and send nothing; returns what is wrong, as a code; empty: nothing is."""
    connection, refused = opened(server)
    connection.leave()
    return "" if refused is None else refused.problem


def hand_over(connection: MailConnection, message: EmailMessage) -> MailAnswer:
    """Send one message over an open connection, and end the talk."""
    try:
        connection.send_messages([message])
    except OSError as error:
        return _failed(error, handed_over=connection.handed_over)
    except (ValueError, UnicodeError):
        # An address or a header that no message can carry.
        return MailAnswer(outcome="never", problem="address_invalid")
    else:
        return TAKEN
    finally:
        connection.leave()


def _opening(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "sign_in"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "tls" if "STARTTLS" in str(error) else "sign_in"
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, socket.gaierror):
        return "name_unknown"
    if _too_slow(error):
        return "too_slow"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "hung_up"
    if isinstance(error, smtplib.SMTPException):
        return "refused"
    return "unreachable"


def _failed(error: OSError, *, handed_over: bool) -> MailAnswer:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = max((one for one, _ in error.recipients.values()), default=_PERMANENT)
        return _by(code, "recipient_refused", of_server=False)
    if isinstance(error, smtplib.SMTPSenderRefused):
        # Settings can be put right, so that it is worth trying again.
        return MailAnswer(outcome="again", problem="sender_refused", of_server=True)
    if isinstance(error, smtplib.SMTPDataError):
        return _by(error.smtp_code, "refused", of_server=False)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return MailAnswer(outcome="never", problem="address_invalid")
    problem = "too_slow" if _too_slow(error) else "hung_up"
    if handed_over:
        return MailAnswer(outcome="unclear", problem=problem, of_server=True)
    return MailAnswer(outcome="again", problem=problem, of_server=True)


def _by(code: int, problem: str, *, of_server: bool) -> MailAnswer:
    if code >= _PERMANENT:
        return MailAnswer(outcome="never", problem=problem, of_server=of_server)
    return MailAnswer(outcome="again", problem="not_now", of_server=of_server)


def _too_slow(error: BaseException) -> bool:
    """Tell whether time ran out; smtplib says "disconnected" of it and keeps the reason behind."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, TimeoutError):
            return True
        seen = seen.__context__
    return False
