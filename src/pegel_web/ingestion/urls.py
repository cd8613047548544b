"""Addresses of this app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from pegel_web.ingestion import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("streams/files/", views.brought_files, name="brought_files"),
    path("streams/files/<uuid:file_id>/", views.brought_file, name="brought_file"),
    path("streams/files/<uuid:file_id>/confirm/", views.confirm_brought, name="confirm_brought"),
    path("streams/files/<uuid:file_id>/discard/", views.discard_brought, name="discard_brought"),
    path("streams/files/<uuid:file_id>/undo/", views.undo_brought, name="undo_brought"),
    path("streams/files/<uuid:file_id>/rejected.csv", views.brought_rejects, name="brought_rejects"),
]
