"""Rules for one type or period, and kinds of work of types, made on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from pegel.errors import InputError
from pegel.lake.workflows import workflows
from pegel_web.core.actor import Actor
from pegel_web.core.models import AuditEntry
from pegel_web.flow.contracts.workflow import KindChange
from pegel_web.flow.queries.workflow import stream_workflow, workflow_effect
from pegel_web.flow.services.workflow import confirm_workflow
from tests.pegel_web.company import Company
from tests.pegel_web.flow.test_workflow_page import form_of
from tests.pegel_web.flow.tiny import tiny_stream


def test_a_rule_for_one_type_and_period_is_made_on_the_page(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    client = company.client("team_lead", "K1")
    address = f"/streams/{stream.id}/workflow/"
    sent = form_of(client.get(address).content.decode())
    rule = {"add-state": "Review", "add-type": "Bug", "add-category": "waiting"}
    shown = client.post(f"{address}effect/", {**sent, **rule}).content.decode()
    # Of 13 days the 4 of A, the only bug, are waiting then.
    assert "This moves 31% of the time" in shown
    assert '<option value="Bug" selected>' in shown
    half = client.post(f"{address}confirm/", {**sent, "add-state": "Review"})
    assert half.status_code == 422
    assert "is not complete" in half.content.decode()
    dated = {**rule, "add-from_day": "2026-01-01", "add-until_day": "2026-02-01"}
    assert client.post(f"{address}confirm/", {**sent, **dated, "add-until_day": "2025-01-01"}).status_code == 422
    assert client.post(f"{address}confirm/", {**sent, **dated}).status_code == 302
    found = workflows(lake)["Tiny"]
    (made,) = [one for one in found.rules if one.type == "Bug"]
    assert (made.state, made.category) == ("Review", "waiting")
    assert "only type “Bug”, from 1 Jan 2026, before 1 Feb 2026" in client.get(address).content.decode()


def test_types_are_given_a_kind_of_work_with_its_effect(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    before = stream_workflow(actor=boss, stream_id=stream.id)
    assert [(one.type, one.kind) for one in before.kinds] == [("Bug", None), ("Story", None)]
    kinds = [KindChange(type="Bug", kind="defect"), KindChange(type="Story", kind="feature")]
    effect = workflow_effect(actor=boss, stream_id=stream.id, changes=[], kinds=kinds)
    assert (effect.changed, effect.moves) == (2, ())
    mix = next(one for one in effect.figures if one.metric == "flow_distribution")
    assert (mix.before.meaning, mix.after.value) != (mix.after.meaning, mix.before.value)
    confirm_workflow(actor=boss, stream_id=stream.id, changes=[], kinds=kinds, revision=before.revision)
    assert dict(workflows(lake)["Tiny"].items) == {"Bug": "defect", "Story": "feature"}
    entry = AuditEntry.objects.everything(because="test").get(event="flow.workflow.confirmed")
    assert entry.after is not None
    assert entry.after["kinds"] == {"Bug": "defect", "Story": "feature"}
    for wrong in (KindChange(type="Epic", kind="debt"), KindChange(type="Bug", kind="bug")):
        with pytest.raises(InputError):
            workflow_effect(actor=boss, stream_id=stream.id, changes=[], kinds=[wrong])


def test_the_page_takes_kinds_from_its_form(company: Company, boss: Actor, tmp_path: Path) -> None:
    lake, stream = tiny_stream(company, boss, tmp_path)
    client = company.client("team_lead", "K1")
    address = f"/streams/{stream.id}/workflow/"
    sent = form_of(client.get(address).content.decode())
    assert sent["type-0"] == '["Bug", ""]'
    assert client.post(f"{address}confirm/", {**sent, "type-0": "no json", "kind-0": "defect"}).status_code == 422
    assert client.post(f"{address}confirm/", {**sent, "kind-0": "defect"}).status_code == 302
    assert dict(workflows(lake)["Tiny"].items) == {"Bug": "defect"}
    again = form_of(client.get(address).content.decode())
    assert sorted(value for name, value in again.items() if name.startswith("kind-")) == ["", "defect"]
    reader = company.client("employee", "K1").get(address).content.decode()
    assert "Bug: defect" in reader
