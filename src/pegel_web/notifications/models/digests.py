"""Who wants digests, and what became of each."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from pegel_web.core.scope import ScopedManager


class DigestRhythm(models.TextChoices):
    """How often a digest comes; who has no row gets none."""

    DAILY = "daily"
    WEEKLY = "weekly"


class DigestChoice(models.Model):
    """A person wants digests. ``told``: references of what they were told of and what has called ever since."""

    person_id = models.UUIDField(primary_key=True)
    rhythm = models.CharField(max_length=6, choices=DigestRhythm)
    chosen_at = models.DateTimeField()
    next_at = models.DateTimeField(db_index=True)
    told = models.JSONField(default=list)

    objects = ScopedManager()
    view_permission = "notifications.mail.view"
    scope_path = ""


class DigestState(models.TextChoices):
    """Where a digest is.

    ``sending``: it is being handed over; from here on nobody sends it again. ``unclear``: nobody knows whether the
    server took it. ``nothing``: there was nothing to say.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    NOTHING = "nothing"
    UNCLEAR = "unclear"
    GIVEN_UP = "given_up"


class Digest(models.Model):
    """The digest of a person for a day: at most one, whatever happens. What it said is not kept.

    ``count``: how many things it told of; None: not known yet. ``problem``: why it was not taken; empty: it was, or
    nobody has tried.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person_id = models.UUIDField()
    day = models.DateField()
    rhythm = models.CharField(max_length=6, choices=DigestRhythm)
    state = models.CharField(max_length=10, choices=DigestState, default=DigestState.WAITING)
    count = models.PositiveIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)

    objects = ScopedManager()
    view_permission = "notifications.mail.view"
    scope_path = ""

    class Meta:
        constraints = (models.UniqueConstraint(name="digest_one_a_day", fields=["person_id", "day"]),)
        indexes = (
            models.Index(name="digest_due", fields=["next_at"], condition=Q(state="waiting")),
            models.Index(name="digest_made", fields=["made_at"]),
        )
