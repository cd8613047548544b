"""One mail against real servers on this machine: taken, put off, refused, or nobody knows."""

import socket
import time
from pathlib import Path

import pytest
from django.core.mail import EmailMessage

from pegel_web.notifications.mail.sending import TAKEN, MailAnswer, hand_over, opened, probe
from pegel_web.notifications.mail.settings import MailServer
from tests.pegel_web.notifications.mail_servers import (
    certificate,
    free_port,
    mail_server,
    odd_server,
    settings_for,
)


def sent(server: MailServer, to: str = "anna@example.org") -> MailAnswer:
    connection, refused = opened(server)
    return refused or hand_over(connection, EmailMessage("Hello", "x", "Pegel <pegel@example.org>", [to]))


def again(problem: str) -> MailAnswer:
    return MailAnswer(outcome="again", problem=problem, of_server=True)


def test_a_mail_is_taken_and_looking_sends_none() -> None:
    with mail_server() as heard:
        assert probe(settings_for(heard.port)) == ""
        assert heard.envelopes == []
        assert sent(settings_for(heard.port)) == TAKEN
    (envelope,) = heard.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("pegel@example.org", ["anna@example.org"])
    assert heard.mails[0]["From"] == "Pegel <pegel@example.org>"


def test_starttls_with_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, public = certificate(tmp_path)
    with mail_server(tls=context, password="right") as heard:
        server = settings_for(heard.port, "starttls", user="pegel", password="right")
        # Nobody vouches for the certificate yet.
        assert sent(server) == again("certificate")
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        assert sent(server) == TAKEN
        # The certificate names an address, and not this name.
        assert sent(settings_for(heard.port, "starttls", host="localhost")) == again("certificate")
        assert sent(settings_for(heard.port, "starttls", user="pegel", password="wrong")) == again("sign_in")
        assert (len(heard.envelopes), set(heard.names)) == (1, {"pegel"})


def test_without_starttls_not_even_the_password_leaves() -> None:
    with mail_server(password="right") as heard:
        assert sent(settings_for(heard.port, "starttls", user="pegel", password="right")) == again("tls")
        assert (heard.names, heard.envelopes) == ([], [])


def test_tls_from_the_first_byte_where_the_server_speaks_plainly() -> None:
    with mail_server() as heard:
        assert sent(settings_for(heard.port, "tls")) == again("tls")


def test_a_server_without_sign_in_that_is_asked_to_sign_in() -> None:
    with mail_server() as heard:
        assert sent(settings_for(heard.port, user="pegel", password="right")) == again("sign_in")


@pytest.mark.parametrize(
    ("step", "said", "answer"),
    [
        ("RCPT", "550 5.1.1 nobody", MailAnswer(outcome="never", problem="recipient_refused")),
        ("RCPT", "451 4.7.1 later", MailAnswer(outcome="again", problem="not_now")),
        ("MAIL", "553 5.7.1 not you", again("sender_refused")),
        ("MAIL", "421 4.3.2 closing", again("sender_refused")),
        ("DATA", "554 5.7.1 spam", MailAnswer(outcome="never", problem="refused")),
        ("DATA", "452 4.3.1 full", MailAnswer(outcome="again", problem="not_now")),
    ],
)
def test_what_a_server_refuses(step: str, said: str, answer: MailAnswer) -> None:
    with mail_server(answers={step: said}) as heard:
        assert sent(settings_for(heard.port)) == answer
        assert heard.envelopes == []


def test_nobody_is_there() -> None:
    assert sent(settings_for(free_port())) == again("unreachable")
    assert probe(settings_for(25, host="nowhere.invalid")) == "name_unknown"


def _silent(connection: socket.socket) -> None:
    time.sleep(3)


def _gone(connection: socket.socket) -> None:
    connection.close()


def _unwilling(connection: socket.socket) -> None:
    connection.sendall(b"554 5.7.1 go away\r\n")
    time.sleep(0.2)


@pytest.mark.parametrize(("behaviour", "problem"), [(_silent, "too_slow"), (_gone, "hung_up"), (_unwilling, "refused")])
def test_servers_that_do_not_talk(behaviour: object, problem: str) -> None:
    with odd_server(behaviour) as port:  # type: ignore[arg-type]  # one of the three above
        begun = time.monotonic()
        assert sent(settings_for(port)) == again(problem)
        assert time.monotonic() - begun < 2.5


def _silent_after(connection: socket.socket, sign: bytes, *, seconds: float = 2) -> None:
    """Say yes to every line up to the one with a sign in it; then say nothing any more."""
    connection.sendall(b"220 here\r\n")
    data, in_text = b"", False
    while part := connection.recv(4096):
        data += part
        if sign in data:
            time.sleep(seconds)
            return
        if not in_text:
            in_text = part.upper().startswith(b"DATA")
            connection.sendall(b"354 go on\r\n" if in_text else b"250 OK\r\n")


def test_silence_before_the_text_left_is_tried_again() -> None:
    with odd_server(lambda one: _silent_after(one, b"FROM:<")) as port:
        assert sent(settings_for(port)) == again("too_slow")


def test_silence_after_the_text_left_is_never_tried_again() -> None:
    with odd_server(lambda one: _silent_after(one, b"\r\n.\r\n")) as port:
        assert sent(settings_for(port)) == MailAnswer(outcome="unclear", problem="too_slow", of_server=True)


def test_a_connection_lost_after_the_text_left_is_never_tried_again() -> None:
    with odd_server(lambda one: _silent_after(one, b"\r\n.\r\n", seconds=0)) as port:
        assert sent(settings_for(port)) == MailAnswer(outcome="unclear", problem="hung_up", of_server=True)


@pytest.mark.parametrize("address", ["an na@ex\r\nBcc: all@example.org", "anna@example.org\nBcc: all@example.org"])
def test_an_address_that_would_become_a_header_is_refused(address: str) -> None:
    with mail_server() as heard:
        assert sent(settings_for(heard.port), address) == MailAnswer(outcome="never", problem="address_invalid")
        assert heard.envelopes == []
