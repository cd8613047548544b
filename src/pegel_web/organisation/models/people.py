"""People: a person is a pseudonym; what names the person stands in one erasable record."""

from __future__ import annotations

import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from pegel_web.core.scope import ScopedManager
from pegel_web.organisation.models.units import Unit


class PersonKind(models.TextChoices):
    """Who acts."""

    PERSON = "person"
    AGENT = "agent"
    SERVICE = "service"


def new_pseudonym() -> str:
    """Return a name that tells nothing."""
    return f"p-{secrets.token_hex(8)}"


class Person(models.Model):
    """Somebody or something that acts. Nothing here says who it is.

    ``answers_for``: the person with whose rights an agent or service acts, at most.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=PersonKind, default=PersonKind.PERSON)
    pseudonym = models.CharField(max_length=24, unique=True, default=new_pseudonym)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="person")
    answers_for = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="agents")
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="person_answered_for", condition=Q(kind=PersonKind.PERSON) | Q(answers_for__isnull=False)
            ),
        )


class Identity(models.Model):
    """What names a person, and the key of the personal values in the audit. Deleting the row forgets the person.

    ``name``: empty where only a pseudonym was imported. ``reference``: keyed digest of the organisation's own sign for
    the person (personnel number), by which imports recognise them.
    """

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="identity")
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(null=True, unique=True)
    reference = models.CharField(max_length=64, null=True, unique=True)
    key = models.CharField(max_length=64)


class Membership(models.Model):
    """A person belongs to a unit from one date until another."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    objects = ScopedManager()
    view_permission = "organisation.person.view"
    scope_path = "unit_id"

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="membership_forward", condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from"))
            ),
            models.UniqueConstraint(
                name="membership_one_open", fields=["person", "unit"], condition=Q(valid_until__isnull=True)
            ),
        )
