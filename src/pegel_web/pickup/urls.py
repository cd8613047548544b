"""Addresses of this app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from pegel_web.pickup import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("streams/pickup/", views.pickup_folders, name="pickup_folders"),
    path("streams/pickup/<uuid:folder_id>/", views.pickup_folder, name="pickup_folder"),
    path("streams/pickup/<uuid:folder_id>/pause/", views.pause_pickup, name="pause_pickup"),
    path("streams/pickup/<uuid:folder_id>/resume/", views.resume_pickup, name="resume_pickup"),
    path("streams/pickup/<uuid:folder_id>/remove/", views.remove_pickup, name="remove_pickup"),
]
