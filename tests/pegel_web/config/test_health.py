"""Health and figures: who may ask, and what they are told."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from pegel_web.config import health
from pegel_web.jobs.actors import pegel_itself
from pegel_web.jobs.clock import shared_now
from pegel_web.jobs.services import enqueue

PROXIED = {"X-Forwarded-For": "203.0.113.9"}


def test_alive_whatever_the_host_and_without_a_database() -> None:
    response = Client().get("/health/live", headers={"Host": "10.1.2.3:8000"})
    assert (response.status_code, response.json()) == (200, {"live": True})
    assert response.headers["Cache-Control"] == "no-store"
    assert Client().post("/health/live").status_code == 405


def test_ready_with_database_migrations_and_folder(db: None) -> None:
    response = Client().get("/health/ready", headers={"Host": "10.1.2.3:8000"})
    assert response.status_code == 200
    assert response.json() == {"ready": True, "checks": {"database": True, "migrations": True, "data_dir": True}}


def test_not_ready_while_a_migration_is_missing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_applied", False)
    MigrationRecorder.Migration.objects.using(connection.alias).filter(app="jobs").delete()
    response = Client().get("/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"] == {"database": True, "migrations": False, "data_dir": True}


def test_not_ready_without_the_folder(db: None, settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path / "gone"
    assert Client().get("/health/ready").json()["checks"]["data_dir"] is False


def test_figures_are_for_this_machine_only(db: None) -> None:
    assert Client().get("/metrics").status_code == 200
    assert Client().get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    # A proxy on this machine that nobody has declared: the caller may be anybody.
    assert Client().get("/metrics", headers=PROXIED).status_code == 403


def test_behind_a_declared_proxy_the_caller_counts(db: None, settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert Client().get("/metrics", headers=PROXIED).status_code == 403
    assert Client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.9, 127.0.0.1"}).status_code == 200


def test_with_a_token_from_anywhere_and_only_with_it(db: None, settings) -> None:
    settings.PEGEL_METRICS_TOKEN = "correct-horse-battery"
    assert Client().get("/metrics").status_code == 403
    for sent in ("Bearer wrong", "Bearer ", "correct", "Bearer correct-horse-battery\u00e4"):
        assert Client().get("/metrics", headers={"Authorization": sent}).status_code == 403
    right = {"Authorization": "Bearer correct-horse-battery"}
    assert Client().get("/metrics", headers=right, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_requests_are_counted_by_route_and_never_by_path(db: None) -> None:
    Client().get("/jobs/00000000-0000-0000-0000-000000000000/")
    Client().get("/erika.mustermann@example.org/geheim")
    shown = Client().get("/metrics").content.decode()
    assert 'pegel_requests_total{method="GET",route="job_report",status="302"}' in shown
    assert 'route="unmatched",status="404"' in shown
    for telling in ("mustermann", "geheim", "00000000"):
        assert telling not in shown


def test_an_invented_method_makes_no_series_of_its_own(db: None) -> None:
    Client().generic("FLUNG", "/jobs/")
    shown = Client().get("/metrics").content.decode()
    assert "FLUNG" not in shown
    assert 'method="OTHER"' in shown


def test_background_work_is_counted(db: None) -> None:
    actor = pegel_itself(at=shared_now(), request_id="test")
    enqueue(actor=actor, kind="jobs.tidy", arguments={}, label_code="job.jobs.tidy")
    shown = Client().get("/metrics").content.decode()
    assert 'pegel_jobs{state="waiting"} 1.0' in shown
    assert "pegel_workers 0.0" in shown
