"""Digests: what stands in one, for whom and in which language."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pegel_web.notifications.digests.registry import DigestLine
from pegel_web.notifications.digests.sending import send_digests
from pegel_web.organisation.models import User
from tests.pegel_web.company import Company
from tests.pegel_web.notifications.mail_servers import mail_server, settings_for, texts
from tests.pegel_web.notifications.post_office import DUE, PLACE, Here, Office, address, choice, digests, line, person


def test_everybody_gets_what_they_may_see_in_their_language(
    company: Company, told: dict[str, Sequence[DigestLine]]
) -> None:
    anna, bert, office = person(company, "K1"), person(company, "S1"), Office()
    told[str(anna.person_id)] = [line("1"), line("2", text="It stalls.")]
    told[str(bert.person_id)] = [line("3", group="Sales")]
    User.objects.filter(person=anna.person()).update(language="de")
    office.send(DUE)
    by_address = {one.to[0]: one for one in office.taken}
    german, english = by_address[address(anna)], by_address[address(bert)]
    assert german.subject == "Pegel: 2 Dinge brauchen einen Blick"
    assert english.subject == "Pegel: one thing calls for a look"
    assert ("Claims" in german.body, "Sales" in german.body) == (True, False)
    assert ("Claims" in english.body, "Sales" in english.body) == (False, True)
    assert "https://pegel.example.org/alerts/1/" in english.body
    assert "oder abbestellen: https://pegel.example.org/digest/" in german.body
    assert "or stop it: https://pegel.example.org/digest/" in english.body
    assert [(str(one.state), one.count) for one in digests()] == (
        [("sent", 2), ("sent", 1)] if anna.person() < bert.person() else [("sent", 1), ("sent", 2)]
    )


def test_only_what_is_new_and_nothing_where_nothing_is(company: Company, told: dict[str, Sequence[DigestLine]]) -> None:
    actor, office = person(company, "K1"), Office()
    told[str(actor.person_id)] = [line("1")]
    office.send(DUE)
    office.send(DUE + timedelta(days=1))
    told[str(actor.person_id)] = [line("1"), line("2", text="Another one.")]
    office.send(DUE + timedelta(days=2))
    # "1" was over for a day and calls again: that is new, too.
    told[str(actor.person_id)] = [line("2")]
    office.send(DUE + timedelta(days=3))
    told[str(actor.person_id)] = [line("1"), line("2")]
    office.send(DUE + timedelta(days=6))
    assert [(str(one.state), one.count) for one in digests()] == [
        ("sent", 1), ("nothing", 0), ("sent", 1), ("nothing", 0), ("sent", 1),
    ]  # fmt: skip
    assert len(office.taken) == 3
    assert "Another one." in office.taken[1].body
    assert "It is late." not in office.taken[1].body
    assert "One thing that you were told of before still calls" in office.taken[1].body


def test_a_long_list_is_cut_and_says_so(company: Company, told: dict[str, Sequence[DigestLine]]) -> None:
    actor, office = person(company, "K1"), Office()
    told[str(actor.person_id)] = [line(str(n), text=f"Line {n}.") for n in range(53)]
    office.send(DUE)
    assert "Line 49." in office.taken[0].body
    assert "Line 50." not in office.taken[0].body
    assert "And 3 more." in office.taken[0].body
    assert len(choice(actor).told) == 53


def test_names_become_neither_headers_nor_lines_nor_markup(
    company: Company, told: dict[str, Sequence[DigestLine]]
) -> None:
    actor = person(company, "K1")
    evil = "Claims\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>\u202e"
    told[str(actor.person_id)] = [line("1", group=evil, text=evil)]
    with mail_server() as heard:
        place = replace(PLACE, server=settings_for(heard.port))
        send_digests(Here(), place, now=lambda: DUE)
    (envelope,), (mail,) = heard.envelopes, heard.mails
    assert envelope.rcpt_tos == [address(actor)]
    assert (mail["Bcc"], mail["To"], mail["From"]) == (None, address(actor), "Pegel <pegel@example.org>")
    plain, html = texts(mail)
    assert "\nBcc" not in plain.replace("\r", "\n")
    assert "Claims Bcc: all@example.org <script>alert(1)</script>\n" in plain.replace("\r\n", "\n")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert mail["List-Unsubscribe"] == "<https://pegel.example.org/digest/>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{digests()[0].id}@example.org>"
