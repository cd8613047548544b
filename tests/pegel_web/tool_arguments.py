"""What each tool is called with in test_access.py: arguments that hold, about the things of things.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.pegel_web.company import Company

_ON = "2026-06-01"


def tool_arguments(company: Company, things: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the arguments of every tool, as a program sends them."""
    one = {name: str(value) for name, value in things.items()}
    unit, person = {"unit_id": one["unit_id"]}, {"person_id": one["person_id"]}
    sales, stream, line = str(company.unit("S")), {"stream_id": one["stream_id"]}, {"text": "Faster", "kind": "offer"}
    return {
        "access_log": {},
        "assign_responsibility": {**person, **unit, "area": "data", "letter": "R"},
        "assign_role": {**person, **unit, "role_name": "champion", "valid_from": _ON},
        "audit_report": {},
        "brought_file": {"file_id": one["file_id"]},
        "brought_files": {},
        "cancel_job": {"job_id": one["own_job_id"]},
        "change_frame_entry": {"entry_id": one["entry_id"], "text": "Faster"},
        "confirm_brought_file": {"file_id": one["file_id"], "seen": "0" * 32},
        "confirm_import": {"import_id": one["import_id"], "digest": "0" * 64},
        "confirm_workflow": {**stream, "revision": "1-0"},
        "create_person": {**unit, "name": "Nils", "valid_from": _ON},
        "create_unit": {"code": "K9", "name": "Marine", "kind": "team", "parent_id": str(company.unit("K")),
                        "valid_from": _ON},
        "decision": {"decision_id": one["decision_id"]},
        "decision_log": {},
        "decision_rights": unit,
        "decision_summary": unit,
        "declare_tool_use": {**unit, "tool": "Assistant", "people": 3},
        "delegations": unit,
        "end_frame_entry": {"entry_id": one["entry_id"]},
        "end_responsibility": {"responsibility_id": one["responsibility_id"]},
        "end_role": {"assignment_id": one["assignment_id"], "on": _ON},
        "end_unit": {**unit, "on": _ON, "successor_id": str(company.unit("K2"))},
        "frame_of": unit,
        "give_delegation": {**unit, "to_person_id": one["person_id"], "permission": "organisation.decision.take",
                            "most_amount": "10", "most_risk": 1},
        "home": {},
        "import_report": {"import_id": one["import_id"]},
        "job_report": {"job_id": one["own_job_id"]},
        "jobs": {},
        "metric_definition": {"metric": one["metric"]},
        "move_person": {**person, "unit_id": sales, "on": _ON},
        "move_unit": {**unit, "parent_id": sales, "on": _ON},
        "organisation_tree": {},
        "own_rights": {},
        "people_list": {},
        "person_report": person,
        "privacy_notice": {},
        "processing_record": {},
        "product_list": {},
        "raise_decision": {**unit, "title": "A tool", "amount": "10", "risk": 1},
        "refresh_stream": stream,
        "rename_unit": {**unit, "name": "Cars", "kind": "team", "on": _ON},
        "responsibility_map": unit,
        "restore_workflow": {**stream, "version": 1, "revision": "1-0"},
        "retention_preview": {},
        "revoke_delegation": {"delegation_id": one["delegation_id"]},
        "role_assignments": unit,
        "role_catalogue": {},
        "rules_report": {},
        "search": {"text": "Motor"},
        "set_frame_entry": {**unit, **line},
        "stream_items": stream,
        "stream_overview": {},
        "stream_report": stream,
        "stream_workflow": stream,
        "structure_imports": {},
        "take_decision": {"decision_id": one["decision_id"], "outcome": "approved", "reason": "cheap"},
        "tool_map": {},
        "unit_report": unit,
        "withdraw_decision": {"decision_id": one["decision_id"]},
        "workflow_effect": {**stream, "changes": []},
    }  # fmt: skip
