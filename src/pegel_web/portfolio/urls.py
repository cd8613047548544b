"""Addresses of the portfolio."""

from __future__ import annotations

from django.urls import path

from pegel_web.portfolio.views import (
    case_import,
    case_templates,
    gates,
    introductions,
    inventory_export,
    patterns,
    progress,
    scoring,
    steps,
    use_cases,
)

urlpatterns = [
    path("use-cases/", use_cases.use_case_list, name="use_case_list"),
    path("use-cases/new/", use_cases.register_idea, name="register_idea"),
    path("use-cases/gates/", gates.gate_queue, name="gate_queue"),
    path("use-cases/gates/<uuid:request_id>/", gates.gate_request, name="gate_request"),
    path("use-cases/gates/<uuid:request_id>/decide/", gates.decide_gate, name="decide_gate"),
    path("use-cases/gates/<uuid:request_id>/withdraw/", gates.withdraw_gate, name="withdraw_gate"),
    path("use-cases/patterns/", patterns.experiment_patterns, name="experiment_patterns"),
    path("use-cases/patterns/new/", patterns.set_pattern, name="set_pattern"),
    path("use-cases/patterns/<uuid:pattern_id>/change/", patterns.set_pattern, name="change_pattern"),
    path("use-cases/patterns/<uuid:pattern_id>/end/", patterns.end_pattern, name="end_pattern"),
    path("use-cases/introductions/", introductions.unit_introductions, name="unit_introductions"),
    path(
        "use-cases/introductions/<uuid:unit_id>/", introductions.set_introduction_limit, name="set_introduction_limit"
    ),
    path("use-cases/stalled/", progress.stalled_use_cases, name="stalled_use_cases"),
    path("use-cases/funnel/", progress.use_case_funnel, name="use_case_funnel"),
    path("use-cases/learnings/", progress.pilot_learning_list, name="pilot_learnings"),
    path("use-cases/<uuid:use_case_id>/cause/", progress.name_stall_cause, name="name_stall_cause"),
    path("use-cases/<uuid:use_case_id>/", use_cases.use_case, name="use_case"),
    path("use-cases/<uuid:use_case_id>/change/", use_cases.change_use_case, name="change_use_case"),
    path("use-cases/<uuid:use_case_id>/move/<slug:target>/", use_cases.move_use_case, name="move_use_case"),
    path("use-cases/<uuid:use_case_id>/gate/<slug:gate>/", gates.ask_gate, name="ask_gate"),
    path("use-cases/<uuid:use_case_id>/duties/new/", steps.give_duty, name="give_duty"),
    path("use-cases/<uuid:use_case_id>/duties/<int:duty_id>/end/", steps.end_duty, name="end_duty"),
    path("use-cases/<uuid:use_case_id>/declare/<slug:subject>/", steps.declare_status, name="declare_status"),
    path("use-cases/<uuid:use_case_id>/estimate/", steps.give_estimate, name="give_estimate"),
    path("use-cases/<uuid:use_case_id>/pilot/", steps.plan_pilot, name="plan_pilot"),
    path("use-cases/<uuid:use_case_id>/learning/", steps.close_pilot, name="close_pilot"),
    path("use-cases/<uuid:use_case_id>/experiment/", steps.start_experiment, name="start_experiment"),
    path("use-cases/map/", scoring.use_case_map, name="use_case_map"),
    path("use-cases/map/drawing/", scoring.use_case_map_chart, name="use_case_map_chart"),
    path("use-cases/ranking/", scoring.use_case_ranking, name="use_case_ranking"),
    path("use-cases/ranking/weights/", scoring.set_weights, name="set_weights"),
    path("use-cases/board/", scoring.use_case_board, name="use_case_board"),
    path("use-cases/promised/", scoring.promised_realised, name="promised_realised"),
    path("use-cases/<uuid:use_case_id>/score/<slug:method>/", scoring.score_use_case, name="score_use_case"),
    path("use-cases/<uuid:use_case_id>/realised/", scoring.declare_realised, name="declare_realised"),
    path("use-cases/templates/", case_templates.case_templates, name="case_templates"),
    path("use-cases/templates/<slug:code>/", case_templates.begin_from_template, name="begin_from_template"),
    path("use-cases/export/", inventory_export.case_inventory, name="case_inventory"),
    path("use-cases/import/", case_import.case_imports, name="case_imports"),
    path("use-cases/import/<uuid:case_import_id>/", case_import.case_import, name="case_import"),
    path("use-cases/import/<uuid:case_import_id>/columns/", case_import.map_case_import, name="map_case_import"),
    path(
        "use-cases/import/<uuid:case_import_id>/confirm/", case_import.confirm_case_import, name="confirm_case_import"
    ),
    path(
        "use-cases/import/<uuid:case_import_id>/discard/", case_import.discard_case_import, name="discard_case_import"
    ),
    path("use-cases/import/<uuid:case_import_id>/refused.csv", case_import.refused_case_rows, name="refused_case_rows"),
]
