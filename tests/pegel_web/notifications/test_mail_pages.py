"""Digests and the mail server as people, programs and the command line meet them."""

from datetime import UTC, datetime, timedelta

from click.testing import CliRunner
from django.test import override_settings

from pegel.errors import InputError, UserError
from pegel_web.commands.mail_test import mail_test
from pegel_web.core.actor import Actor
from pegel_web.core.errors import ConflictError
from pegel_web.core.tools import tool_named
from pegel_web.jobs.models import Job, Schedule
from pegel_web.jobs.performing import run_waiting_jobs
from pegel_web.jobs.schedule import enqueue_due
from pegel_web.notifications.models import Digest, DigestChoice
from pegel_web.organisation.models import User
from tests.pegel_web.company import Company
from tests.pegel_web.notifications.mail_servers import mail_server, settings_for

SERVER = settings_for(9)


def chosen(actor: Actor) -> list[str]:
    rows = DigestChoice.objects.everything(because="test").filter(pk=actor.person())
    return list(rows.values_list("rhythm", flat=True))


def test_without_a_mail_server_the_page_says_so_and_keeps_the_choice(company: Company) -> None:
    client, actor = company.client("employee", "K1"), company.actor("employee", "K1")
    page = client.get("/digest/").content.decode()
    assert "This installation has no mail server" in page
    assert "Every working day (Monday to Friday)" in page
    assert client.post("/digest/", {"rhythm": "weekly"}).status_code == 302
    assert chosen(actor) == ["weekly"]
    assert "hat keinen Mailserver" in client.get("/digest/", headers={"Accept-Language": "de"}).content.decode()


@override_settings(PEGEL_MAIL=SERVER)
def test_choosing_on_the_page(company: Company) -> None:
    client, actor = company.client("employee", "K1"), company.actor("employee", "K1")
    address = User.objects.get(person=actor.person()).email
    page = client.get("/digest/").content.decode()
    assert ("no mail server" in page, address in page, "No digest yet" in page) == (False, True, True)
    assert client.post("/digest/", {"rhythm": "hourly"}).status_code == 422
    assert client.post("/digest/", {}).status_code == 422
    assert client.post("/digest/", {"rhythm": "daily"}).status_code == 302
    at = datetime.now(UTC)
    Digest.objects.create(
        person_id=actor.person(), day=at.date(), rhythm="daily", state="given_up", problem="recipient_refused",
        made_at=at, next_at=at,
    )  # fmt: skip
    page = client.get("/digest/").content.decode()
    assert "Not delivered" in page
    assert "The mail server refused the address." in page
    assert "Not delivered" in client.get("/digest/?digests.export=csv").content.decode()
    # Nobody sees the digests of others.
    assert "Not delivered" not in company.client("employee", "K2").get("/digest/").content.decode()


@override_settings(PEGEL_MAIL=SERVER)
def test_by_rest(company: Company) -> None:
    client, actor = company.client("employee", "K1"), company.actor("employee", "K1")
    assert client.get("/api/v1/digest").json()["rhythm"] == "none"
    changed = client.put("/api/v1/digest", {"rhythm": "daily"}, content_type="application/json")
    assert (changed.status_code, changed.json()["rhythm"], chosen(actor)) == (200, "daily", ["daily"])
    assert client.put("/api/v1/digest", {"rhythm": "x"}, content_type="application/json").status_code == 422
    assert client.get("/api/v1/mail").status_code == 403
    assert company.client("administrator").get("/api/v1/mail").json()["daily"] == 1


@override_settings(PEGEL_MAIL=SERVER)
def test_by_tools(company: Company) -> None:
    actor = company.actor("employee", "K1")
    assert tool_named("choose_digest").function(actor, rhythm="weekly").rhythm == "weekly"
    assert tool_named("own_digest").function(actor).rhythm == "weekly"
    assert tool_named("mail_report").function(company.actor("administrator")).weekly == 1


def test_the_page_of_the_mail_server(company: Company) -> None:
    client = company.client("administrator")
    page = client.get("/mail/").content.decode()
    assert ("No mail server is set" in page, "Send me a test mail" in page) == (True, False)
    assert client.post("/mail/test/").status_code == 302
    with override_settings(PEGEL_MAIL=SERVER):
        at = datetime.now(UTC)
        who = company.person("Anna")
        Digest.objects.create(
            person_id=who.id, day=at.date(), rhythm="daily", state="unclear", problem="hung_up", made_at=at, next_at=at
        )
        page = client.get("/mail/").content.decode()
        assert ("127.0.0.1:9" in page, "Send me a test mail" in page) == (True, True)
        assert "One digest of the last two weeks was not delivered, or it is unclear." in page
        assert (str(who.id) in page, "Anna" in page, "anna" in page) == (False, False, False)
        sent = client.post("/mail/test/")
        job = Job.objects.everything(because="test").get(kind="notifications.test_mail")
        assert sent["Location"] == f"/jobs/{job.id}/"


def test_digests_are_sent_again_and_again_in_the_background(company: Company) -> None:
    enqueue_due()
    enqueue_due()
    assert Schedule.objects.filter(kind="notifications.digests").exists()
    actor = company.actor("employee", "K1")
    at = datetime.now(UTC) - timedelta(minutes=1)
    DigestChoice.objects.create(person_id=actor.person(), rhythm="daily", chosen_at=at, next_at=at)
    with mail_server() as heard, override_settings(PEGEL_MAIL=settings_for(heard.port)):
        run_waiting_jobs()
        # This person sees no stream with an alert: that is noted, and no mail is sent.
        assert heard.envelopes == []
    (row,) = Digest.objects.everything(because="test")
    assert (str(row.state), row.count) == ("nothing", 0)


def run(*arguments: str) -> object:
    done = CliRunner().invoke(mail_test, [*arguments, "--language", "en"], catch_exceptions=True)
    return done.exception or done.stdout


def test_the_command() -> None:
    missing = run("anna@example.org")
    assert isinstance(missing, ConflictError)
    assert missing.code == "mail_not_configured"
    with mail_server() as heard, override_settings(PEGEL_MAIL=settings_for(heard.port)):
        assert run("anna@example.org") == "The mail server took the mail to anna@example.org.\n"
        wrong = run("anna")
        assert isinstance(wrong, InputError)
        assert [one.rcpt_tos for one in heard.envelopes] == [["anna@example.org"]]
        heard.answers["RCPT"] = "550 nobody"
        refused = run("nobody@example.org")
    assert isinstance(refused, UserError)
    assert refused.values == {"reason": "The mail server refused the address."}
