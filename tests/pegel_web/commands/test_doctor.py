"""``pegel doctor``: what is wrong is found, and every finding says what to do in both languages."""

import ast
import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from pegel.words import LANGUAGES, say
from pegel.words.catalogue import forms_of, has, include, placeholders
from pegel_web.commands.doctor_checks import configured, databases, life, mails, places
from pegel_web.commands.doctor_checks.findings import Finding
from pegel_web.commands.installation import whoever_has_the_machine
from pegel_web.config.env import Environment
from pegel_web.core.actor import Actor
from pegel_web.core.models import AuditEntry
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.models import Job, Worker
from pegel_web.jobs.services import enqueue
from pegel_web.notifications.models import Digest
from tests.pegel_web.company import Company
from tests.pegel_web.notifications.mail_servers import free_port, mail_server, settings_for

include("pegel_web.commands")
CHECKS = Path(configured.__file__).parent


def codes(found: list[Finding] | object) -> dict[str, str]:
    return {one.code: one.state for one in found}


@pytest.fixture
def actor(db: None) -> Actor:
    return whoever_has_the_machine("en")


def test_every_finding_has_words_and_what_is_wrong_says_what_to_do() -> None:
    raised = [
        (node.func.id, node.args[0].value, {one.arg for one in node.keywords})
        for path in CHECKS.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("good", "warning", "bad")
    ]
    assert len(raised) > 20
    for state, code, values in raised:
        assert has(f"doctor.{code}"), code
        assert state == "good" or has(f"doctor.{code}.do"), code
        for language in LANGUAGES:
            for part in (f"doctor.{code}", f"doctor.{code}.do"):
                if has(part):
                    assert placeholders(forms_of(part, language)["other"]) <= values, code


def settings_of(**values: object) -> dict[str, str]:
    return codes(configured.check_settings(Environment(**values)))


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in os.environ if one.startswith("PEGEL_")]:
        monkeypatch.delenv(name)
    assert settings_of() == {"settings": "good", "http_here": "good"}
    assert settings_of(public_url="https://p.example.org") == {"settings": "good", "https": "good"}
    assert settings_of(public_url="http://p.example.org", debug=True)["http"] == "bad"
    assert settings_of(public_url="http://p.example.org", debug=True)["debug"] == "bad"
    assert settings_of(debug=True)["debug"] == "warning"
    monkeypatch.setenv("PEGEL_DATABSE_URL", "x")
    (unknown, _) = configured.check_settings(Environment())
    assert (unknown.state, unknown.values) == ("warning", {"names": ["PEGEL_DATABSE_URL"]})


def test_the_secret(tmp_path: Path) -> None:
    def secret(**values: object) -> dict[str, str]:
        return codes(configured.check_secret(Environment(data_dir=tmp_path, **values)))

    assert secret() == {"secret_later": "good"}
    assert secret(secret_key="ab" * 30) == {"secret_weak": "bad"}
    file = tmp_path / "secret.key"
    file.write_text("abcdefghijklmnopqrstuvwxyz" * 3)
    file.chmod(0o640)
    assert secret() == {"secret_open": "bad"}
    file.chmod(0o600)
    assert secret() == {"secret": "good"}
    file.write_text("short")
    assert secret() == {"secret_weak": "bad"}


def test_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert codes(places.check_folder(tmp_path / "gone", sqlite=True)) == {"folder_missing": "bad"}
    tmp_path.chmod(0o777)
    assert codes(places.check_folder(tmp_path, sqlite=True))["folder_open"] == "bad"
    tmp_path.chmod(0o700)
    monkeypatch.setattr(places, "_LITTLE", 10**18)
    assert codes(places.check_folder(tmp_path, sqlite=True))["disk_full"] == "warning"
    monkeypatch.setattr(places, "_NONE", 10**18)
    assert codes(places.check_folder(tmp_path, sqlite=True))["disk_full"] == "bad"


