"""What only the organisation can say for its processing record."""

from __future__ import annotations

from django.db import models


class RecordContacts(models.Model):
    """Who answers for the processing (GDPR Art. 30(1)(a)); one row for the installation."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    controller = models.TextField(max_length=1000, blank=True)
    joint_controllers = models.TextField(max_length=1000, blank=True)
    representative = models.TextField(max_length=1000, blank=True)
    data_protection_officer = models.TextField(max_length=1000, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(name="record_one_row", condition=models.Q(id=1)),)
