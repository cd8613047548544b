"""The same answers for programs, agents and on the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pegel_web.core.tools import tools
from pegel_web.privacy.models import Access
from tests.pegel_web.company import Company

ADDRESSES = {
    "/api/v1/audit": "core.audit.view",
    "/api/v1/privacy/rules/report": "privacy.settings.view",
    "/api/v1/privacy/access-log": "privacy.access_log.view",
    "/api/v1/privacy/retention": "privacy.settings.view",
    "/api/v1/privacy/record": "privacy.record.view",
    "/api/v1/privacy/notice": "privacy.notice.view",
}


@pytest.mark.parametrize(
    "role", ["employee", "compliance", "works_council", "data_protection_officer", "administrator"]
)
def test_each_address_answers_those_who_may(company: Company, role: str) -> None:
    actor, client = company.actor(role), company.client(role)
    for address, permission in ADDRESSES.items():
        assert (address, client.get(address).status_code) == (address, 200 if actor.has(permission) else 403)
    assert client.get("/api/v1/privacy/rules").json() == {
        "group_floor": 5, "pseudonyms": True, "works_council_mode": True,
    }  # fmt: skip


def test_periods_are_changed_and_own_data_handed_out(company: Company) -> None:
    client = company.client("data_protection_officer")
    address = "/api/v1/privacy/retention/access_log"
    send: dict[str, Any] = {"content_type": "application/json"}
    assert client.put(address, {"days": 90}, **send).json() == {"days": 90}
    assert client.put(address, {"days": 1}, **send).status_code == 422
    assert client.put("/api/v1/privacy/retention/nothing", {"days": 9}, **send).status_code == 404
    own = client.post("/api/v1/privacy/own-data", **send).json()
    assert own["records"]["roles"][0]["role"] == "data_protection_officer"
    lines = client.get("/api/v1/audit?event=privacy.").json()["lines"]
    assert {one["line"]["event"] for one in lines} == {"privacy.own_data.exported", "privacy.retention.changed"}


@pytest.mark.parametrize(
    "query", ["limit=501", "limit=0", "unit=x", "since=yesterday", "offset=-1", "event=" + "x" * 99]
)
def test_what_makes_no_sense_is_refused(company: Company, query: str) -> None:
    assert company.client("compliance").get(f"/api/v1/audit?{query}").status_code == 422


def test_agents_have_the_same_tools_and_reading_is_noted(company: Company) -> None:
    known: dict[str, Callable[..., Any]] = {one.name: one.function for one in tools()}
    actor = company.actor("works_council")
    assert known["audit_report"](actor).total == 0
    assert known["access_log"](actor).total == 2
    assert known["rules_report"](actor).rules.works_council_mode
    assert known["processing_record"](actor).activities
    assert known["retention_preview"](actor)
    assert known["privacy_notice"](actor).pseudonym
    assert Access.objects.everything(because="test").count() == 2


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``pegel audit …`` on an installation of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PEGEL_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", "from pegel.cli import main; main()", "audit", *arguments],
        capture_output=True, text=True, check=False, timeout=300, env={**kept, "PEGEL_DATA_DIR": str(folder)},
    )  # fmt: skip


def test_the_command_line_says_what_was_tampered_with(tmp_path: Path) -> None:
    script = Path(__file__).with_name("restored_backup.py")
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, capture_output=True, timeout=300)
    whole = run(tmp_path, "verify", "--json")
    assert whole.returncode == 0, whole.stderr
    found = json.loads(whole.stdout)
    assert (found["whole"], found["verification"]["entries"], found["verification"]["seals"]) == (True, 1, 1)
    head = found["verification"]["head_digest"]
    assert run(tmp_path, "verify", "--expect", head).returncode == 0
    (tmp_path / "audit-heads.jsonl").write_text('{"number": 2, "digest": "ffff"}\n')
    broken = run(tmp_path, "verify", "--expect", "0" * 64, "--language", "de")
    assert broken.returncode == 9, broken.stderr
    assert "Siegel 2 (ffff) war außerhalb der Datenbank verzeichnet und fehlt am Ende." in broken.stdout
    assert "nicht unversehrt: 2 Befunde" in broken.stderr
    assert run(tmp_path, "seal").stdout == "Sealed 0 entries.\n"
