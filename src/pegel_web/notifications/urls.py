"""Addresses of this app."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from pegel_web.notifications import mail_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("webhooks/", views.webhooks, name="webhooks"),
    path("webhooks/new/", views.make_webhook, name="make_webhook"),
    path("webhooks/<uuid:endpoint_id>/", views.webhook_report, name="webhook_report"),
    path("webhooks/<uuid:endpoint_id>/change/", views.change_webhook, name="change_webhook"),
    path("webhooks/<uuid:endpoint_id>/test/", views.check_webhook, name="check_webhook"),
    path("webhooks/<uuid:endpoint_id>/secret/", views.renew_webhook_secret, name="renew_webhook_secret"),
    path("webhooks/<uuid:endpoint_id>/remove/", views.remove_webhook, name="remove_webhook"),
    path("webhooks/deliveries/<uuid:delivery_id>/retry/", views.retry_delivery, name="retry_delivery"),
    path("digest/", mail_views.own_digest, name="own_digest"),
    path("mail/", mail_views.mail_report, name="mail_report"),
    path("mail/test/", mail_views.ask_for_test_mail, name="ask_for_test_mail"),
]
