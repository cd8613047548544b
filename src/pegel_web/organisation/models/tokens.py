"""Tokens by which programs act for a person."""

from __future__ import annotations

import uuid

from django.db import models

from pegel_web.organisation.models.people import Person


class Token(models.Model):
    """A token of a person (or of a service that a person answers for). Only its digest is kept.

    ``scopes``: ``read``, ``write`` or single permissions; never more than the person has. ``shown``: its first letters,
    so that people recognise it in a list.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    shown = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
