"""Addresses of this app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from pegel_web.jobs import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/all/", views.jobs, {"everybody": True}, name="jobs_of_everybody"),
    path("jobs/<uuid:job_id>/", views.job_report, name="job_report"),
    path("jobs/<uuid:job_id>/cancel/", views.cancel_job, name="cancel_job"),
]