def test_the_file_system_of_the_innermost_mount_counts(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/a / ext4 rw 0 0\nserver:/x /srv/da\\040ta nfs4 rw 0 0\nbroken\nt /srv/da tmpfs rw 0 0\n")
    assert places.file_system(Path("/srv/da ta/pegel"), mounts) == "nfs4"
    assert places.file_system(Path("/srv/data"), mounts) == "ext4"
    assert places.file_system(Path("/srv/da"), mounts) == "tmpfs"
    assert places.file_system(Path("/srv"), tmp_path / "none") == ""


def test_the_lake(tmp_path: Path) -> None:
    assert codes(places.check_lake(tmp_path / "lake")) == {"lake_none": "good"}
    (tmp_path / "lake").mkdir()
    for text, reason in (('{"pegel_lake": 99}', "lake_too_new"), ("{", "JSONDecodeError"), ("{}", "KeyError")):
        (tmp_path / "lake" / "lake.json").write_text(text)
        (found,) = places.check_lake(tmp_path / "lake")
        assert (found.code, found.state, found.values["reason"]) == ("lake_unreadable", "bad", reason)


def test_the_database(actor: Actor) -> None:
    found = codes(databases.check_database())
    assert set(found.values()) == {"good"}
    assert found["migrations"] == "good"


def test_the_mail_server() -> None:
    assert codes(mails.check_mail_server(None)) == {"mail_none": "good"}
    with mail_server() as heard:
        assert codes(mails.check_mail_server(settings_for(heard.port))) == {"mail": "good"}
        assert codes(mails.check_mail_server(settings_for(heard.port, "starttls"))) == {"mail_tls": "warning"}
        assert codes(mails.check_mail_server(settings_for(heard.port, user="x", password="y"))) == {
            "mail_sign_in": "warning"
        }
        assert heard.envelopes == []
    assert codes(mails.check_mail_server(settings_for(free_port()))) == {"mail_unreachable": "warning"}
    assert codes(mails.check_mail_server(settings_for(25, host="nowhere.invalid"))) == {
        "mail_open": "warning", "mail_unreachable": "warning",
    }  # fmt: skip


def test_digests_that_did_not_arrive(db: None) -> None:
    now = shared_now()
    made = {"person_id": uuid4(), "rhythm": "daily", "next_at": now}
    for days, state in ((1, "given_up"), (2, "unclear"), (3, "sent"), (8, "given_up")):
        at = now - timedelta(days=days)
        Digest.objects.create(**made, day=at.date(), state=state, made_at=at)
    (found,) = mails.check_digests(now)
    assert (found.code, found.state, found.values) == ("digests_untaken", "warning", {"n": 2, "days": 7})
    Digest.objects.everything(because="test").delete()
    assert list(mails.check_digests(now)) == []


def test_life(company: Company, actor: Actor) -> None:
    found = codes(life.check_life(actor))
    assert (found["workers_none"], found["administrator_none"], found["static_old"]) == ("bad", "bad", "bad")
    company.actor("administrator")
    now = shared_now()
    Worker.objects.create(name="w", started_at=now, seen_at=now)
    assert codes(life.check_life(actor))["workers"] == "good"
    Worker.objects.update(seen_at=now - timedelta(minutes=2))
    assert codes(life.check_life(actor))["workers_none"] == "bad"
    assert "administrator_none" not in codes(life.check_life(actor))


def test_background_work_that_waits_failed_or_was_left_behind(actor: Actor) -> None:
    job = enqueue(actor=actor, kind="jobs.tidy", arguments={}, label_code="job.jobs.tidy").id
    rows = Job.objects.everything(because="test").filter(pk=job)
    assert "jobs_wait" not in codes(life.check_life(actor))
    past = shared_now() - timedelta(minutes=6)
    rows.update(created_at=past)
    assert codes(life.check_life(actor))["jobs_wait"] == "warning"
    rows.update(state="running", lease_id=job, lease_until=past)
    assert codes(life.check_life(actor))["jobs_left_behind"] == "warning"
    rows.update(state="failed", ended_at=past)
    assert codes(life.check_life(actor))["jobs_failed"] == "warning"


def test_an_audit_that_nobody_seals(actor: Actor, settings) -> None:
    from pegel_web.commands.first_administrator import make_administrator  # noqa: PLC0415  (the settings come first)

    make_administrator(actor=actor, email="a@example.org", name="A", organisation="O")
    assert AuditEntry.objects.everything(because="test").filter(seal=None).exists()
    assert codes(life.check_life(actor))["audit_sealed"] == "good"
    later = Actor(
        person_id=None, at=actor.at + timedelta(minutes=16), through=actor.through, request_id="t", grants=actor.grants
    )
    assert codes(life.check_life(later))["audit_unsealed"] == "warning"


def test_words_say_numbers_as_the_language_writes_them() -> None:
    assert say("doctor.disk", "de", gigabytes=12.34) == "Auf der Platte ist Platz: 12,3 GB."
