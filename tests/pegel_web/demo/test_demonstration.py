"""The demonstration: made once, the same every time, everybody in a role, nothing twice."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client, override_settings

from pegel import create_lake
from pegel.errors import NotFoundError
from pegel.eventlog.schema import to_us
from pegel.lake.workflows import set_workflow
from pegel.worlds.company import company as world_of
from pegel_web.demo import load
from pegel_web.demo.plan import names, plan
from pegel_web.flow.models import StreamSnapshot, ValueStream
from pegel_web.organisation.models import (
    Decision,
    Delegation,
    FrameEntry,
    Guardrail,
    Identity,
    Person,
    Platform,
    Product,
    Responsibility,
    RoleAssignment,
    ToolUse,
    Unit,
)
from pegel_web.organisation.roles import roles
from pegel_web.portfolio.models import GateRequest, Pilot, UseCase

TOLD: list[str] = []


def tell(code: str, **values: object) -> None:
    TOLD.append(code)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return what ``pegel demo`` would have written: a lake of the invented company, smaller."""
    until = datetime(2026, 1, 1, tzinfo=UTC)
    lake = create_lake(tmp_path / "invented-lake")
    world = world_of(seed=1, items=400, until=until)
    lake.import_source(world.source(), file="Musterwerke", fingerprint="test", seen_us=to_us(until))
    for stream in world.streams:
        set_workflow(lake, stream, world.workflow(stream))
    return tmp_path


def all_of(model: type) -> object:
    return model.objects.everything(because="test")


def test_it_is_made_once(db: None, folder: Path) -> None:
    with override_settings(DATA_DIR=folder / "application"):
        TOLD.clear()
        made = load(folder, language="de", tell=tell)
        assert made.streams == 5
        assert ["demo.organisation", *["demo.computes"] * 5, "demo.use_cases"] == TOLD
        scoped = (
            Unit,
            Product,
            FrameEntry,
            Delegation,
            Decision,
            Responsibility,
            ToolUse,
            RoleAssignment,
            ValueStream,
            Platform,
            Guardrail,
            UseCase,
        )
        counts = {model.__name__: all_of(model).count() for model in scoped}
        assert counts == {
            "Unit": 16, "Product": 7, "FrameEntry": 8, "Delegation": 4, "Decision": 30,
            "Responsibility": counts["Responsibility"], "ToolUse": 10, "RoleAssignment": counts["RoleAssignment"],
            "ValueStream": 5, "Platform": 3, "Guardrail": 3, "UseCase": 15,
        }  # fmt: skip
        assert 55 <= Person.objects.filter(kind="person").count() <= 75
        held = set(all_of(RoleAssignment).values_list("role", flat=True))
        assert held == set(roles())
        open_ones = all_of(Decision).filter(decided_at=None).count()
        assert 3 <= open_ones <= 12
        stands = Counter(all_of(UseCase).values_list("state", flat=True))
        assert stands == {
            "idea": 3, "assessed": 1, "prioritised": 3, "pilot": 1, "production": 2, "scaled": 1, "parked": 1,
            "rejected": 1, "killed": 1, "duplicate": 1,
        }  # fmt: skip
        assert set(all_of(UseCase).exclude(horizon=None).values_list("horizon", flat=True)) >= {1, 2, 3}
        learned = Pilot.objects.exclude(as_planned=None).values_list("as_planned", flat=True)
        assert Counter(learned) == {True: 3, False: 2}
        assert all_of(GateRequest).filter(closed_at=None).count() == 2
        assert all_of(StreamSnapshot).filter(kind="report", period="13w", preferred=True).count() == 5

        TOLD.clear()
        again = load(folder, language="en", tell=tell)
        assert TOLD == []
        assert (again.password, again.personas, again.streams) == (made.password, made.personas, 0)
        assert {model.__name__: all_of(model).count() for model in scoped} == counts

        assert len(made.password) >= 16
        assert (folder / "application" / "demonstration-password").stat().st_mode & 0o077 == 0
        assert Counter(one.role for one in made.personas) == Counter(
            ["executive", "programme_lead", "administrator", "works_council", "team_lead", "product_manager"]
        )
        for one in made.personas:
            client = Client()
            assert client.login(email=one.email, password=made.password)
            assert client.get("/").status_code == 200
            # Whoever steers or leads work sees some: an empty overview would show nothing of what Pegel is for.
            if one.role in ("executive", "programme_lead", "team_lead", "product_manager"):
                assert "<tbody>" in client.get("/streams/").content.decode(), one.role


def test_without_a_lake_it_says_what_to_do(db: None, tmp_path: Path) -> None:
    with override_settings(DATA_DIR=tmp_path / "application"), pytest.raises(NotFoundError) as refused:
        load(tmp_path, language="de", tell=tell)
    assert refused.value.code == "demo_lake_missing"
    assert Identity.objects.count() == 0


def test_nobody_is_drawn_twice_and_always_in_the_same_order() -> None:
    drawn = list(names())
    assert len(set(drawn)) == len(drawn) == 900
    assert drawn == list(names())


def test_every_stream_of_the_plan_has_its_unit_and_product() -> None:
    teams = {team["code"] for one in plan()["departments"] for team in one["teams"]}
    products = {one["code"] for one in plan()["products"]}
    assert all(one["unit"] in teams and one["product"] in products for one in plan()["streams"].values())
