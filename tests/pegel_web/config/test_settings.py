"""Settings: what is wrong is told in one sentence; what is right is safe."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pegel.errors import UserError
from pegel_web.config.env import Environment, environment, kept_secret


@pytest.fixture(autouse=True)
def unread() -> None:
    environment.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "detail"),
    [
        ("PEGEL_TIME_ZONE", "Mars/Olympus", "there is no such time zone"),
        ("PEGEL_DATA_DIR", " ", "this is empty"),
        ("PEGEL_TRUSTED_PROXIES", "6", "less than or equal to 5"),
        ("PEGEL_TRUSTED_PROXIES", "-1", "greater than or equal to 0"),
        ("PEGEL_TRUSTED_PROXIES", "9" * 5000, "integer"),
        ("PEGEL_DEBUG", "perhaps", "valid boolean"),
        ("PEGEL_LANGUAGE", "fr", "'de' or 'en'"),
        ("PEGEL_LOG_FORMAT", "xml", "'json' or 'console'"),
        ("PEGEL_PUBLIC_URL", "pegel.example.org", "valid URL"),
        ("PEGEL_DATABASE_URL", "mysql://u:geheim@h/x", "URL scheme"),
        ("PEGEL_SECRET_KEY", "geheim", "at least 50"),
        ("PEGEL_METRICS_TOKEN", "geheim", "at least 16"),
        ("PEGEL_MAIL_HOST", "smtp.example.org", "PEGEL_MAIL_SENDER is needed"),
        ("PEGEL_MAIL_HOST", "https://smtp.example.org", "no name of a server"),
        ("PEGEL_MAIL_SENDER", "Pegel", "no e-mail address"),
        ("PEGEL_MAIL_SENDER", "a@example.org\nBcc: b@example.org", "no other signs"),
        ("PEGEL_MAIL_SECURITY", "ssl", "'starttls', 'tls' or 'none'"),
        ("PEGEL_MAIL_PORT", "0", "greater than or equal to 1"),
        ("PEGEL_MAIL_DIGEST_HOUR", "24", "less than or equal to 23"),
    ],
)
def test_a_wrong_value_is_named_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, detail: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UserError) as refused:
        environment()
    assert refused.value.code == "setting_invalid"
    assert refused.value.exit_code == 2
    assert refused.value.values["name"] == name
    assert detail in str(refused.value.values["detail"])
    assert "geheim" not in str(refused.value)


def test_secrets_do_not_show_themselves() -> None:
    mail = {"mail_sender": "p@example.org", "mail_host": "smtp.example.org", "mail_password": "mmm"}
    found = Environment(secret_key="s" * 60, metrics_token="t" * 20, **mail)
    shown = repr(found) + repr(found.mail)
    assert "mmm" not in shown
    assert "sss" not in shown
    assert "ttt" not in shown


def test_the_mail_server_is_one_or_none_and_its_port_fits_the_encryption() -> None:
    assert Environment().mail is None
    mail = {"mail_sender": "p@example.org", "mail_host": "smtp.example.org"}
    ports = [Environment(**mail, mail_security=one).mail.port for one in ("starttls", "tls", "none")]
    assert ports == [587, 465, 25]
    assert Environment(**mail, mail_port=2525).mail.port == 2525
    assert (Environment(**mail).mail.security, Environment(**mail).mail.user) == ("starttls", "")


def test_every_setting_has_a_description() -> None:
    assert [name for name, one in Environment.model_fields.items() if not (one.description or "").endswith(".")] == []


def test_the_kept_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "new", "secret.key")
    assert kept_secret(tmp_path / "new", "secret.key") == first
    assert len(first) >= 50
    assert (tmp_path / "new" / "secret.key").stat().st_mode & 0o777 == 0o600


def _python(program: str, folder: Path, **settings: str) -> str:
    env = {**os.environ, "PEGEL_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "pegel_web.config.settings"}
    env.pop("PEGEL_DATABASE_URL", None)
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", program]
    done = subprocess.run(command, env={**env, **settings}, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_an_installation_with_tls_passes_djangos_own_deployment_check(tmp_path: Path) -> None:
    program = """
import django; django.setup()
from django.core.management import call_command
call_command("check", deploy=True, fail_level="INFO")
"""
    https = {"PEGEL_PUBLIC_URL": "https://pegel.example.org", "PEGEL_TRUSTED_PROXIES": "1"}
    assert "no issues" in _python(program, tmp_path, **https)


def test_https_makes_cookies_and_redirects_safe(tmp_path: Path) -> None:
    program = """
import json
from pegel_web.config import settings as s
print(json.dumps([s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0,
                  s.DEBUG, s.SECURE_PROXY_SSL_HEADER is None, "pegel.example.org" in s.ALLOWED_HOSTS]))
"""
    on = json.loads(_python(program, tmp_path, PEGEL_PUBLIC_URL="https://pegel.example.org"))
    assert on == [True, True, True, True, False, True, True]
    off = json.loads(_python(program, tmp_path, PEGEL_PUBLIC_URL="http://127.0.0.1:8000"))
    assert off == [False, False, False, False, False, True, False]


def test_sqlite_waits_for_its_turn_and_keeps_a_log(tmp_path: Path) -> None:
    program = """
import django; django.setup()
from django.db import connection, transaction
with transaction.atomic(), connection.cursor() as cursor:
    import sqlite3, json
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0)
    try:
        other.execute("BEGIN IMMEDIATE")
        locked = False
    except sqlite3.OperationalError:
        locked = True
    names = ("journal_mode", "synchronous", "foreign_keys")
    pragmas = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
print(json.dumps([locked, *pragmas]))
"""
    assert json.loads(_python(program, tmp_path)) == [True, "wal", 1, 1]
