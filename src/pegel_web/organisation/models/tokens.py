"""Tokens by which programs act for a person."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from pegel_web.organisation.models.people import Person


class Token(models.Model):
    """A token of a person (or of a service that a person answers for). Only its digest is kept.

    ``scopes``: ``read``, ``write`` or single permissions; never more than the person has. ``shown``: its first letters,
    so that people recognise it in a list. ``created_by``: who made it, where that is not the person it acts for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    shown = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(name="token_forward", condition=Q(expires_at__gt=F("created_at"))),)
        indexes = (models.Index(fields=["person", "created_at"], name="token_person"),)
