"""Addresses of this app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from pegel_web.flow.views import adoption, items, overview, stream, workflow

urlpatterns: list[URLPattern | URLResolver] = [
    path("streams/", overview.streams, name="streams"),
    path("streams/refresh/", overview.refresh_streams, name="refresh_streams"),
    path("streams/adopt/", adoption.streams_to_adopt, name="streams_to_adopt"),
    path("streams/adopt/one/", adoption.adopt_stream, name="adopt_stream"),
    path("streams/<uuid:stream_id>/", stream.stream, name="stream"),
    path("streams/<uuid:stream_id>/refresh/", stream.refresh_stream, name="refresh_stream"),
    path("streams/<uuid:stream_id>/change/", adoption.change_stream, name="change_stream"),
    path("streams/<uuid:stream_id>/end/", adoption.end_stream, name="end_stream"),
    path("streams/<uuid:stream_id>/items/", items.stream_items, name="stream_items"),
    path("streams/<uuid:stream_id>/workflow/", workflow.stream_workflow, name="stream_workflow"),
    path("streams/<uuid:stream_id>/workflow/effect/", workflow.workflow_effect, name="workflow_effect"),
    path("streams/<uuid:stream_id>/workflow/confirm/", workflow.confirm_workflow, name="confirm_workflow"),
    path("streams/<uuid:stream_id>/workflow/restore/", workflow.restore_workflow, name="restore_workflow"),
    path("definitions/", items.metric_definitions, name="metric_definitions"),
    path("definitions/<str:metric>/", items.metric_definition, name="metric_definition"),
]
